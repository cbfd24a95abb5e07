"""Forgetting one person's data: every value that names them leaves the tables; what happened, and when, stays.

The history and its hash chain hold no personal value, so that they stay as they are, and every figure with them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from sqlalchemy import Table, Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.complaint import Stage
from ledger import holds, personal, restricting, tickets, vehicles
from ledger import tables as t
from ledger.access_tables import disclosures
from ledger.customer_links import customer_links
from ledger.database import reading, written
from ledger.forgetting import forget
from ledger.personal import Act
from ledger.personal_tables import restricted_papers


class Refusal(StrEnum):
    UNKNOWN = "unknown"
    HELD = "held"
    OPEN = "open"


class Erased(NamedTuple):
    """`refused` is None when it was done. `counts` is what was, or would be, forgotten, by kind.

    `files` are the SHA-256 of those that no other complaint has: for whoever keeps files to delete.
    """

    ticket_no: str
    refused: Refusal | None
    sentence: str
    counts: Mapping[str, int]
    files: tuple[str, ...]


async def erase(
    engine: AsyncEngine, ticket_no: str, *, at: datetime, by: str, why: str, is_forced: bool = False, dry: bool = False
) -> Erased:
    """Forget the customer of this complaint. Safe to repeat. `is_forced` does so while the complaint is open, too.

    What was written stays in free pages and in the log until `scrubbing.scrub`. Raises LedgerUnavailable.
    """
    if dry:
        async with reading(engine) as connection:
            return await _looked(connection, ticket_no, is_forced=is_forced)
    work = partial(_erase, ticket_no=ticket_no, at=at, by=by, why=why, is_forced=is_forced)
    return await written(engine, work)


async def _erase(
    connection: AsyncConnection, *, ticket_no: str, at: datetime, by: str, why: str, is_forced: bool
) -> Erased:
    found = await _looked(connection, ticket_no, is_forced=is_forced)
    if found.refused is None:
        vin = await vehicles.vin_of(connection, ticket_no)
        await vehicles.forget(connection, vin, but=ticket_no)
        await forget(connection, ticket_no, at=at, by=by)
        await restricting.drop_papers(connection, ticket_no)
        await personal.destroy_key(connection, ticket_no)
        await personal.record(connection, ticket_no, Act.ERASED, at=at, by=by, why=why, counts=found.counts)
    return found


async def _looked(connection: AsyncConnection, ticket_no: str, *, is_forced: bool) -> Erased:
    files = await _own_files(connection, ticket_no)
    counts = {table.name: await _count(connection, table, ticket_no) for table in (*_WITH_TEXTS, disclosures)}
    refused, sentence = await _refusal(connection, ticket_no, counts, is_forced=is_forced)
    return Erased(ticket_no, refused, sentence, {**counts, "files": len(files)}, files)


async def _refusal(
    connection: AsyncConnection, ticket_no: str, counts: Mapping[str, int], *, is_forced: bool
) -> tuple[Refusal | None, str]:
    if not any(counts.values()):
        return Refusal.UNKNOWN, f"The ledger has no complaint {ticket_no}: check its number."
    hold = (await holds.standing_in(connection, [ticket_no])).get(ticket_no)
    if hold:
        return Refusal.HELD, (
            f"{ticket_no} is under legal hold since {hold.placed_at:%Y-%m-%d} ({hold.why}): lift the hold first with"
            f" `vocloop hold lift {ticket_no}`."
        )
    stage = await connection.scalar(select(t.complaints.c.stage).where(t.complaints.c.ticket_no == ticket_no))
    if stage != Stage.CLOSED and not is_forced:
        return Refusal.OPEN, (
            f"{ticket_no} is still open, and nobody could reach its customer any more: close it first, or give --force."
        )
    return None, ""


async def _own_files(connection: AsyncConnection, ticket_no: str) -> tuple[str, ...]:
    """The complaint's files that stand on no other whose data is not erased."""
    mine = select(t.evidence.c.sha256).where(t.evidence.c.ticket_no == ticket_no)
    named = set(await connection.scalars(mine))
    ticket = await tickets.get_in(connection, ticket_no)
    named |= {*(ticket.files if ticket else ()), *await restricting.own_files(connection, ticket_no)}
    others = select(t.evidence.c.sha256, t.evidence.c.ticket_no).where(
        t.evidence.c.sha256.in_(named), t.evidence.c.ticket_no != ticket_no
    )
    used = (await connection.execute(others)).all()
    erased = await personal.standing_in(connection, {row.ticket_no for row in used})
    is_erased = {number for number, each in erased.items() if each.act is Act.ERASED}
    shared = {row.sha256 for row in used if row.ticket_no not in is_erased}
    return tuple(sorted([each for each in named - shared if not await _is_named(connection, each, but=ticket_no)]))


async def _is_named(connection: AsyncConnection, sha256: str, *, but: str) -> bool:
    """Whether another ticket came with the file."""
    for kept in (t.tickets.c.files, restricted_papers.c.body):
        others = select(kept.table.c.ticket_no).where(cast(kept, Text).contains(sha256))
        if await connection.scalar(others.where(kept.table.c.ticket_no != but).limit(1)):
            return True
    return False


async def _count(connection: AsyncConnection, table: Table, ticket_no: str) -> int:
    return await connection.scalar(select(func.count()).where(table.c.ticket_no == ticket_no)) or 0


_WITH_TEXTS: Sequence[Table] = (t.tickets, t.notes, t.evidence, t.surveys, t.notices, customer_links)
