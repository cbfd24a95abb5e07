"""Legal holds: while one stands on a complaint nothing of it is erased or restricted, whoever asks."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger.database import reading, writing
from ledger.personal_tables import legal_holds

_h = legal_holds.c
_stands = _h.lifted_at.is_(None)


class Hold(NamedTuple):
    """`why` names the dispute or authority, and no customer. `lifted_at` is None while it stands."""

    number: int
    ticket_no: str
    why: str
    placed_at: datetime
    placed_by: str
    lifted_at: datetime | None
    lifted_by: str


async def place(engine: AsyncEngine, ticket_no: str, *, why: str, at: datetime, by: str) -> Hold:
    """The hold that stands from now on; the one that stood already is left as it is."""
    async with writing(engine) as connection:
        standing = (await standing_in(connection, [ticket_no])).get(ticket_no)
        if standing is None:
            row = {"ticket_no": ticket_no, "why": why, "placed_at": at, "placed_by": by}
            await connection.execute(insert(legal_holds).values(**row))
            standing = (await standing_in(connection, [ticket_no]))[ticket_no]
        return standing


async def lift(engine: AsyncEngine, ticket_no: str, *, at: datetime, by: str) -> bool:
    """Whether one stood."""
    async with writing(engine) as connection:
        mine = update(legal_holds).where(_h.ticket_no == ticket_no, _stands)
        return (await connection.execute(mine.values(lifted_at=at, lifted_by=by))).rowcount > 0


async def every(engine: AsyncEngine, *, also_lifted: bool = False) -> tuple[Hold, ...]:
    """In the order they were placed."""
    query = select(legal_holds).order_by(_h.number)
    async with reading(engine) as connection:
        rows = await connection.execute(query if also_lifted else query.where(_stands))
        return tuple(Hold(*row) for row in rows)


async def standing_in(connection: AsyncConnection, ticket_nos: Collection[str]) -> dict[str, Hold]:
    """The holds that stand on these, by ticket number."""
    rows = await connection.execute(select(legal_holds).where(_h.ticket_no.in_(ticket_nos), _stands))
    return {row.ticket_no: Hold(*row) for row in rows}
