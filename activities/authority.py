"""A region's month in the ledger."""

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from activities import ports
from domain.goodwill_outlets import GoodwillBatch
from ledger import goodwill


class SqlAuthority(ports.Authority):
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @activity.defn(name="record_goodwill")
    async def record(self, batch: GoodwillBatch) -> None:
        await goodwill.stands(self._engine, batch.entries)
