"""What the board shows of the whole ledger: the open complaints' lights, new reds, hand-offs, and rates over time."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.claims import Verdict
from domain.complaint import Stage
from domain.hops import Response
from domain.outlets import NoticeKind
from domain.policy import ClockKind, Value
from ledger import campaigns
from ledger import tables as t
from ledger.columns import Instant
from ledger.database import reading

_Rates = Select[str, int, int]
_VOICES_SHOWN = 30  # newest complaints whose words are shown
_AT_ONCE = 500


class Standing(Value):
    """So many open complaints lie at `desk`, are about `tag` first of all ("" before triage), and show these lights."""

    desk: str
    tag: str
    green: int
    yellow: int
    red: int


class OpenComplaint(Value):
    """A complaint that has been open for long."""

    ticket_no: str
    desk: str
    stage: Stage
    created_at: AwareDatetime
    due_at: AwareDatetime | None
    is_provisional: bool


class NewRed(Value):
    """A breach of a governing clock; `copied` are the departments whose VP was told."""

    ticket_no: str
    department: str
    clock_kind: ClockKind
    due_at: AwareDatetime
    noticed_at: AwareDatetime
    copied: tuple[str, ...]


class Handed(Value):
    """`count` hops were handed from one department to another; `refuted` of them without ground."""

    source: str
    target: str
    count: int
    refuted: int


class HourOfRates(Value):
    """What was decided in the hour that begins at `hour`: a rate is its first number over its second."""

    hour: AwareDatetime
    in_time: int = 0
    responses: int = 0
    fixed_first: int = 0
    verdicts: int = 0


class Tick(Value):
    """All that the wall needs afresh every few seconds, read in one transaction.

    `copied` open complaints say what another open one says already: campaigns, counted once, are so many fewer.
    """

    at: AwareDatetime
    standing: tuple[Standing, ...]
    copied: int = 0
    reds: tuple[NewRed, ...]
    oldest: tuple[OpenComplaint, ...]


async def tick(engine: AsyncEngine, *, at: datetime, reds_since: datetime, limit: int = 20) -> Tick:
    """The lights as of `at`, the newest `limit` reds since `reds_since`, and the `limit` oldest open complaints."""
    async with reading(engine) as connection:
        return Tick(
            at=at,
            standing=await _standing(connection, at=at),
            copied=await campaigns.counted_again(connection),
            reds=await _reds(connection, since=reds_since, limit=limit),
            oldest=await _oldest(connection, limit=limit),
        )


async def every_open(engine: AsyncEngine) -> AsyncGenerator[OpenComplaint, None]:
    """All open complaints, the oldest first, in one snapshot, a few hundred in memory at once. Close it."""
    async with reading(engine) as connection:
        async for row in await connection.stream(_open_for_long().execution_options(yield_per=_AT_ONCE)):
            yield OpenComplaint.model_validate(dict(row._mapping))


async def every_red(engine: AsyncEngine, *, since: datetime) -> tuple[NewRed, ...]:
    """All reds since `since`, the newest first: for a day's, which stand in memory together."""
    async with reading(engine) as connection:
        return await _reds(connection, since=since)


async def handed(engine: AsyncEngine, *, since: datetime) -> tuple[Handed, ...]:
    """Who handed to whom since `since`, the most frequent first."""
    h = t.hops.c
    count = func.count().label("count")
    refuted = func.sum(case((h.is_refuted, 1), else_=0)).label("refuted")
    query = select(h.department.label("source"), h.handed_to.label("target"), count, refuted)
    query = query.where(h.left_at >= since, h.handed_to != "").group_by(h.department, h.handed_to)
    async with reading(engine) as connection:
        found = await connection.execute(query.order_by(count.desc(), h.department, h.handed_to))
        return tuple(Handed.model_validate(dict(row)) for row in found.mappings())


async def rates(engine: AsyncEngine, *, since: datetime, department: str = "") -> tuple[HourOfRates, ...]:
    """Response in time and first-fix by the hour, oldest first; hours in which nothing was decided are left out.

    A hop counts in the hour in which it was answered, or in which its silence was taken for acceptance; one that the
    arbiter answered for, or undid, counts for nobody. A claim counts in the hour of the customer's verdict.
    """
    hours: dict[str, dict[str, int]] = defaultdict(dict)
    async with reading(engine) as connection:
        for hour, good, of in await connection.execute(_answered(since, department)):
            hours[hour] |= {"in_time": good, "responses": of}
        for hour, good, of in await connection.execute(_verdicts(since, department)):
            hours[hour] |= {"fixed_first": good, "verdicts": of}
    return tuple(
        HourOfRates(hour=datetime.fromisoformat(f"{hour}:00:00+00:00"), **hours[hour]) for hour in sorted(hours)
    )


