"""Which files the ledger names, and whether any complaint that names one still has its data."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import NamedTuple

from sqlalchemy import and_, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger import tables as t
from ledger.database import reading, writing
from ledger.personal import Act
from ledger.personal_tables import personal_acts, restricted_papers

_e = t.evidence.c
_AT_ONCE = 500
_last = select(func.max(personal_acts.c.number)).group_by(personal_acts.c.ticket_no)
_erased = (
    select(personal_acts.c.ticket_no, personal_acts.c.at)
    .where(personal_acts.c.number.in_(_last), personal_acts.c.act == Act.ERASED)
    .subquery()
)
# An open complaint may be erased, and get other files afterwards.
_went = and_(_erased.c.ticket_no == _e.ticket_no, _erased.c.at >= _e.stored_at)


class Named(NamedTuple):
    """`is_erased` says that the data of every complaint it is evidence on was erased, and the file with it."""

    sha256: str
    is_erased: bool


async def every(engine: AsyncEngine) -> tuple[Named, ...]:
    """Each file that was handed in as evidence, once."""
    stands = func.max(case((_erased.c.at.is_(None), 1), else_=0))
    rows = select(_e.sha256, stands).select_from(t.evidence.outerjoin(_erased, _went))
    async with reading(engine) as connection:
        found = await connection.execute(rows.group_by(_e.sha256).order_by(_e.sha256))
        return tuple(Named(sha256, not stands) for sha256, stands in found)


async def tickets_of(engine: AsyncEngine, sha256: str) -> tuple[str, ...]:
    """The complaints it is evidence on."""
    async with reading(engine) as connection:
        query = select(_e.ticket_no).where(_e.sha256 == sha256).order_by(_e.ticket_no)
        return tuple(await connection.scalars(query))


async def not_evidence(engine: AsyncEngine, sha256s: Collection[str]) -> frozenset[str]:
    """Those of these that are evidence on no complaint."""
    async with reading(engine) as connection:
        return frozenset(sha256s) - await _evidence_among(connection, sha256s)


async def brought(engine: AsyncEngine, sha256s: Collection[str]) -> frozenset[str]:
    """Those of these that a ticket came with, be it put away or not. Looks through all tickets."""
    if not sha256s:
        return frozenset()
    found: set[str] = set()
    async with reading(engine) as connection:
        async for files in _brought(connection):
            found.update(set(files).intersection(sha256s))
    return frozenset(found)


async def while_not_evidence(
    engine: AsyncEngine, sha256s: Collection[str], act: Callable[[str], Awaitable[object]]
) -> frozenset[str]:
    """`act` on each of these few that is evidence on no complaint, and nobody can hand it in meanwhile; on which.

    Raises LedgerUnavailable, and whatever `act` raises.
    """
    async with writing(engine) as connection:  # which keeps other writers away from SQLite altogether
        if connection.dialect.name == "postgresql":
            await connection.execute(text("LOCK TABLE evidence IN SHARE MODE"))
        free = frozenset(sha256s) - await _evidence_among(connection, sha256s)
        for each in sorted(free):
            await act(each)
    return free


async def _evidence_among(connection: AsyncConnection, sha256s: Collection[str]) -> set[str]:
    found: set[str] = set()
    asked = sorted(sha256s)
    for begin in range(0, len(asked), _AT_ONCE):
        some = select(_e.sha256).where(_e.sha256.in_(asked[begin : begin + _AT_ONCE]))
        found.update(await connection.scalars(some))
    return found


async def _brought(connection: AsyncConnection) -> AsyncIterator[list[str]]:
    """The files that tickets came with, ticket by ticket."""
    options = {"yield_per": _AT_ONCE}
    async for files in await connection.stream_scalars(select(t.tickets.c.files).execution_options(**options)):
        yield files
    async for body in await connection.stream_scalars(select(restricted_papers.c.body).execution_options(**options)):
        yield body["ticket"]["files"]
