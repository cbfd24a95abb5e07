"""How far the tickets of a CRM that tells us nothing by itself were read: kept, so that a restart loses none."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, String, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger.columns import instant, metadata, text
from ledger.database import reading, written
from ledger.rows import insert_new

crm_cursors = Table(
    "crm_cursors",
    metadata,
    Column("connection", String(64), primary_key=True),
    instant("reached_at"),
    text("reached_id", 64),
    instant("polled_at"),
)
_c = crm_cursors.c


class Cursor(NamedTuple):
    """The last ticket that was read changed at `reached_at`; `polled_at` is when we last asked."""

    reached_at: datetime
    reached_id: str
    polled_at: datetime


async def get(engine: AsyncEngine, connection_name: str) -> Cursor | None:
    """None before the first reading."""
    query = select(_c.reached_at, _c.reached_id, _c.polled_at).where(_c.connection == connection_name)
    async with reading(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    return Cursor(*row) if row else None


async def move(engine: AsyncEngine, connection_name: str, cursor: Cursor) -> None:
    """To there, never back: who read later may have begun earlier."""
    row = cursor._asdict()

    async def work(connection: AsyncConnection) -> None:
        if await insert_new(connection, crm_cursors, {"connection": connection_name, **row}):
            return
        mine = update(crm_cursors).where(_c.connection == connection_name)
        await connection.execute(mine.where(_c.polled_at < cursor.polled_at).values(polled_at=cursor.polled_at))
        reached = {"reached_at": cursor.reached_at, "reached_id": cursor.reached_id}
        await connection.execute(mine.where(_c.reached_at <= cursor.reached_at).values(**reached))

    await written(engine, work)
