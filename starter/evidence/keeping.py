"""A file handed in on a ticket: into the store, and who handed it in into the ledger. For all doors that take files."""

from collections.abc import AsyncIterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.commands import EvidenceKind
from ledger import evidence
from starter.evidence.names import kept_name
from starter.evidence.store import EvidenceStore, StoreUnavailable


class Upload(NamedTuple):
    """`kind` is what was said of the file first; `is_new` is False when the ticket had it."""

    sha256: str
    original_sha256: str
    kind: EvidenceKind
    media_type: str
    size: int
    is_new: bool


async def keep_upload(
    store: EvidenceStore,
    engine: AsyncEngine,
    data: AsyncIterable[bytes],
    *,
    ticket_no: str,
    kind: EvidenceKind,
    at: datetime,
    file_name: str = "",
    by: str = "",
) -> Upload:
    """Keep it as evidence on a ticket that is known. Raises EvidenceRefused, EvidenceDamaged, StoreUnavailable."""
    name = kept_name(file_name)
    stored = await store.keep(data, kind=kind, file_name=name)
    is_new = await evidence.keep(
        engine,
        ticket_no=ticket_no,
        sha256=stored.sha256,
        original_sha256=stored.original_sha256,
        kind=kind,
        media_type=stored.media_type,
        size=stored.size,
        file_name=name,
        stored_at=at,
        by=by.replace("\x00", "")[:200],
    )
    if not await store.has(stored.sha256):  # swept or erased as nobody's in between; sent again it is kept anew
        raise StoreUnavailable("The file was deleted while it came: send it again.")
    row = None if is_new else await evidence.get(engine, ticket_no=ticket_no, sha256=stored.sha256)
    said = EvidenceKind(row.kind) if row else kind
    return Upload(stored.sha256, stored.original_sha256, said, stored.media_type, stored.size, is_new)
