"""What a department's people see on their workbench: its open complaints, the most urgent first, and their number."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.complaint import Stage
from domain.lights import Light
from domain.policy import Value
from domain.ticket import Tier
from ledger import tables as t
from ledger.database import reading
from ledger.queries import ComplaintRow, after_cursor, light_at, write_cursor

MOST = 500  # rows at once


class Whose(StrEnum):
    """MINE lies on the department's desk and it is up to them; SUPPORTED is another's that they support; WAITING is
    theirs and up to the customer, CX or the arbiter; ALL is any of these.
    """

    MINE = "mine"
    SUPPORTED = "supported"
    WAITING = "waiting"
    ALL = "all"


class QueueFilter(Value):
    """None and "" do not filter. Without a department it is the whole company's. Closed ones are shown when asked for.

    `text` is looked for in the ticket number, the vehicle's brand and model, and the customer's words.
    """

    department: str = ""
    whose: Whose = Whose.MINE
    light: Light | None = None
    stage: Stage | None = None
    tag: str | None = None
    risk_at_least: int | None = Field(default=None, ge=1, le=5)
    tier: Tier | None = None
    text: str = Field(default="", max_length=100)


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


async def queue(
    engine: AsyncEngine, filters: QueueFilter, *, at: datetime, cursor: str | None = None, limit: int = 50
) -> QueuePage:
    """By the governing clock's due instant, then ticket number; closed ones last. Raises queries.BadCursor."""
    c, hop = t.complaints.c, _LastHop(engine)
    shown = [c[name] for name in QueueRow.model_fields if name in c]
    query = select(*shown, c.urgent_at, c.state, light_at(at).label("light"))
    query = query.where(*_conditions(filters, hop, at=at)).order_by(c.urgent_at, c.ticket_no).limit(limit + 1)
    if cursor:
        query = query.where(after_cursor(cursor))
    async with reading(engine) as connection:
        found = (await connection.execute(query)).mappings().all()
    page = found[:limit]
    more = write_cursor(page[-1]["urgent_at"], page[-1]["ticket_no"]) if len(found) > limit else None
    return QueuePage(items=tuple(_row(dict(row)) for row in page), next_cursor=more)


async def loads(engine: AsyncEngine, department: str, *, at: datetime) -> dict[Whose, Load]:
    """How many open complaints each of the department's lists holds."""
    c, hop = t.complaints.c, _LastHop(engine)
    lights = {"yellow": light_at(at) == Light.YELLOW, "red": light_at(at) == Light.RED}
    columns: list[ColumnElement[Any]] = []
    for whose in Whose:
        is_in = _whose(whose, department, hop)
        columns.append(_count(is_in).label(f"{whose}:total"))
        columns += [_count(and_(is_in, condition)).label(f"{whose}:{light}") for light, condition in lights.items()]
    async with reading(engine) as connection:
        found = (await connection.execute(select(*columns).where(c.closed_at.is_(None)))).mappings().one()
    kinds = ("total", *lights)
    return {whose: Load(**{kind: found[f"{whose}:{kind}"] or 0 for kind in kinds}) for whose in Whose}


class _LastHop:
    """The present hop as the folded state has it; the two databases reach into JSON by different functions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._is_sqlite = engine.dialect.name == "sqlite"

    def __getitem__(self, field: str) -> ColumnElement[str]:
        state = t.complaints.c.state
        if self._is_sqlite:
            return func.json_extract(state, f"$.hops[#-1].{field}")
        return func.json_extract_path_text(state, "hops", "-1", field)


def _row(found: dict[str, Any]) -> QueueRow:
    hops: Sequence[dict[str, Any]] = found.pop("state")["hops"]
    last = hops[-1] if hops else {"department": "", "supporters": ()}
    found.pop("urgent_at")
    return QueueRow.model_validate({**found, "department": last["department"], "supporters": last["supporters"]})


def _conditions(filters: QueueFilter, hop: _LastHop, *, at: datetime) -> list[ColumnElement[bool]]:
    c = t.complaints.c
    tagged = select(t.complaint_tags.c.ticket_no).where(t.complaint_tags.c.tag == filters.tag)
    asked: list[tuple[object, ColumnElement[bool]]] = [
        (filters.department or None, _whose(filters.whose, filters.department, hop)),
        (filters.stage, c.stage == filters.stage),
        (filters.light, light_at(at) == filters.light),
        (filters.tag, c.ticket_no.in_(tagged)),
        (filters.risk_at_least, c.risk_level >= (filters.risk_at_least or 0)),
        (filters.tier, c.tier == filters.tier),
        (filters.text.strip() or None, c.ticket_no.in_(_with_text(filters.text.strip()))),
    ]
    is_wanted = c.closed_at.is_not(None) if filters.stage is Stage.CLOSED else c.closed_at.is_(None)
    return [is_wanted, *(condition for value, condition in asked if value is not None)]


def _whose(whose: Whose, department: str, hop: _LastHop) -> ColumnElement[bool]:
    c = t.complaints.c
    is_their_turn = hop["department"] == department
    is_asked_elsewhere = or_(c.stage == Stage.VERIFICATION, and_(c.stage == Stage.ARBITRATION, c.desk != department))
    lists: dict[Whose, ColumnElement[bool]] = {
        Whose.MINE: and_(c.desk == department, c.stage.not_in((Stage.VERIFICATION, Stage.CLOSED))),
        Whose.SUPPORTED: and_(hop["supporters"].contains(f'"{department}"', autoescape=True), c.owner != department),
        Whose.WAITING: and_(is_their_turn, is_asked_elsewhere),
    }
    return lists.get(whose, or_(c.desk == department, is_their_turn, lists[Whose.SUPPORTED]))


def _with_text(text: str) -> Any:
    """A number is looked for in ticket numbers alone: nobody shall find a customer by trying phone numbers."""
    k = t.tickets.c
    places = [k.ticket_no] if sum(map(str.isdigit, text)) > 4 else [k.ticket_no, k.brand, k.model, k.words]
    return select(k.ticket_no).where(or_(*(place.icontains(text, autoescape=True) for place in places)))


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
