"""Where the files of evidence stand, on disk or in S3: each under its SHA-256, written once and never over."""

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError
from obstore.store import LocalStore, S3Store

from starter.evidence.faults import EvidenceDamaged, EvidenceNotFound, StoreUnavailable
from starter.evidence.media import plain_name, sent_as

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PIECE = 1 << 18
_CANNOT_READ = "The evidence store cannot be read."
_CANNOT_WRITE = "The evidence store cannot be written to: make room or mend its rights."
_NO_BUCKET = "The bucket of the evidence store does not exist: make it, or mend VOCLOOP_EVIDENCE_URL."


class Found(NamedTuple):
    """A file that stands there. `size` is in bytes; `tag` changes whenever the file does."""

    sha256: str
    size: int
    kept_at: datetime
    tag: str


class Shelf:
    """One store of obstore's; `folder` is where it stands when it is on disk."""

    def __init__(self, store: LocalStore | S3Store, *, folder: Path | None = None) -> None:
        self._store, self.folder = store, folder

    async def put(self, sha256: str, path: Path, *, media_type: str) -> bool:
        """Whether it is new; what stands there is proven, never written over. Raises EvidenceDamaged."""
        try:
            with _explained(_CANNOT_WRITE):
                # Multipart uploads know no "create": two of them could overwrite each other.
                await obstore.put_async(
                    *(self._store, _place(sha256), path),
                    mode="create",
                    use_multipart=False,
                    **self._told_of(sha256, media_type),
                )
        except AlreadyExistsError:
            await self.get(sha256)
            return False
        except FileNotFoundError as error:
            raise StoreUnavailable(_NO_BUCKET) from error
        return True

    async def get(self, sha256: str) -> bytes:
        """The content, proven by its hash. Raises EvidenceNotFound, EvidenceDamaged, StoreUnavailable."""
        with _found(sha256):
            found = await obstore.get_async(self._store, _place(sha256))
            content = bytes(await found.bytes_async())
        if hashlib.sha256(content).hexdigest() != sha256:
            raise EvidenceDamaged(sha256)
        return content

    async def head(self, sha256: str) -> Found:
        """Raises EvidenceNotFound, StoreUnavailable."""
        with _found(sha256):
            found = await obstore.head_async(self._store, _place(sha256))
        return _as_found(sha256, found)

    async def pieces(self, found: Found, *, begin: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `begin` to before `end`, of the very file that was found.

        Raises EvidenceDamaged when it has changed since, EvidenceNotFound, StoreUnavailable.
        """
        only_if: Any = {"range": (begin, end)} | ({"if_match": found.tag} if found.tag else {})
        with _found(found.sha256):
            answer = await obstore.get_async(self._store, _place(found.sha256), options=only_if)
            async for piece in answer.stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    async def erase(self, sha256: str) -> bool:
        """Whether it was there. Raises StoreUnavailable."""
        try:
            await self.head(sha256)
            with _explained(_CANNOT_WRITE):
                await obstore.delete_async(self._store, _place(sha256))
        except (EvidenceNotFound, FileNotFoundError):
            return False
        return True

    async def every(self) -> AsyncIterator[Found]:
        """What stands there, in no order. Raises StoreUnavailable."""
        with _explained(_CANNOT_READ):
            async for some in obstore.list(self._store):
                for each in some:
                    sha256 = each["path"].rpartition("/")[2]
                    if each["path"] == _place(sha256) and _SHA256.fullmatch(sha256):
                        yield _as_found(sha256, each)

    async def link(self, sha256: str, *, lasting: timedelta) -> str | None:
        """Where whoever has it may fetch the file by itself, for that long; None on disk. Raises StoreUnavailable."""
        if not isinstance(self._store, S3Store):
            return None
        with _explained(_CANNOT_READ):
            return await obstore.sign_async(self._store, "GET", _place(sha256), lasting)

    def _told_of(self, sha256: str, media_type: str) -> dict[str, Any]:
        """What S3 says of the file to whoever fetches it there: always to be saved, by a name that names nobody."""
        if not isinstance(self._store, S3Store):
            return {}
        name = plain_name(sha256, media_type)
        disposition = f'attachment; filename="{name}"'
        return {"attributes": {"Content-Type": sent_as(media_type), "Content-Disposition": disposition}}


@contextmanager
def _explained(sentence: str) -> Iterator[None]:
    """What a store says of itself may hold its address and worse: it stays in the cause."""
    try:
        yield
    except (AlreadyExistsError, FileNotFoundError, PreconditionError):
        raise  # answers, which those who asked understand
    except (OSError, BaseError) as error:
        raise StoreUnavailable(_NO_BUCKET if "NoSuchBucket" in str(error) else sentence) from error


@contextmanager
def _found(sha256: str) -> Iterator[None]:
    if not _SHA256.fullmatch(sha256):
        raise EvidenceNotFound(sha256[:64])
    try:
        with _explained(_CANNOT_READ):
            yield
    except FileNotFoundError as error:
        if "NoSuchBucket" in str(error):
            raise StoreUnavailable(_NO_BUCKET) from error
        raise EvidenceNotFound(sha256) from None
    except PreconditionError:
        raise EvidenceDamaged(sha256) from None


def _as_found(sha256: str, meta: Any) -> Found:
    return Found(sha256, meta["size"], meta["last_modified"], meta["e_tag"] or "")


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"
