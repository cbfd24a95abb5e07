"""Counts over the whole ledger: what each department met with, and all of it together."""

from collections import Counter, defaultdict
from typing import Any

from sqlalchemy import Column, ColumnElement, ScalarSelect, Table, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.claims import Verdict
from domain.complaint import Stage
from domain.kinship import Kin
from domain.outlets import NoticeKind
from domain.policy import ClockKind, Value
from ledger import tables as t
from ledger.database import reading
from ledger.kin import kin


class DepartmentCounts(Value):
    """`reds` are breaches of the clocks that govern; `transfers_made` counts hops handed on, also refuted ones. A
    first-fix failure is a claim that the customer rejected, or a fault that came back after it was closed.
    """

    department: str
    hops: int = 0
    response_breaches: int = 0
    deemed_acceptances: int = 0
    transfers_made: int = 0
    transfers_refused: int = 0
    claims: int = 0
    first_fix_failures: int = 0
    reds: int = 0


class Totals(Value):
    """`closings` counts closed complaints by how they ended: unreachable stands apart from confirmed."""

    complaints: int
    open: int
    closed: int
    closings: dict[str, int]
    events: int
    transfers: int
    transfers_refused: int
    response_breaches: int
    first_fix_failures: int
    escalations: int
    vp_copies: int


_RESPONSE = t.breaches.c.clock_kind == ClockKind.RESPONSE
_RED = t.breaches.c.clock_kind != ClockKind.PROGRESS
_HANDED_ON = t.hops.c.handed_to != ""
_TRANSFER = t.refusals.c.command == "transfer"
_REJECTED = t.claims.c.verdict == Verdict.REJECTED

_CAME_BACK = kin.c.kin == Kin.CAME_BACK

_COUNTED: tuple[tuple[str, Table, ColumnElement[bool] | None], ...] = (
    ("hops", t.hops, t.hops.c.is_void.is_(False)),
    ("response_breaches", t.breaches, _RESPONSE),
    ("deemed_acceptances", t.hops, t.hops.c.deemed_at.is_not(None)),
    ("transfers_made", t.hops, _HANDED_ON),
    ("transfers_refused", t.refusals, _TRANSFER),
    ("claims", t.claims, None),
    ("first_fix_failures", t.claims, _REJECTED),
    ("first_fix_failures", kin, _CAME_BACK),
    ("reds", t.breaches, _RED),
)


async def department_table(engine: AsyncEngine) -> tuple[DepartmentCounts, ...]:
    """One row for each department or desk that met with anything, by name."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    async with reading(engine) as connection:
        for figure, table, condition in _COUNTED:
            query = select(table.c.department, func.count()).group_by(table.c.department)
            if condition is not None:
                query = query.where(condition)
            for department, count in await connection.execute(query):
                counts[department][figure] += count
    return tuple(DepartmentCounts(department=name, **counts[name]) for name in sorted(counts))


async def totals(engine: AsyncEngine) -> Totals:
    how_many = select(
        _count(t.complaints).label("complaints"),
        _count(t.complaints, t.complaints.c.stage != Stage.CLOSED).label("open"),
        _count(t.complaints, t.complaints.c.stage == Stage.CLOSED).label("closed"),
        _count(t.events).label("events"),
        _count(t.hops, _HANDED_ON).label("transfers"),
        _count(t.refusals, _TRANSFER).label("transfers_refused"),
        _count(t.breaches, _RESPONSE).label("response_breaches"),
        (_count(t.claims, _REJECTED) + _count(kin, _CAME_BACK)).label("first_fix_failures"),
        _count(t.escalations).label("escalations"),
        # A copy goes to each of the VP's addresses and is still one copy.
        _count(t.notices, t.notices.c.kind == NoticeKind.VP_COPY, of=t.notices.c.key).label("vp_copies"),
    )
    ended = select(t.complaints.c.closing, func.count()).where(t.complaints.c.closing != "")
    async with reading(engine) as connection:
        counts = (await connection.execute(how_many)).mappings().one()
        closings = await connection.execute(ended.group_by(t.complaints.c.closing))
        return Totals(closings=dict(closings.all()), **counts)


def _count(table: Table, *conditions: ColumnElement[bool], of: Column[Any] | None = None) -> ScalarSelect[int]:
    counted = func.count() if of is None else func.count(of.distinct())
    return select(counted).select_from(table).where(*conditions).scalar_subquery()
