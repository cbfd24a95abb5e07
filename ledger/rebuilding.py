"""Making the projections again from the events."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.complaint import Complaint
from domain.events import Event
from ledger import policies
from ledger import tables as t
from ledger.database import reading, written
from ledger.policies import UnknownPolicy
from ledger.projection import forget, put_anew, refold

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)

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
    """Those that cannot be folded. The others have their rows in as few statements as if they were one."""
    c = t.complaints.c
    # Nobody moves the rows between the reading of the events and the writing of what they tell.
    held = select(c.seq).where(c.ticket_no.in_(ticket_nos)).order_by(c.ticket_no)
    await connection.execute(held.with_for_update())
    bodies = await _bodies(connection, ticket_nos)
    told: list[tuple[Complaint, Sequence[Event]]] = []
    broken: list[str] = []
    for ticket_no, mine in bodies.items():
        try:
            happened = [_EVENT.validate_json(body) for body in mine]
            told.append((await refold(connection, happened, policy_in=policies.known_in), happened))
        except (ValueError, UnknownPolicy):
            broken.append(ticket_no)
    await forget(connection, [each for each in ticket_nos if each not in bodies])
    await put_anew(connection, told)
    return broken


async def _bodies(connection: AsyncConnection, ticket_nos: Sequence[str]) -> dict[str, list[str]]:
    """Each ticket's events, first to last; those that have none are left out."""
    e = t.events.c
    query = select(e.ticket_no, e.body).where(e.ticket_no.in_(ticket_nos)).order_by(e.ticket_no, e.seq)
    bodies: dict[str, list[str]] = {}
    for ticket_no, body in await connection.execute(query):
        bodies.setdefault(ticket_no, []).append(body)
    return bodies
