"""What is known of each file of evidence. The files themselves stand in the evidence store, under their hash."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import tables as t
from ledger.database import reading, writing
from ledger.rows import insert_new


class EvidenceRow(NamedTuple):
    """`size` is in bytes; `kind` is a domain EvidenceKind."""

    ticket_no: str
    sha256: str
    kind: str
    media_type: str
    size: int
    file_name: str
    stored_at: datetime
    by: str

    def went_by(self, erased_at: datetime | None) -> bool:
        """Whether the file went with its complaint's data, if that was erased at an instant."""
        return erased_at is not None and self.stored_at <= erased_at


async def keep(
    engine: AsyncEngine,
    *,
    ticket_no: str,
    sha256: str,
    kind: str,
    media_type: str,
    size: int,
    file_name: str,
    stored_at: datetime,
    by: str,
    original_sha256: str = "",
) -> bool:
    """Keep the row, once per ticket and file; whether it is new. What was said of the file first stays.

    `original_sha256` is that of the file as it was sent, where it was kept without its place.
    """
    row = EvidenceRow(ticket_no, sha256, kind, media_type, size, file_name, stored_at, by)
    sent = {"ticket_no": ticket_no, "original_sha256": original_sha256 or sha256, "sha256": sha256}
    async with writing(engine) as connection:
        is_new = await insert_new(connection, t.evidence, row._asdict())
        await insert_new(connection, t.evidence_originals, sent)
        return is_new


async def get(engine: AsyncEngine, *, ticket_no: str, sha256: str) -> EvidenceRow | None:
    """The file as evidence on this ticket; None when it was never handed in there."""
    query = select(t.evidence).where(t.evidence.c.ticket_no == ticket_no, t.evidence.c.sha256 == sha256)
    async with reading(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    return EvidenceRow(**row._mapping) if row else None


async def is_kept(engine: AsyncEngine, sha256: str) -> bool:
    """Whether the file was handed in as evidence, on whatever ticket."""
    query = select(t.evidence.c.ticket_no).where(t.evidence.c.sha256 == sha256).limit(1)
    async with reading(engine) as connection:
        return (await connection.execute(query)).first() is not None


async def of_ticket(engine: AsyncEngine, ticket_no: str) -> tuple[EvidenceRow, ...]:
    """The ticket's evidence in the order it was stored."""
    query = select(t.evidence).where(t.evidence.c.ticket_no == ticket_no)
    async with reading(engine) as connection:
        found = await connection.execute(query.order_by(t.evidence.c.stored_at, t.evidence.c.sha256))
        return tuple(EvidenceRow(**row._mapping) for row in found)


async def originals(engine: AsyncEngine, ticket_no: str) -> dict[str, str]:
    """The SHA-256 of each file as it was sent on this ticket, and under which it is kept. Kept ones name themselves."""
    sent, kept = t.evidence_originals.c, t.evidence.c
    named = select(sent.original_sha256, sent.sha256).where(sent.ticket_no == ticket_no)
    stored = select(kept.sha256, kept.sha256).where(kept.ticket_no == ticket_no)
    async with reading(engine) as connection:
        found = [tuple(row) for query in (named, stored) for row in await connection.execute(query)]
    return dict(found)