async def voices(engine: AsyncEngine, *, limit: int = _VOICES_SHOWN) -> tuple[str, ...]:
    """The newest open complaints that have words, by ticket number. Whoever shows the words masks them."""
    c = t.complaints.c
    query = select(c.ticket_no).join(t.tickets, t.tickets.c.ticket_no == c.ticket_no)
    query = query.where(_OPEN, t.tickets.c.words != "").order_by(c.created_at.desc()).limit(limit)
    async with reading(engine) as connection:
        return tuple((await connection.execute(query)).scalars())


_OPEN = t.complaints.c.closed_at.is_(None)


async def _standing(connection: AsyncConnection, *, at: datetime) -> tuple[Standing, ...]:
    c = t.complaints.c
    is_red, is_yellow = c.due_at <= at, and_(c.due_at > at, c.yellow_at <= at)
    shown = {"red": is_red, "yellow": is_yellow, "green": or_(c.due_at.is_(None), c.yellow_at > at)}
    counts = [_sum(condition).label(light) for light, condition in shown.items()]
    query = select(c.desk, c.tag, *counts).where(_OPEN).group_by(c.desk, c.tag)
    found = await connection.execute(query.order_by(c.desk, c.tag))
    return tuple(Standing.model_validate(dict(row)) for row in found.mappings())


async def _oldest(connection: AsyncConnection, *, limit: int) -> tuple[OpenComplaint, ...]:
    found = await connection.execute(_open_for_long().limit(limit))
    return tuple(OpenComplaint.model_validate(dict(row)) for row in found.mappings())


def _open_for_long() -> Select[Any]:
    c = t.complaints.c
    query = select(c.ticket_no, c.desk, c.stage, c.created_at, c.due_at, c.is_provisional).where(_OPEN)
    return query.order_by(c.created_at, c.ticket_no)


async def _reds(connection: AsyncConnection, *, since: datetime, limit: int | None = None) -> tuple[NewRed, ...]:
    b = t.breaches.c
    is_new = and_(b.noticed_at >= since, b.clock_kind != ClockKind.PROGRESS)
    query = select(b.ticket_no, b.department, b.clock_kind, b.due_at, b.noticed_at).where(is_new)
    query = query.order_by(b.noticed_at.desc(), b.ticket_no).limit(limit)
    found = (await connection.execute(query)).mappings().all()
    # Of all of them the database itself looks up whose they are: it takes no list of any length.
    theirs = select(b.ticket_no).where(is_new) if limit is None else {row["ticket_no"] for row in found}
    copied = await _copied(connection, theirs)
    return tuple(
        NewRed(**row, copied=tuple(sorted(copied[(row["ticket_no"], row["clock_kind"], row["due_at"])])))
        for row in found
    )


async def _copied(
    connection: AsyncConnection, ticket_nos: Iterable[str] | Select[str]
) -> dict[tuple[str, str, datetime], set[str]]:
    """By ticket, clock and due instant: the departments whose VP has a copy."""
    n = t.notices.c
    query = select(n.ticket_no, n.department, n.facts).where(n.kind == NoticeKind.VP_COPY)
    copied: dict[tuple[str, str, datetime], set[str]] = defaultdict(set)
    for ticket_no, department, facts in await connection.execute(query.where(n.ticket_no.in_(ticket_nos))):
        copied[(ticket_no, facts["clock_kind"], datetime.fromisoformat(facts["due_at"]))].add(department)
    return copied


def _answered(since: datetime, department: str) -> _Rates:
    h = t.hops.c
    answered_at = func.coalesce(h.deemed_at, h.responded_at)
    is_the_departments = or_(h.deemed_at.is_not(None), h.response != Response.RULED)
    counted = and_(_since(answered_at, since), h.is_void.is_(False), is_the_departments)
    return _by_hour(answered_at, h.deemed_at.is_(None)).where(counted, *_of(h.department, department))


def _verdicts(since: datetime, department: str) -> _Rates:
    """First claims only: a later one mends what the first did not."""
    c = t.claims.c
    decided = and_(c.decided_at >= since, c.round == 1, c.verdict.in_((Verdict.CONFIRMED, Verdict.REJECTED)))
    return _by_hour(c.decided_at, c.verdict == Verdict.CONFIRMED).where(decided, *_of(c.department, department))


def _by_hour(instant: ColumnElement[datetime], is_good: ColumnElement[bool]) -> _Rates:
    # Both databases write an instant in UTC as "2026-11-22 13:…": the hour is its first thirteen characters.
    hour = func.substr(cast(instant, String), 1, 13)
    return select(hour, _sum(is_good), func.count()).group_by(hour)


def _since(instant: ColumnElement[datetime], since: datetime) -> ColumnElement[bool]:
    return instant >= literal(since, Instant())


def _of(column: ColumnElement[str], department: str) -> tuple[ColumnElement[bool], ...]:
    return (column == department,) if department else ()


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
