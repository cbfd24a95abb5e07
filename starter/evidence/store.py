"""The evidence store: files under the SHA-256 of their content, written once and never changed."""

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterable
from pathlib import Path
from typing import NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore

from domain.commands import EvidenceKind
from domain.wording import Both
from starter.evidence.types import media_type_of

MAX_EVIDENCE_BYTES = 25 * 1024 * 1024

# What a kind must be; any other kind may be whatever we take.
_MEDIA = {EvidenceKind.PHOTO: "image/", EvidenceKind.VIDEO: "video/", EvidenceKind.AUDIO: "audio/"}
_SHA256 = re.compile(r"[0-9a-f]{64}")

_REFUSALS: dict[str, Both] = {
    "too_large": (
        "文件超过 25 MB；请压缩或分成几份上传。",
        "The file is over 25 MB; make it smaller or upload it in parts.",
    ),
    "unsupported_media_type": (
        "不接受这种文件；请上传 JPEG、PNG、WebP、GIF、HEIC、PDF、MP4、MOV、MP3、M4A、WAV、OGG、文本、CSV、ZIP、"
        "DOCX 或 XLSX。",
        "This type is not taken; upload JPEG, PNG, WebP, GIF, HEIC, PDF, MP4, MOV, MP3, M4A, WAV, OGG, text, CSV, ZIP, "
        "DOCX or XLSX.",
    ),
    "not_of_this_kind": (
        "文件内容与所报的举证类型不符；请改选类型或换一个文件。",
        "The file is not of the kind it was handed in as; choose another kind or another file.",
    ),
    "empty": ("文件是空的；请重新选择文件。", "The file is empty; choose it again."),
}


class EvidenceRefused(ValueError):  # noqa: N818 - a refusal is an answer
    """`code` is a key of the refusals; `zh` and `en` say what to do."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.zh, self.en = _REFUSALS[code]
        super().__init__(self.en)


class EvidenceNotFound(LookupError):  # noqa: N818 - an answer, not a fault
    """No file of this hash was ever kept."""


class EvidenceDamaged(RuntimeError):  # noqa: N818 - a state of the store
    """What stands under the hash is not what it names: restore the file from a backup."""


class StoreUnavailable(RuntimeError):  # noqa: N818 - a state that may pass
    """The store cannot be read or written now."""


class Stored(NamedTuple):
    """`size` is in bytes."""

    sha256: str
    size: int
    media_type: str


class EvidenceStore:
    """Keeps its files in `folder`, which it makes. Raises StoreUnavailable when it cannot."""

    def __init__(self, folder: Path) -> None:
        self._incoming = folder / "incoming"
        try:
            self._incoming.mkdir(parents=True, exist_ok=True)
            self._store = LocalStore(prefix=folder / "kept", mkdir=True)
        except (OSError, BaseError) as error:
            raise StoreUnavailable(f"The folder {folder} cannot be written to: let this user write it.") from error

    async def keep(self, data: AsyncIterable[bytes], *, kind: EvidenceKind, file_name: str = "") -> Stored:
        """Keep the content; the same content twice is the same file. Raises EvidenceRefused, StoreUnavailable."""
        try:
            with tempfile.NamedTemporaryFile(dir=self._incoming) as draft:
                sha256, size = await _take_in(data, draft)
                path = Path(draft.name)
                media_type = await asyncio.to_thread(media_type_of, path, file_name=file_name)
                _check(media_type, size=size, kind=kind)
                await self._put(sha256, path)
        except (OSError, BaseError) as error:
            raise StoreUnavailable("The evidence store cannot be written to: make room or mend its rights.") from error
        return Stored(sha256, size, media_type)

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

    async def _put(self, sha256: str, path: Path) -> None:
        try:
            # Multipart uploads know no "create": two of them could overwrite each other.
            await obstore.put_async(self._store, _place(sha256), path, mode="create", use_multipart=False)
        except AlreadyExistsError:
            await self.read(sha256)  # kept before, and still whole


async def _take_in(data: AsyncIterable[bytes], draft: "tempfile._TemporaryFileWrapper[bytes]") -> tuple[str, int]:
    """Write the stream to `draft`; its hash and size. Stops reading where it is too large."""
    digest, size = hashlib.sha256(), 0
    async for piece in data:
        size += len(piece)
        if size > MAX_EVIDENCE_BYTES:
            raise EvidenceRefused("too_large")
        digest.update(piece)
        draft.write(piece)
    draft.flush()
    return digest.hexdigest(), size


def _check(media_type: str, *, size: int, kind: EvidenceKind) -> None:
    if not size:
        raise EvidenceRefused("empty")
    if not media_type:
        raise EvidenceRefused("unsupported_media_type")
    if not media_type.startswith(_MEDIA.get(kind, "")):
        raise EvidenceRefused("not_of_this_kind")


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
