"""The evidence store: files under the SHA-256 of their content, written once and never changed.

A picture or film loses the place where it was taken before it is kept; the hash of the file as it was sent stays known.
"""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore

from domain.commands import EvidenceKind
from domain.wording import Both
from starter.evidence.pixels import pixels_of
from starter.evidence.places import forget_places
from starter.evidence.types import media_type_of

MAX_EVIDENCE_BYTES = 25 * 1024 * 1024  # unless the settings say otherwise
MOST_PIXELS = 250_000_000  # the largest phone's sensor has 200 million; more is made to choke whoever opens it

# What a kind must be; any other kind may be whatever we take.
_MEDIA = {EvidenceKind.PHOTO: "image/", EvidenceKind.VIDEO: "video/", EvidenceKind.AUDIO: "audio/"}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 18
_PROVEN_AT_MOST = 10_000

_REFUSALS: dict[str, Both] = {
    "too_large": (
        "文件超过 {mb:g} MB；请压缩或分成几份上传。",
        "The file is over {mb:g} MB; make it smaller or upload it in parts.",
    ),
    "unsupported_media_type": (
        "不接受这种文件；请上传 JPEG、PNG、WebP、GIF、HEIC、PDF、MP4、MOV、WebM、MP3、M4A、AAC、AMR、WAV、OGG、"
        "文本、CSV、ZIP、DOCX 或 XLSX。",
        "This type is not taken; upload JPEG, PNG, WebP, GIF, HEIC, PDF, MP4, MOV, WebM, MP3, M4A, AAC, AMR, WAV, OGG, "
        "text, CSV, ZIP, DOCX or XLSX.",
    ),
    "too_many_pixels": (
        "图片的像素过多；请缩小后上传。",
        "The picture has too many pixels; make it smaller and upload it again.",
    ),
    "not_of_this_kind": (
        "文件内容与所报的举证类型不符；请改选类型或换一个文件。",
        "The file is not of the kind it was handed in as; choose another kind or another file.",
    ),
    "empty": ("文件是空的；请重新选择文件。", "The file is empty; choose it again."),
}


class EvidenceRefused(ValueError):  # noqa: N818 - a refusal is an answer
    """`code` is a key of the refusals; `zh` and `en` say what to do."""

    def __init__(self, code: str, *, max_bytes: int = MAX_EVIDENCE_BYTES) -> None:
        self.code = code
        self.zh, self.en = (said.format(mb=max_bytes / (1 << 20)) for said in _REFUSALS[code])
        super().__init__(self.en)


class EvidenceNotFound(LookupError):  # noqa: N818 - an answer, not a fault
    """No file of this hash was ever kept."""


class EvidenceDamaged(RuntimeError):  # noqa: N818 - a state of the store
    """What stands under the hash is not what it names: restore the file from a backup."""


class StoreUnavailable(RuntimeError):  # noqa: N818 - a state that may pass
    """The store cannot be read or written now."""


class Stored(NamedTuple):
    """`size` is in bytes. `original_sha256` is that of the file as it was sent."""

    sha256: str
    size: int
    media_type: str
    original_sha256: str


