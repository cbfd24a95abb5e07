"""Forgetting one person's data: every value that names them leaves the tables; what happened, and when, stays.

The history and its hash chain hold no personal value, so that they stay as they are, and every figure with them.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, Text, cast, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.complaint import Stage
from domain.masking import squeezed
from domain.outlets import Audience
from domain.ticket import Ticket
from ledger import holds, personal, search, tickets
from ledger import tables as t
from ledger.access_tables import disclosures
from ledger.customer_links import customer_links
from ledger.database import reading, written
from ledger.personal import Act
from ledger.saved_filters import saved_filters

# What a saved list may have been looked for by; anything shorter stands in too many.
_LEAST_SIGNS = 2
_OF_AN_ANSWER = frozenset({"answer", "ratings", "note_id", "pictures"})


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
        ticket = await tickets.get_in(connection, ticket_no)
        if ticket:
            await _forget_filters(connection, ticket)
            await _forget_ticket(connection, ticket)
        await _forget_rows(connection, ticket_no, at=at, by=by)
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
    named |= set(ticket.files if ticket else ())
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
    other = t.tickets.c.ticket_no != but
    naming = select(t.tickets.c.ticket_no).where(cast(t.tickets.c.files, Text).contains(sha256), other)
    return (await connection.execute(naming.limit(1))).first() is not None


async def _count(connection: AsyncConnection, table: Table, ticket_no: str) -> int:
    return await connection.scalar(select(func.count()).where(table.c.ticket_no == ticket_no)) or 0


async def _forget_ticket(connection: AsyncConnection, ticket: Ticket) -> None:
    known = select(t.complaints.c.tags).where(t.complaints.c.ticket_no == ticket.ticket_no)
    blank: dict[str, Any] = {
        "customer": {"language": ticket.customer.language},
        **dict.fromkeys(("vin", "plate", "words"), ""),
        "mileage_km": None,
        "files": [],
        "tags": await connection.scalar(known) or [],  # another tag may be words of the customer's
        "content_hash": tickets.ERASED,
    }
    mine = t.tickets.c.ticket_no == ticket.ticket_no
    await connection.execute(update(t.tickets).where(mine).values(**blank))
    rest = await tickets.get_in(connection, ticket.ticket_no)
    await search.replace(connection, ticket.ticket_no, rest, ())


async def _forget_rows(connection: AsyncConnection, ticket_no: str, *, at: datetime, by: str) -> None:
    def of(table: Table) -> ColumnElement[bool]:
        return table.c.ticket_no == ticket_no

    took = (of(t.inbox)) & (t.inbox.c.kind == "ticket")
    await connection.execute(update(t.inbox).where(took).values(content_hash=tickets.ERASED))
    await connection.execute(update(t.notes).where(of(t.notes)).values(text=""))
    await connection.execute(update(t.evidence).where(of(t.evidence)).values(file_name=""))
    await connection.execute(update(t.notices).where(of(t.notices)).values(subject="", body="", failed_reason=""))
    await connection.execute(update(disclosures).where(of(disclosures)).values(why=""))
    await _forget_addresses(connection, ticket_no)
    await _forget_answers(connection, ticket_no)
    await _end_links(connection, ticket_no, at=at, by=by)


async def _forget_addresses(connection: AsyncConnection, ticket_no: str) -> None:
    n = t.notices.c
    mine = select(n.key, n.address).where(n.ticket_no == ticket_no, n.audience == Audience.CUSTOMER)
    for number, (key, address) in enumerate((await connection.execute(mine)).all()):
        blank = update(t.notices).where(n.key == key, n.address == address)
        await connection.execute(blank.values(address=f"erased-{number}"))


async def _forget_answers(connection: AsyncConnection, ticket_no: str) -> None:
    """Marks stay, for they count; words go, and the link with them."""
    s = t.surveys.c
    rows = await connection.execute(select(s.round, s.answer).where(s.ticket_no == ticket_no))
    for number, answer in rows.all():
        kept = {name: value for name, value in (answer or {}).items() if name in _OF_AN_ANSWER}
        mine = update(t.surveys).where(s.ticket_no == ticket_no, s.round == number)
        values = {"token_hash": secrets.token_hex(32), "answer": kept if answer is not None else None}
        await connection.execute(mine.values(**values))


async def _end_links(connection: AsyncConnection, ticket_no: str, *, at: datetime, by: str) -> None:
    c = customer_links.c
    rows = await connection.execute(select(c.number, c.revoked_at, c.revoked_by).where(c.ticket_no == ticket_no))
    for number, revoked_at, revoked_by in rows.all():
        ended = {"revoked_at": revoked_at or at, "revoked_by": revoked_by or by[:64]}
        mine = update(customer_links).where(c.ticket_no == ticket_no, c.number == number)
        await connection.execute(mine.values(token_hash=secrets.token_hex(32), **ended))


async def _forget_filters(connection: AsyncConnection, ticket: Ticket) -> None:
    """Lists that somebody saved by what named this customer."""
    who, car = ticket.customer, ticket.vehicle
    signs = [squeezed(fact) for fact in (who.name, who.phone, who.email, car.vin, car.plate)]
    told = [each for each in signs if len(each) >= _LEAST_SIGNS]
    f = saved_filters.c
    for person_id, name, query in (await connection.execute(select(f.person_id, f.name, f.query))).all():
        said = squeezed(json.dumps([name, query], ensure_ascii=False))
        if any(each in said for each in told):
            await connection.execute(delete(saved_filters).where(f.person_id == person_id, f.name == name))


_WITH_TEXTS: Sequence[Table] = (t.tickets, t.notes, t.evidence, t.surveys, t.notices, customer_links)
