"""Queuing again, for one subscription, what was recorded since an instant."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import tables as t
from ledger import webhook_tables as w
from ledger.database import reading, writing
from ledger.events import timeline_in
from ledger.rows import insert_new
from ledger.webhook_outbox import PENDING, rows_for, steps_from_opening, subscribers
from ledger.webhooks import anew

REPLAYED_AT_ONCE = 2000  # events; more is asked for by `next_since`


class Replayed(NamedTuple):
    """`queued` deliveries were queued; `next_since` is where to go on, None when all is queued."""

    queued: int
    next_since: datetime | None


async def replay(
    engine: AsyncEngine, webhook_id: str, *, since: datetime, at: datetime, limit: int = REPLAYED_AT_ONCE
) -> Replayed:
    """Queue, under their own ids, the events recorded at or after `since` that the subscription wants.

    One short transaction a ticket, so that the ledger's own writers wait for none of it. What waits already stays as
    it is, so it is safe to repeat.
    """
    e = t.events.c
    later = select(e.recorded_at).where(e.recorded_at >= since).order_by(e.recorded_at)
    async with reading(engine) as connection:
        until = await connection.scalar(later.offset(limit).limit(1))
        if until == since:  # more at one instant than fit at once: they go together
            until = await connection.scalar(select(func.min(e.recorded_at)).where(e.recorded_at > since))
        recorded = select(e.ticket_no, e.seq).where(e.recorded_at >= since, *([e.recorded_at < until] if until else []))
        found = (await connection.execute(recorded.order_by(e.ticket_no, e.seq))).all()
    asked: dict[str, set[int]] = {}
    for row in found:
        asked.setdefault(row.ticket_no, set()).add(row.seq)
    queued = 0
    for ticket_no in asked:
        queued += await _queue(engine, webhook_id, ticket_no, seqs=asked[ticket_no], at=at)
    return Replayed(queued, until)


async def _queue(engine: AsyncEngine, webhook_id: str, ticket_no: str, *, seqs: set[int], at: datetime) -> int:
    async with reading(engine) as connection:
        told = [recorded.event for recorded in await timeline_in(connection, ticket_no)]
        around = await steps_from_opening(connection, told)
    steps = [step for step in around if step[0].seq in seqs]
    queued = 0
    async with writing(engine) as connection:
        subscribed = await subscribers(connection, webhook_id=webhook_id)
        for row in (row for step in steps for row in rows_for(subscribed, step, queued_at=at)):
            is_new = await insert_new(connection, w.deliveries, row)
            again = update(w.deliveries).where(w.deliveries.c.delivery_id == row["delivery_id"])
            again = again.where(w.deliveries.c.state != PENDING)
            queued += is_new or (await connection.execute(again.values(**anew(at)))).rowcount
    return queued
