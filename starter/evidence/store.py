"""The evidence store: files under the SHA-256 of their content, written once and never changed.

A picture or film loses the place where it was taken before it is kept; the hash of the file as it was sent stays known.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from obstore.exceptions import BaseError
from obstore.store import LocalStore

from domain.commands import EvidenceKind
from starter.evidence.faults import MAX_EVIDENCE_BYTES as MAX_EVIDENCE_BYTES
from starter.evidence.faults import EvidenceDamaged as EvidenceDamaged
from starter.evidence.faults import EvidenceNotFound as EvidenceNotFound
from starter.evidence.faults import EvidenceRefused as EvidenceRefused
from starter.evidence.faults import StoreUnavailable as StoreUnavailable
from starter.evidence.pixels import pixels_of
from starter.evidence.places import forget_places
from starter.evidence.shelf import Found, Shelf
from starter.evidence.types import media_type_of

MOST_PIXELS = 250_000_000  # the largest phone's sensor has 200 million; more is made to choke whoever opens it

# What a kind must be; any other kind may be whatever we take.
_MEDIA = {EvidenceKind.PHOTO: "image/", EvidenceKind.VIDEO: "video/", EvidenceKind.AUDIO: "audio/"}
_PROVEN_AT_MOST = 10_000


class Stored(NamedTuple):
    """`size` is in bytes. `original_sha256` is that of the file as it was sent."""

    sha256: str
    size: int
    media_type: str
    original_sha256: str


class EvidenceStore:
    """Keeps its files on `shelf`, else in `folder`, where they arrive in any case.

    Makes the folder. Raises StoreUnavailable when it cannot.
    """

    def __init__(self, folder: Path, shelf: Shelf | None = None, *, max_bytes: int = MAX_EVIDENCE_BYTES) -> None:
        self._incoming, self._max_bytes = folder / "incoming", max_bytes
        self._proven: dict[str, Found] = {}
        try:
            self._incoming.mkdir(parents=True, exist_ok=True)
            self._shelf = shelf or on_disk(folder)
        except OSError as error:
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
                await self._shelf.put(sha256, path, media_type=media_type)
        except OSError as error:
            raise StoreUnavailable("The evidence store cannot be written to: make room or mend its rights.") from error
        return Stored(sha256, size, media_type, original)

    async def adopt(self, sha256: str, content: bytes) -> bool:
        """Keep what another store kept under this hash, as it is; whether it is new. Proven when this returns.

        Raises EvidenceDamaged, StoreUnavailable.
        """
        if hashlib.sha256(content).hexdigest() != sha256:
            raise EvidenceDamaged(sha256)
        try:
            with tempfile.NamedTemporaryFile(dir=self._incoming) as draft:
                draft.write(content)
                draft.flush()
                path = Path(draft.name)
                is_new = await self._shelf.put(sha256, path, media_type=media_type_of(path))
        except OSError as error:
            raise StoreUnavailable("The evidence store cannot be written to: make room or mend its rights.") from error
        if is_new:
            await self.read(sha256)
        return is_new

    async def read(self, sha256: str) -> bytes:
        """The content, proven by its hash. Raises EvidenceNotFound, EvidenceDamaged, StoreUnavailable."""
        return await self._shelf.get(sha256)

    async def proven(self, sha256: str) -> Found:
        """The file, once its content has been proven by its hash. Raises as `read`.

        What was proven is not read again while the file stays as it is: a film is fetched in many pieces.
        """
        found = await self._shelf.head(sha256)
        if self._proven.get(sha256) != found:
            await self.read(sha256)
            if len(self._proven) >= _PROVEN_AT_MOST:
                self._proven.clear()
            self._proven[sha256] = found
        return found

    def pieces(self, found: Found, *, begin: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `begin` to before `end`, of a file as it was `proven`. Raises as `read`."""
        return self._shelf.pieces(found, begin=begin, end=end)

    async def has(self, sha256: str) -> bool:
        """Whether a file stands under the hash, be it whole or not. Raises StoreUnavailable."""
        try:
            await self._shelf.head(sha256)
        except EvidenceNotFound:
            return False
        return True

    async def link(self, sha256: str, *, lasting: timedelta) -> str | None:
        """Where the file, proven now, may be fetched for that long without asking us; None where it stands on disk.

        Raises as `read`.
        """
        address = await self._shelf.link(sha256, lasting=lasting)
        if address:
            await self.proven(sha256)
        return address

    async def erase(self, sha256: str) -> bool:
        """Delete the file; whether it was there. Its hash stays known to the ledger. Raises StoreUnavailable."""
        self._proven.pop(sha256, None)
        return await self._shelf.erase(sha256)

    def every(self) -> AsyncIterator[Found]:
        """What is kept, referenced or not, in no order. Raises StoreUnavailable."""
        return self._shelf.every()

    def drop_drafts(self, before: datetime, *, dry: bool = False) -> int:
        """Delete what was on its way before then, when a process was killed; how many. Raises StoreUnavailable."""
        # A file on its way to its place on disk is called after it, and a number: obstore lists those not.
        on_way = self._shelf.folder.glob("??/*#*") if self._shelf.folder else ()
        try:
            old = [path for path in (*self._incoming.iterdir(), *on_way) if path.stat().st_mtime < before.timestamp()]
            for path in () if dry else old:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable("The evidence store's drafts cannot be deleted: mend its rights.") from error
        return len(old)


def on_disk(folder: Path) -> Shelf:
    """The files in this folder, which is made. Raises StoreUnavailable."""
    try:
        return Shelf(LocalStore(prefix=folder / "kept", mkdir=True), folder=folder / "kept")
    except (OSError, BaseError) as error:
        raise StoreUnavailable(f"The folder {folder} cannot be written to: let this user write it.") from error


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
