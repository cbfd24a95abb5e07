"""Who subscribes to events, and the log of what each was sent."""

import base64
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, delete, insert, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.webhooks import PING, ROTATION
from ledger import webhook_tables as w
from ledger.columns import Instant
from ledger.database import reading, writing
from ledger.queries import BadCursor
from ledger.webhook_outbox import PENDING

OPERATOR, GONE, FAILING = "operator", "gone", "failing"

_CHANGEABLE = frozenset({"url", "kinds", "departments", "description"})


class Webhook(NamedTuple):
    """A subscription. `generation` names its secret; until `previous_until` the one before signs too."""

    webhook_id: str
    url: str
    kinds: list[str]
    departments: list[str]
    description: str
    generation: int
    previous_until: datetime | None
    created_at: datetime
    created_by: str
    is_active: bool
    disabled_at: datetime | None
    disabled_why: str
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None


class Delivery(NamedTuple):
    """One event for one subscription, and how it went. `state` is pending, delivered or given_up."""

    delivery_id: str
    webhook_id: str
    ticket_no: str
    seq: int
    kind: str
    happened_at: datetime
    data: dict[str, Any]
    state: str
    created_at: datetime
    queued_at: datetime
    next_attempt_at: datetime | None
    tries: int
    attempts: int
    last_status: int
    last_ms: int
    last_error: str
    last_attempt_at: datetime | None
    delivered_at: datetime | None


class Attempt(NamedTuple):
    """`status` is 0 and `error` says why when there was no answer."""

    number: int
    at: datetime
    status: int
    ms: int
    error: str


async def subscribe(
    engine: AsyncEngine,
    *,
    url: str,
    kinds: Sequence[str],
    departments: Sequence[str],
    description: str,
    by: str,
    at: datetime,
) -> Webhook:
    """Every event recorded after this returns is queued for it. The URL has been judged before."""
    webhook_id = f"wh_{secrets.token_hex(16)}"
    row = {
        "webhook_id": webhook_id,
        "url": url,
        "kinds": list(kinds),
        "departments": list(departments),
        "description": description,
        "generation": 1,
        "created_at": at,
        "created_by": by,
        "is_active": True,
    }
    async with writing(engine) as connection:
        await connection.execute(insert(w.webhooks), [row])
        return await _the(connection, webhook_id)


async def everyone(engine: AsyncEngine) -> tuple[Webhook, ...]:
    """All subscriptions, oldest first."""
    async with reading(engine) as connection:
        found = await connection.execute(_webhooks().order_by(w.webhooks.c.created_at, w.webhooks.c.webhook_id))
        return tuple(_webhook(row) for row in found)


async def get(engine: AsyncEngine, webhook_id: str) -> Webhook | None:
    async with reading(engine) as connection:
        return await _find(connection, webhook_id)


async def change(
    engine: AsyncEngine, webhook_id: str, *, at: datetime, is_active: bool | None = None, **fields: Any
) -> Webhook | None:
    """Change what is given of url, kinds, departments, description; None when there is no such subscription.

    A disabled subscription gathers nothing. Enabled again, it gets at once what was still waiting, counted anew.
    """
    unknown = fields.keys() - _CHANGEABLE
    if unknown:
        raise ValueError(f"not to be changed: {sorted(unknown)}")
    async with writing(engine) as connection:
        standing = await _find(connection, webhook_id)
        if standing is None:
            return None
        if fields:
            await _set(connection, webhook_id, **fields)
        if is_active is not None and is_active != standing.is_active:
            await (
                _enable(connection, webhook_id, at=at) if is_active else disable(connection, webhook_id, OPERATOR, at)
            )
        return await _the(connection, webhook_id)


async def disable(connection: AsyncConnection, webhook_id: str, why: str, at: datetime) -> None:
    await _set(connection, webhook_id, is_active=False, disabled_at=at, disabled_why=why)


async def rotate(engine: AsyncEngine, webhook_id: str, *, at: datetime) -> Webhook | None:
    """A new secret signs from now on, beside the one before until 24 hours have passed."""
    async with writing(engine) as connection:
        if await _find(connection, webhook_id) is None:
            return None
        await _set(connection, webhook_id, generation=w.webhooks.c.generation + 1, previous_until=at + ROTATION)
        return await _the(connection, webhook_id)


async def unsubscribe(engine: AsyncEngine, webhook_id: str) -> bool:
    """Remove it with its log; whether it was there."""
    async with writing(engine) as connection:
        return (await connection.execute(delete(w.webhooks).where(w.webhooks.c.webhook_id == webhook_id))).rowcount == 1


