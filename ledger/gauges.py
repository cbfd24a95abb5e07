"""How much stands and waits, for those who watch the whole: counts and ages, nothing of any complaint."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.lights import Light
from domain.policy import Value
from ledger import tables as t
from ledger import webhook_tables as w
from ledger.crm_refusals import crm_refusals
from ledger.database import reading
from ledger.evidence_checks import evidence_checks
from ledger.queries import GRACE, light_at
from ledger.webhook_outbox import PENDING


class Standing(Value):
    """Open complaints of one desk under one light."""

    desk: str
    light: Light
    count: int


class Waiting(Value):
    """What waits to leave, and for how long the oldest of it has."""

    count: int
    oldest: timedelta


class Gauges(Value):
    standing: tuple[Standing, ...]
    overdue_unhandled: int
    inbox: Waiting
    webhooks: Waiting
    crm_refused: int
    evidence_faulty: int


async def gauges(engine: AsyncEngine, *, at: datetime) -> Gauges:
    """All as of `at`, in one snapshot. Raises LedgerUnavailable."""
    c, sub, out = t.complaints.c, t.inbox.c, w.deliveries.c
    async with reading(engine) as connection:
        return Gauges(
            standing=await _standing(connection, at=at),
            overdue_unhandled=await _count(connection, c.next_due_at < at - GRACE),
            inbox=await _waiting(connection, sub.received_at, sub.delivered_at.is_(None), at=at),
            webhooks=await _waiting(
                connection, out.queued_at, and_(out.state == PENDING, out.next_attempt_at <= at), at=at
            ),
            crm_refused=await _count(connection, crm_refusals.c.ticket_no != ""),
            evidence_faulty=await _count(connection, evidence_checks.c.fault != ""),
        )


async def _standing(connection: AsyncConnection, *, at: datetime) -> tuple[Standing, ...]:
    light = light_at(at).label("light")
    query: Select[tuple[str, str, int]] = select(t.complaints.c.desk, light, func.count().label("count"))
    query = query.where(t.complaints.c.closed_at.is_(None)).group_by(t.complaints.c.desk, light)
    return tuple(Standing.model_validate(dict(row._mapping)) for row in await connection.execute(query))


async def _count(connection: AsyncConnection, condition: ColumnElement[bool]) -> int:
    return await connection.scalar(select(func.count()).where(condition)) or 0


async def _waiting(
    connection: AsyncConnection, since: ColumnElement[datetime], condition: ColumnElement[bool], *, at: datetime
) -> Waiting:
    count, oldest = (await connection.execute(select(func.count(), func.min(since)).where(condition))).one()
    return Waiting(count=count, oldest=max(at - oldest, timedelta()) if oldest else timedelta())
