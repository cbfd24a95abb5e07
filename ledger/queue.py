"""What a department's people see on their workbench: its open complaints, the most urgent first, and their number."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.commands import Actor
from domain.complaint import Stage
from domain.lights import Light
from domain.policy import Value
from ledger import tables as t
from ledger.database import reading
from ledger.filtering import ComplaintFilter, conditions, light_at
from ledger.queries import ComplaintRow, after_cursor, write_cursor
from ledger.whose import Whose as Whose
from ledger.whose import elsewhere, lists_of

MOST = 500  # rows at once


class QueueRow(ComplaintRow):
    """`department` has the present hop, "" before the first; `supporters` help it."""

    yellow_at: AwareDatetime | None
    department: str
    supporters: tuple[str, ...]


class QueuePage(Value):
    """`next_cursor` is None on the last page."""

    items: tuple[QueueRow, ...]
    next_cursor: str | None


class Load(Value):
    """So many complaints, so many of them yellow and red."""

    total: int = 0
    yellow: int = 0
    red: int = 0

    def and_(self, other: "Load") -> "Load":
        return Load(total=self.total + other.total, yellow=self.yellow + other.yellow, red=self.red + other.red)

    def without(self, part: "Load") -> "Load":
        return Load(total=self.total - part.total, yellow=self.yellow - part.yellow, red=self.red - part.red)


async def queue(
    engine: AsyncEngine,
    department: str,
    whose: Whose,
    filters: ComplaintFilter,
    *,
    at: datetime,
    cursor: str | None = None,
    limit: int = 50,
    shown_to: Actor | None = None,
) -> QueuePage:
    """One of the department's lists, narrowed by `filters`; "" is the whole company. Without a stage only open ones.

    By the governing clock's due instant, then ticket number; closed ones last. `shown_to` is as in
    `queries.complaints`. Raises queries.BadCursor.
    """
    c = t.complaints.c
    filters = filters.model_copy(update={"is_open": filters.stage is not Stage.CLOSED})
    shown = [c[name] for name in QueueRow.model_fields if name in c]
    query = select(*shown, c.urgent_at, c.state, light_at(at).label("light"))
    query = query.order_by(c.urgent_at, c.ticket_no).limit(limit + 1)
    if department:
        query = query.where(lists_of(department)[whose])
    if cursor:
        query = query.where(after_cursor(cursor))
    async with reading(engine) as connection:
        query = query.where(*await conditions(connection, filters, at=at, shown_to=shown_to))
        found = (await connection.execute(query)).mappings().all()
    page = found[:limit]
    more = write_cursor(page[-1]["urgent_at"], page[-1]["ticket_no"]) if len(found) > limit else None
    return QueuePage(items=tuple(_row(dict(row)) for row in page), next_cursor=more)


async def loads(engine: AsyncEngine, department: str, *, at: datetime) -> dict[Whose, Load]:
    """How many open complaints each of the department's lists holds.

    Counted in pieces that overlap nowhere, each of which an index holds together: the lists' own conditions have ORs,
    for which a database reads every open complaint.
    """
    c, helps = t.complaints.c, t.complaint_supporters.c
    lists, is_elsewhere = lists_of(department), elsewhere(department)
    at_desk = _loads(at).where(c.desk == department)
    supported = select(helps.ticket_no).where(helps.department == department)
    helped = _loads(at).where(c.ticket_no.in_(supported), c.desk != department)
    async with reading(engine) as connection:

        async def load(query: Select[Any]) -> Load:
            total, yellow, red = (await connection.execute(query)).one()
            return Load(total=total, yellow=yellow or 0, red=red or 0)

        mine = await load(at_desk.where(lists[Whose.MINE]))
        verified = await load(at_desk.where(c.stage == Stage.VERIFICATION))
        away = await load(_loads(at).where(is_elsewhere))
        helping = await load(helped)
        both = await load(helped.where(is_elsewhere))
    waiting = verified.and_(away)
    everything = mine.and_(waiting).and_(helping).without(both)
    return {Whose.MINE: mine, Whose.SUPPORTED: helping, Whose.WAITING: waiting, Whose.ALL: everything}


def _loads(at: datetime) -> Any:
    """Of open complaints. `closed_at IS NULL` is what the indexes of open ones say."""
    lights = func.count(), *(_count(light_at(at) == light) for light in (Light.YELLOW, Light.RED))
    return select(*lights).select_from(t.complaints).where(t.complaints.c.closed_at.is_(None))


def _row(found: dict[str, Any]) -> QueueRow:
    hops: Sequence[dict[str, Any]] = found.pop("state")["hops"]
    last = hops[-1] if hops else {"department": "", "supporters": ()}
    found.pop("urgent_at")
    return QueueRow.model_validate({**found, "department": last["department"], "supporters": last["supporters"]})


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
