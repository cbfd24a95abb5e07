"""The notice centre: every notice to every address, once, and what became of it."""

from collections.abc import AsyncGenerator, Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.outlets import Audience, Notice
from ledger import tables as t
from ledger.database import reading, writing
from ledger.rows import insert_new

_REASON_LENGTH = 500
_AT_ONCE = 500


class PostedNotice(NamedTuple):
    """`sent_at` is None while nothing has gone out; a notice that stands in the notice centre alone never gets one.

    `sent_by` is the way that took it: mail, sms, or a robot or webhook by name.
    """

    key: str
    address: str
    ticket_no: str
    kind: str
    audience: str
    department: str
    facts: dict[str, str]
    subject: str
    body: str
    created_at: datetime
    sent_at: datetime | None
    sent_by: str
    attempts: int
    failed_reason: str
    read_at: datetime | None


async def post(
    engine: AsyncEngine,
    notice: Notice,
    *,
    ticket_no: str,
    address: str,
    subject: str,
    body: str,
    created_at: datetime,
) -> PostedNotice:
    """Put the notice up for `address`, once per (key, address), and return what stands there: the first wording."""
    row = {
        **notice.model_dump(mode="json"),
        "ticket_no": ticket_no,
        "address": address,
        "subject": subject,
        "body": body,
        "created_at": created_at,
    }
    async with writing(engine) as connection:
        await insert_new(connection, t.notices, row)
        mine = select(t.notices).where(t.notices.c.key == notice.key, t.notices.c.address == address)
        return _posted((await connection.execute(mine)).one())


async def standing(engine: AsyncEngine, *, key: str, address: str) -> PostedNotice | None:
    """What stands there; None before it was posted."""
    mine = select(t.notices).where(t.notices.c.key == key, t.notices.c.address == address)
    async with reading(engine) as connection:
        row = (await connection.execute(mine)).one_or_none()
        return _posted(row) if row else None


async def sent(
    engine: AsyncEngine, *, key: str, address: str, by: str, at: datetime, also: Collection[str] = ()
) -> None:
    """It went out `by` this way, and with it those that stand under the keys `also`. The first time stays."""
    went = {"sent_at": at, "sent_by": by, "failed_reason": "", "attempts": _ONE_MORE}
    await _change(engine, {key, *also}, address, t.notices.c.sent_at.is_(None), **went)


async def is_told(engine: AsyncEngine, *, key: str, by: str) -> bool:
    """Whether a notice has gone this way to somebody: all who share a robot read the same message."""
    query = select(t.notices.c.key).where(t.notices.c.key == key, t.notices.c.sent_by == by).limit(1)
    async with reading(engine) as connection:
        return await connection.scalar(query) is not None


async def failed(engine: AsyncEngine, *, key: str, address: str, reason: str, also: Collection[str] = ()) -> None:
    """It could not go out this time, nor those that stand under the keys `also`."""
    reason = reason[:_REASON_LENGTH]
    await _change(
        engine, {key, *also}, address, t.notices.c.sent_at.is_(None), failed_reason=reason, attempts=_ONE_MORE
    )


async def read(engine: AsyncEngine, *, key: str, address: str, at: datetime) -> bool:
    """Somebody at `address` has read it; whether there is such a notice that was unread."""
    return await _change(engine, {key}, address, t.notices.c.read_at.is_(None), read_at=at) == 1


async def inbox_of(
    engine: AsyncEngine,
    *,
    department: str | None = None,
    audience: Audience | None = None,
    address: str | None = None,
    limit: int = 100,
) -> tuple[PostedNotice, ...]:
    """The newest notices first, for a department, an audience, an address, or any of these together."""
    asked = {"department": department, "audience": audience, "address": address}
    query = select(t.notices).where(*(t.notices.c[name] == value for name, value in asked.items() if value is not None))
    query = query.order_by(t.notices.c.created_at.desc(), t.notices.c.key, t.notices.c.address).limit(limit)
    async with reading(engine) as connection:
        return tuple(_posted(row) for row in await connection.execute(query))


async def every_notice(
    engine: AsyncEngine, *, department: str | None = None, audience: Audience | None = None
) -> AsyncGenerator[tuple[PostedNotice, str], None]:
    """All that `inbox_of` would list, with the customer's name, in one snapshot, few in memory at once. Close it."""
    of_customer = t.tickets.c.customer["name"].as_string().label("customer_name")
    query = select(t.notices, of_customer).outerjoin(t.tickets, t.tickets.c.ticket_no == t.notices.c.ticket_no)
    asked = {"department": department, "audience": audience}
    query = query.where(*(t.notices.c[name] == value for name, value in asked.items() if value is not None))
    query = query.order_by(t.notices.c.created_at.desc(), t.notices.c.key, t.notices.c.address)
    async with reading(engine) as connection:
        async for row in await connection.stream(query.execution_options(yield_per=_AT_ONCE)):
            kept = dict(row._mapping)
            customer = kept.pop("customer_name") or ""
            yield PostedNotice(**kept), customer


async def held_texts(engine: AsyncEngine, *, since: datetime, until: datetime) -> tuple[PostedNotice, ...]:
    """Customers' notices of that time, under a phone number, that nobody has tried to send; the oldest first."""
    n = t.notices.c
    of_then = (n.audience == Audience.CUSTOMER, n.department == "", n.created_at >= since, n.created_at <= until)
    # Customers read elsewhere, so all of theirs are unread here; said for the index, which holds the unread.
    query = select(t.notices).where(*of_then, n.read_at.is_(None), n.sent_at.is_(None))
    query = query.where(n.attempts == 0, n.address.startswith("+")).order_by(n.created_at, n.key)
    async with reading(engine) as connection:
        return tuple(_posted(row) for row in await connection.execute(query))


async def of_ticket(engine: AsyncEngine, ticket_no: str) -> tuple[PostedNotice, ...]:
    """All notices about the complaint, oldest first."""
    query = select(t.notices).where(t.notices.c.ticket_no == ticket_no)
    query = query.order_by(t.notices.c.created_at, t.notices.c.key, t.notices.c.address)
    async with reading(engine) as connection:
        return tuple(_posted(row) for row in await connection.execute(query))


_ONE_MORE = t.notices.c.attempts + 1


async def _change(engine: AsyncEngine, keys: Collection[str], address: str, *conditions: Any, **values: Any) -> int:
    mine = update(t.notices).where(t.notices.c.key.in_(keys), t.notices.c.address == address, *conditions)
    async with writing(engine) as connection:
        return (await connection.execute(mine.values(**values))).rowcount


def _posted(row: Row[Any]) -> PostedNotice:
    return PostedNotice(**row._mapping)
