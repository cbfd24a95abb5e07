"""Which writes have reached the CRM, so that a batch that failed half-way goes on where it stopped."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import tables as t
from ledger.database import reading, writing
from ledger.rows import insert_new


async def already_sent(engine: AsyncEngine, keys: Iterable[str]) -> frozenset[str]:
    """Those of `keys` that have reached the CRM."""
    query = select(t.crm_writes.c.key).where(t.crm_writes.c.key.in_(tuple(keys)))
    async with reading(engine) as connection:
        return frozenset(await connection.scalars(query))


async def sent(engine: AsyncEngine, key: str, *, at: datetime) -> None:
    async with writing(engine) as connection:
        await insert_new(connection, t.crm_writes, {"key": key, "sent_at": at})