async def ping(engine: AsyncEngine, webhook_id: str, *, at: datetime) -> Delivery | None:
    """Queue a test event; None when there is no such subscription."""
    delivery_id = f"msg_{secrets.token_hex(16)}"
    async with writing(engine) as connection:
        if await _find(connection, webhook_id) is None:
            return None
        row = {
            **{"delivery_id": delivery_id, "webhook_id": webhook_id, "ticket_no": "", "seq": 0, "kind": PING},
            **{"data": {}, "state": PENDING, "happened_at": at, "created_at": at},
            **{"queued_at": at, "next_attempt_at": at},
        }
        await connection.execute(insert(w.deliveries), [row])
        # Whoever asks for a test wants it now, also of a subscriber that is left alone for a while.
        await _set(connection, webhook_id, paused_until=None)
        return await _delivery_in(connection, webhook_id, delivery_id)


async def log_of(
    engine: AsyncEngine,
    webhook_id: str,
    *,
    state: str | None = None,
    ticket_no: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[tuple[Delivery, ...], str | None]:
    """A page of its deliveries, newest first, and the next page's cursor. Raises BadCursor."""
    d = w.deliveries.c
    asked = [(d.state, state), (d.ticket_no, ticket_no)]
    query = select(w.deliveries).where(
        d.webhook_id == webhook_id, *(c == value for c, value in asked if value is not None)
    )
    if cursor:
        query = query.where(tuple_(d.created_at, d.delivery_id) < _read_cursor(cursor))
    query = query.order_by(d.created_at.desc(), d.delivery_id.desc()).limit(limit + 1)
    async with reading(engine) as connection:
        found = [_delivery(row) for row in await connection.execute(query)]
    more = _write_cursor(found[limit - 1]) if len(found) > limit else None
    return tuple(found[:limit]), more


async def delivery(
    engine: AsyncEngine, webhook_id: str, delivery_id: str
) -> tuple[Delivery, tuple[Attempt, ...]] | None:
    """One delivery and all its attempts, first to last."""
    query = select(w.attempts).where(w.attempts.c.delivery_id == delivery_id).order_by(w.attempts.c.number)
    async with reading(engine) as connection:
        found = await _delivery_in(connection, webhook_id, delivery_id)
        if found is None:
            return None
        tried = await connection.execute(query)
        return found, tuple(Attempt(row.number, row.at, row.status, row.ms, row.error) for row in tried)


async def send_again(engine: AsyncEngine, webhook_id: str, delivery_id: str, *, at: datetime) -> Delivery | None:
    """Queue it anew under its own id, whatever became of it; None when there is no such delivery."""
    mine = update(w.deliveries).where(
        w.deliveries.c.webhook_id == webhook_id, w.deliveries.c.delivery_id == delivery_id
    )
    async with writing(engine) as connection:
        await connection.execute(mine.values(**anew(at)))
        await _set(connection, webhook_id, paused_until=None)
        return await _delivery_in(connection, webhook_id, delivery_id)


def anew(at: datetime) -> dict[str, Any]:
    """What makes a delivery wait to be sent, counted from `at`."""
    return {"state": PENDING, "queued_at": at, "next_attempt_at": at, "tries": 0, "delivered_at": None}


async def _enable(connection: AsyncConnection, webhook_id: str, *, at: datetime) -> None:
    healthy = {"failures": 0, "failing_since": None, "paused_until": None}
    await _set(connection, webhook_id, is_active=True, disabled_at=None, disabled_why="", **healthy)
    waiting = update(w.deliveries).where(w.deliveries.c.webhook_id == webhook_id, w.deliveries.c.state == PENDING)
    await connection.execute(waiting.values(**anew(at)))


def _webhooks() -> Any:
    return select(*(w.webhooks.c[name] for name in Webhook._fields))


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(**row._mapping)


async def _find(connection: AsyncConnection, webhook_id: str) -> Webhook | None:
    row = (await connection.execute(_webhooks().where(w.webhooks.c.webhook_id == webhook_id))).one_or_none()
    return _webhook(row) if row else None


async def _the(connection: AsyncConnection, webhook_id: str) -> Webhook:
    return _webhook((await connection.execute(_webhooks().where(w.webhooks.c.webhook_id == webhook_id))).one())


async def _set(connection: AsyncConnection, webhook_id: str, **values: Any) -> None:
    await connection.execute(update(w.webhooks).where(w.webhooks.c.webhook_id == webhook_id).values(**values))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**row._mapping)


async def _delivery_in(connection: AsyncConnection, webhook_id: str, delivery_id: str) -> Delivery | None:
    d = w.deliveries.c
    query = select(w.deliveries).where(d.webhook_id == webhook_id, d.delivery_id == delivery_id)
    row = (await connection.execute(query)).one_or_none()
    return _delivery(row) if row else None


def _write_cursor(last: Delivery) -> str:
    return base64.urlsafe_b64encode(json.dumps([last.created_at.isoformat(), last.delivery_id]).encode()).decode()


def _read_cursor(cursor: str) -> ColumnElement[Any]:
    try:
        created_at, delivery_id = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        instant = datetime.fromisoformat(created_at)
        if instant.tzinfo is None or not isinstance(delivery_id, str):
            raise ValueError("not what _write_cursor writes")
        instant = instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadCursor("This cursor is not one of ours: begin again without it.") from error
    return tuple_(literal(instant, Instant()), literal(delivery_id))
