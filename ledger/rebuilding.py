"""Making the projections again from the events."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger import tables as t
from ledger.database import reading, written
from ledger.events import timeline_in
from ledger.policies import UnknownPolicy
from ledger.projection import forget, project_anew

_AT_A_TIME = 20  # complaints a transaction: a worker that appends meanwhile waits for no more than these


class Rebuilt(NamedTuple):
    """`broken` are tickets whose events cannot be folded; their projections were left as they were."""

    complaints: int
    broken: tuple[str, ...]


async def rebuild(engine: AsyncEngine, on_progress: Callable[[int, int], None] | None = None) -> Rebuilt:
    """Make every complaint's projection again from its events; what has no events leaves the projections.

    It may run while the worker appends. Verify first: a rebuilt projection no longer tells that a tail was cut off.
    `on_progress` hears how many complaints are done, and of how many.
    """
    async with reading(engine) as connection:
        everyone = union(select(t.events.c.ticket_no), select(t.complaints.c.ticket_no))
        tickets = sorted(await connection.scalars(everyone))
    broken: list[str] = []
    for first in range(0, len(tickets), _AT_A_TIME):
        some = tickets[first : first + _AT_A_TIME]
        broken += await rebuild_some(engine, some)
        if on_progress:
            on_progress(first + len(some), len(tickets))
    return Rebuilt(len(tickets) - len(broken), tuple(broken))


async def rebuild_some(engine: AsyncEngine, ticket_nos: Sequence[str]) -> list[str]:
    """As `rebuild`, of these complaints in one transaction; returns those that cannot be folded."""
    return await written(engine, partial(_rebuild_some, ticket_nos=ticket_nos))


async def _rebuild_some(connection: AsyncConnection, *, ticket_nos: Sequence[str]) -> list[str]:
    """Those that cannot be folded."""
    return [ticket_no for ticket_no in ticket_nos if not await _rebuilt(connection, ticket_no)]


async def _rebuilt(connection: AsyncConnection, ticket_no: str) -> bool:
    # Nobody moves the rows between the reading of the events and the writing of what they tell.
    await connection.execute(select(t.complaints.c.seq).where(t.complaints.c.ticket_no == ticket_no).with_for_update())
    try:
        recorded = await timeline_in(connection, ticket_no)
        if recorded:
            await project_anew(connection, [each.event for each in recorded])
        else:
            await forget(connection, ticket_no)
    except (ValueError, UnknownPolicy):
        return False
    return True
