"""What the sender asks of the ledger: whose turn it is, what to send next, and how it went.

One process at a time sends for a subscription, by a lease; so a ticket's events leave in order. A process that dies
leaves its lease to run out, and what it had sent without saying so is sent again, under the same id.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.webhooks import Patience, delay, pause
from ledger import webhook_tables as w
from ledger.database import reading, writing
from ledger.rows import insert_new
from ledger.webhook_outbox import DELIVERED, GIVEN_UP, PENDING
from ledger.webhooks import FAILING, GONE, Delivery, Webhook, disable

_PRUNED_AT_ONCE = 2000


class Result(NamedTuple):
    """How one attempt went. `status` is 0 without an answer, and `error` then says why; "" is success.

    `wait` is what the subscriber asked for by Retry-After; `dice`, 0 to 1, spreads the next attempt.
    """

    delivery: Delivery
    status: int
    ms: int
    error: str
    wait: timedelta | None
    dice: float


async def in_need(engine: AsyncEngine, *, holder: str, at: datetime) -> tuple[str, ...]:
    """Active subscriptions with something to send now, that no other process sends for."""
    d, c = w.deliveries.c, w.webhooks.c
    waiting = exists().where(d.webhook_id == c.webhook_id, d.state == PENDING, d.next_attempt_at <= at)
    query = select(c.webhook_id).where(c.is_active, _is_free(holder, at), _is_asked(at), waiting)
    async with reading(engine) as connection:
        return tuple((await connection.execute(query)).scalars())


async def lease(engine: AsyncEngine, webhook_id: str, *, holder: str, at: datetime, until: datetime) -> Webhook | None:
    """Take, or keep, the right to send for it; None when it may not be sent to now, or another process has it."""
    mine = w.webhooks.c.webhook_id == webhook_id
    free = update(w.webhooks).where(mine, w.webhooks.c.is_active, _is_free(holder, at), _is_asked(at))
    async with writing(engine) as connection:
        taken = await connection.execute(free.values(leased_by=holder, leased_until=until))
        if not taken.rowcount:
            return None
        row = (await connection.execute(select(*(w.webhooks.c[name] for name in Webhook._fields)).where(mine))).one()
    return Webhook(**row._mapping)


async def release(engine: AsyncEngine, webhook_id: str, *, holder: str) -> None:
    held = update(w.webhooks).where(w.webhooks.c.webhook_id == webhook_id, w.webhooks.c.leased_by == holder)
    async with writing(engine) as connection:
        await connection.execute(held.values(leased_by="", leased_until=None))


async def due(engine: AsyncEngine, webhook_id: str, *, at: datetime, limit: int) -> tuple[Delivery, ...]:
    """The next of each ticket that are due, at most `limit`. A ticket's event waits for those before it."""
    d, earlier = w.deliveries.c, w.deliveries.alias()
    behind = exists().where(
        earlier.c.webhook_id == d.webhook_id,
        earlier.c.ticket_no == d.ticket_no,
        earlier.c.seq < d.seq,
        earlier.c.state == PENDING,
    )
    query = select(w.deliveries).where(d.webhook_id == webhook_id, d.state == PENDING, d.next_attempt_at <= at, ~behind)
    query = query.order_by(d.next_attempt_at, d.delivery_id).limit(limit)
    async with reading(engine) as connection:
        return tuple(Delivery(**row._mapping) for row in await connection.execute(query))


async def record(
    engine: AsyncEngine, webhook: Webhook, results: Sequence[Result], *, at: datetime, patience: Patience
) -> None:
    """Keep how a round went, all of it together, and judge the subscriber by it."""
    async with writing(engine) as connection:
        for result in results:
            await _keep(connection, result, at=at, patience=patience)
        await _judge(connection, webhook, results, at=at, patience=patience)


async def prune(engine: AsyncEngine, *, before: datetime) -> int:
    """Remove some of the log's oldest lines, those queued before `before`; how many. Repeat while it is not 0."""
    old = select(w.deliveries.c.delivery_id).where(
        w.deliveries.c.created_at < before, w.deliveries.c.queued_at < before
    )
    async with writing(engine) as connection:
        some = delete(w.deliveries).where(w.deliveries.c.delivery_id.in_(old.limit(_PRUNED_AT_ONCE)))
        return (await connection.execute(some)).rowcount


async def _keep(connection: AsyncConnection, result: Result, *, at: datetime, patience: Patience) -> None:
    standing, number = result.delivery, result.delivery.attempts + 1
    tried = {"at": at, "status": result.status, "ms": result.ms, "error": result.error}
    if not await insert_new(connection, w.attempts, {"delivery_id": standing.delivery_id, "number": number, **tried}):
        return  # another process recorded this attempt, or one like it, meanwhile
    values = {
        "attempts": number,
        "last_status": result.status,
        "last_ms": result.ms,
        "last_error": result.error,
        "last_attempt_at": at,
    }
    mine = update(w.deliveries).where(w.deliveries.c.delivery_id == standing.delivery_id)
    # One that an operator queued anew meanwhile is theirs: it goes out once more.
    same = mine.where(w.deliveries.c.queued_at == standing.queued_at)
    await connection.execute(mine.values(**values))
    await connection.execute(same.values(**_outcome(result, at=at, patience=patience)))


def _outcome(result: Result, *, at: datetime, patience: Patience) -> dict[str, Any]:
    if not result.error:
        return {"state": DELIVERED, "delivered_at": at, "next_attempt_at": None}
    if at - result.delivery.queued_at >= patience.give_up_after:
        return {"state": GIVEN_UP, "next_attempt_at": None}
    tries = result.delivery.tries + 1
    wait = max(delay(tries, patience=patience, dice=result.dice), result.wait or timedelta())
    return {"tries": tries, "next_attempt_at": at + wait}


async def _judge(
    connection: AsyncConnection, webhook: Webhook, results: Sequence[Result], *, at: datetime, patience: Patience
) -> None:
    if any(result.status == 410 for result in results):
        await disable(connection, webhook.webhook_id, GONE, at)
        return
    asked = max((result.wait for result in results if result.wait), default=timedelta())
    if all(result.error for result in results):
        failures, since = webhook.failures + 1, webhook.failing_since or at
        until = at + max(asked, pause(failures, patience=patience))
        values: dict[str, Any] = {"failures": failures, "failing_since": since, "paused_until": until}
        if at - since >= patience.disable_after and failures >= patience.probe_after:
            await disable(connection, webhook.webhook_id, FAILING, at)
    else:
        values = {"failures": 0, "failing_since": None, "paused_until": at + asked if asked else None}
    mine = update(w.webhooks).where(w.webhooks.c.webhook_id == webhook.webhook_id)
    await connection.execute(mine.values(**values))


def _is_free(holder: str, at: datetime) -> Any:
    c = w.webhooks.c
    return or_(c.leased_until.is_(None), c.leased_until <= at, c.leased_by == holder)


def _is_asked(at: datetime) -> Any:
    return or_(w.webhooks.c.paused_until.is_(None), w.webhooks.c.paused_until <= at)
