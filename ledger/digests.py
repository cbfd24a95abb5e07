"""A department's day in a few figures, for its VP."""

from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.claims import Verdict
from domain.kinship import Kin
from domain.policy import ClockKind, Value
from ledger import tables as t
from ledger.database import reading
from ledger.kin import kin, looks


class Day(Value):
    """Open complaints on the department's desk and their lights now; and since a day ago its new reds, the oldest
    first, how many of its claims customers refused, and how many faults came back that it had claimed gone. `oldest` is
    the complaint that has been open for longest.
    """

    open: int
    yellow: int
    red: int
    new_reds: tuple[str, ...]
    rejected: int
    came_back: int = 0
    oldest: str = ""
    oldest_since: AwareDatetime | None = None


async def of_department(engine: AsyncEngine, department: str, *, at: datetime, since: datetime) -> Day:
    """As of `at`, in one snapshot."""
    async with reading(engine) as connection:
        return Day.model_validate(
            {
                **await _standing(connection, department, at=at),
                **await _oldest(connection, department),
                "new_reds": await _new_reds(connection, department, since=since),
                "rejected": await _rejected(connection, department, since=since),
                "came_back": await _came_back(connection, department, since=since),
            }
        )


async def _standing(connection: AsyncConnection, department: str, *, at: datetime) -> dict[str, int]:
    c = t.complaints.c
    is_yellow = and_(c.due_at > at, c.yellow_at <= at)
    query = select(
        func.count().label("open"),
        func.coalesce(func.sum(case((is_yellow, 1), else_=0)), 0).label("yellow"),
        func.coalesce(func.sum(case((c.due_at <= at, 1), else_=0)), 0).label("red"),
    ).where(c.closed_at.is_(None), c.desk == department)
    return dict((await connection.execute(query)).mappings().one())


async def _oldest(connection: AsyncConnection, department: str) -> dict[str, object]:
    c = t.complaints.c
    query = select(c.ticket_no.label("oldest"), c.created_at.label("oldest_since"))
    query = query.where(c.closed_at.is_(None), c.desk == department).order_by(c.created_at, c.ticket_no).limit(1)
    found = (await connection.execute(query)).mappings().one_or_none()
    return dict(found) if found else {}


async def _new_reds(connection: AsyncConnection, department: str, *, since: datetime) -> tuple[str, ...]:
    b = t.breaches.c
    query = select(b.ticket_no).where(
        b.department == department, b.noticed_at >= since, b.clock_kind != ClockKind.PROGRESS
    )
    found = (await connection.execute(query.order_by(b.due_at, b.ticket_no))).scalars()
    return tuple(dict.fromkeys(found))


async def _rejected(connection: AsyncConnection, department: str, *, since: datetime) -> int:
    cl = t.claims.c
    query = select(func.count()).where(
        cl.department == department, cl.verdict == Verdict.REJECTED, cl.decided_at >= since
    )
    return int(await connection.scalar(query) or 0)


async def _came_back(connection: AsyncConnection, department: str, *, since: datetime) -> int:
    joined = kin.join(looks, looks.c.ticket_no == kin.c.ticket_no)
    charged = and_(kin.c.department == department, kin.c.kin == Kin.CAME_BACK)
    query = select(func.count()).select_from(joined).where(charged, looks.c.found_at >= since)
    return int(await connection.scalar(query) or 0)
