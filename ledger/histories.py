"""Every complaint's events, one complaint after the other: for what reads the whole ledger once."""

from collections.abc import AsyncIterator

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.events import Event
from ledger import tables as t
from ledger.database import reading

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


async def histories(engine: AsyncEngine) -> AsyncIterator[tuple[Event, ...]]:
    """By ticket number, each first to last. Raises LedgerUnavailable; ValidationError for an event nobody can read."""
    events: list[Event] = []
    query = select(t.events.c.seq, t.events.c.body).order_by(t.events.c.ticket_no, t.events.c.seq)
    async with reading(engine) as connection:
        async for row in await connection.stream(query):
            if row.seq == 1 and events:
                yield tuple(events)
                events = []
            events.append(_EVENT.validate_json(row.body))
    if events:
        yield tuple(events)