class EvidenceStore:
    """Keeps its files in `folder`, which it makes. Raises StoreUnavailable when it cannot."""

    def __init__(self, folder: Path, *, max_bytes: int = MAX_EVIDENCE_BYTES) -> None:
        self._incoming, self._max_bytes = folder / "incoming", max_bytes
        self._proven: dict[str, tuple[int, str]] = {}
        try:
            self._incoming.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(prefix=folder / "kept", mkdir=True)
        except (OSError, BaseError) as error:
            raise StoreUnavailable(f"The folder {folder} cannot be written to: let this user write it.") from error

    async def keep(self, data: AsyncIterable[bytes], *, kind: EvidenceKind, file_name: str = "") -> Stored:
        """Keep the content without its place; the same content twice is the same file.

        Raises EvidenceRefused, EvidenceDamaged, StoreUnavailable.
        """
        try:
            with tempfile.NamedTemporaryFile(dir=self._incoming) as draft:
                original, size = await _take_in(data, draft, max_bytes=self._max_bytes)
                path = Path(draft.name)
                media_type = await asyncio.to_thread(media_type_of, path, file_name=file_name)
                _check(media_type, size=size, kind=kind)
                sha256 = await asyncio.to_thread(_cleaned, path, media_type)
                await self._put(sha256, path)
        except (OSError, BaseError) as error:
            raise StoreUnavailable("The evidence store cannot be written to: make room or mend its rights.") from error
        return Stored(sha256, size, media_type, original)

    async def read(self, sha256: str) -> bytes:
        """The content, proven by its hash. Raises EvidenceNotFound, EvidenceDamaged, StoreUnavailable."""
        if not _SHA256.fullmatch(sha256):
            raise EvidenceNotFound(sha256[:64])
        try:
            found = await obstore.get_async(self._store, _place(sha256))
            content = bytes(await found.bytes_async())
        except FileNotFoundError:
            raise EvidenceNotFound(sha256) from None
        except (OSError, BaseError) as error:
            raise StoreUnavailable("The evidence store cannot be read.") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise EvidenceDamaged(sha256)
        return content

    async def proven(self, sha256: str) -> int:
        """Its size in bytes, once its content has been proven by its hash. Raises as `read`.

        What was proven is not read again while the file stays as it is: a film is fetched in many pieces.
        """
        state = await self._state(sha256)
        if self._proven.get(sha256) != state:
            await self.read(sha256)
            if len(self._proven) >= _PROVEN_AT_MOST:
                self._proven.clear()
            self._proven[sha256] = state
        return state[0]

    async def pieces(self, sha256: str, *, begin: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `begin` to before `end`, of a file that was `proven`. Raises StoreUnavailable."""
        try:
            found = await obstore.get_async(self._store, _place(sha256), options={"range": (begin, end)})
            async for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)
        except (OSError, BaseError) as error:
            raise StoreUnavailable("The evidence store cannot be read.") from error

    async def erase(self, sha256: str) -> bool:
        """Delete the file; whether it was there. Its hash stays known to the ledger. Raises StoreUnavailable."""
        if not _SHA256.fullmatch(sha256):
            return False
        self._proven.pop(sha256, None)
        try:
            await obstore.head_async(self._store, _place(sha256))
            await obstore.delete_async(self._store, _place(sha256))
        except FileNotFoundError:
            return False
        except (OSError, BaseError) as error:
            raise StoreUnavailable("The evidence store cannot be written to: mend its rights.") from error
        return True

    async def _state(self, sha256: str) -> tuple[int, str]:
        """The file's size and what changes whenever the file does."""
        if not _SHA256.fullmatch(sha256):
            raise EvidenceNotFound(sha256[:64])
        try:
            found = await obstore.head_async(self._store, _place(sha256))
        except FileNotFoundError:
            raise EvidenceNotFound(sha256) from None
        except (OSError, BaseError) as error:
            raise StoreUnavailable("The evidence store cannot be read.") from error
        return found["size"], f"{found['e_tag']} {found['last_modified']}"

    async def _put(self, sha256: str, path: Path) -> None:
        try:
            # Multipart uploads know no "create": two of them could overwrite each other.
            await obstore.put_async(self._store, _place(sha256), path, mode="create", use_multipart=False)
        except AlreadyExistsError:
            await self.read(sha256)  # kept before, and still whole


async def _take_in(
    data: AsyncIterable[bytes], draft: "tempfile._TemporaryFileWrapper[bytes]", *, max_bytes: int
) -> tuple[str, int]:
    """Write the stream to `draft`; its hash and size. Stops reading where it is too large."""
    digest, size = hashlib.sha256(), 0
    async for piece in data:
        size += len(piece)
        if size > max_bytes:
            raise EvidenceRefused("too_large", max_bytes=max_bytes)
        digest.update(piece)
        draft.write(piece)
    draft.flush()
    return digest.hexdigest(), size


def _cleaned(path: Path, media_type: str) -> str:
    """Take the place out of the file; its hash then. Raises EvidenceRefused."""
    if pixels_of(path, media_type) > MOST_PIXELS:
        raise EvidenceRefused("too_many_pixels")
    forget_places(path, media_type)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(media_type: str, *, size: int, kind: EvidenceKind) -> None:
    if not size:
        raise EvidenceRefused("empty")
    if not media_type:
        raise EvidenceRefused("unsupported_media_type")
    if not media_type.startswith(_MEDIA.get(kind, "")):
        raise EvidenceRefused("not_of_this_kind")


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
