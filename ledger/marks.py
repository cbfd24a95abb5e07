"""How far each complaint has come in all that its page shows, so that an open page knows when to be read anew."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import tables as t
from ledger.database import reading
from ledger.goodwill import goodwill
from ledger.red_lines import happenings


async def of_many(engine: AsyncEngine, ticket_nos: Collection[str]) -> Mapping[str, str]:
    """A mark for each ticket that is known: another one when an event, word, file or letter has come or gone out,
    or goodwill was asked for or decided."""
    seq = func.coalesce(t.complaints.c.seq, 0)
    counts = [*(_count(table) for table in (t.notes, t.evidence, t.notices)), _count(happenings, of="red_line_id")]
    sent = _count(t.notices, t.notices.c.sent_at)
    given = _of(goodwill, func.coalesce(func.sum(goodwill.c.seq + 1), 0))
    known = t.tickets.outerjoin(t.complaints, t.complaints.c.ticket_no == t.tickets.c.ticket_no)
    query = select(t.tickets.c.ticket_no, seq, *counts, sent, given).select_from(known)
    async with reading(engine) as connection:
        found = await connection.execute(query.where(t.tickets.c.ticket_no.in_(ticket_nos)))
        return {ticket_no: ".".join(map(str, counted)) for ticket_no, *counted in found}


async def of(engine: AsyncEngine, ticket_no: str) -> str:
    """The ticket's mark; "" of one that nobody brought."""
    return (await of_many(engine, (ticket_no,))).get(ticket_no, "")


def _count(table: Table, *what: ColumnElement[object], of: str = "ticket_no") -> ColumnElement[int]:
    return _of(table, func.count(*what), of=of)


def _of(table: Table, figure: ColumnElement[int], *, of: str = "ticket_no") -> ColumnElement[int]:
    return (
        select(figure)
        .select_from(table)
        .where(table.c[of] == t.tickets.c.ticket_no)
        .correlate(t.tickets)
        .scalar_subquery()
    )
