"""Making the search's index again from what is kept."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import search, tickets
from ledger import tables as t
from ledger.database import reading, writing

_AT_A_TIME = 100  # tickets a transaction: a door that keeps a ticket meanwhile waits for no more than these
_s = search.search_texts.c


async def refill(engine: AsyncEngine, on_progress: Callable[[int, int], None] | None = None) -> int:
    """Index every ticket and its notes anew; returns how many. `on_progress` hears how many are done, of how many.

    It may run while tickets come in.
    """
    everyone = union(select(t.tickets.c.ticket_no), select(t.notes.c.ticket_no))
    async with reading(engine) as connection:
        ticket_nos = sorted(await connection.scalars(everyone))
    for first in range(0, len(ticket_nos), _AT_A_TIME):
        await _index(engine, ticket_nos[first : first + _AT_A_TIME])
        if on_progress:
            on_progress(min(first + _AT_A_TIME, len(ticket_nos)), len(ticket_nos))
    return len(ticket_nos)


async def fill_outdated(engine: AsyncEngine) -> int:
    """Index anew what was indexed by the rules of an earlier release, and is not searched until then; returns how many.

    It may run while tickets come in, be broken off anywhere, and run in several processes at once.
    """
    # The index alone says which come next; their long texts are not read for it.
    next_ids = select(_s.id).where(_s.rules < search.RULES).order_by(_s.id.desc()).limit(_AT_A_TIME)
    outdated = select(_s.ticket_no).where(_s.id.in_(next_ids))
    filled = 0
    while True:
        async with reading(engine) as connection:
            ticket_nos = (await connection.scalars(outdated)).all()
        if not ticket_nos:
            return filled
        await _index(engine, ticket_nos)
        filled += len(ticket_nos)


async def _index(engine: AsyncEngine, ticket_nos: Sequence[str]) -> None:
    kept = await tickets.of_many(engine, ticket_nos)
    said = select(t.notes.c.ticket_no, t.notes.c.text).where(t.notes.c.ticket_no.in_(ticket_nos))
    async with writing(engine) as connection:
        texts = defaultdict[str, list[str]](list)
        for ticket_no, text in await connection.execute(said.order_by(t.notes.c.at, t.notes.c.note_id)):
            texts[ticket_no].append(text)
        for ticket_no in ticket_nos:
            await search.replace(connection, ticket_no, kept.get(ticket_no), texts[ticket_no])
