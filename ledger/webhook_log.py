"""A subscription's whole log, for those who take it along."""

from collections.abc import AsyncGenerator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import webhook_tables as w
from ledger.database import reading
from ledger.webhooks import Delivery

_AT_ONCE = 500


async def every_delivery(
    engine: AsyncEngine, webhook_id: str, *, state: str | None = None, ticket_no: str | None = None
) -> AsyncGenerator[Delivery, None]:
    """All that `webhooks.log_of` would page through, in one snapshot, a few hundred in memory at once. Close it."""
    d = w.deliveries.c
    asked = [(d.state, state), (d.ticket_no, ticket_no)]
    query = select(w.deliveries).where(d.webhook_id == webhook_id, *(c == v for c, v in asked if v is not None))
    query = query.order_by(d.created_at.desc(), d.delivery_id.desc())
    async with reading(engine) as connection:
        async for row in await connection.stream(query.execution_options(yield_per=_AT_ONCE)):
            yield Delivery(**row._mapping)
