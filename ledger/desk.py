"""What CX's desk shows: open complaints by stage, those whose customer was called in vain, and raised escalations."""

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Join, case, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.complaint import Complaint, Stage
from domain.lights import Light
from domain.policy import Value
from ledger import tables as t
from ledger.database import reading
from ledger.filtering import light_at
from ledger.projection import complaints_from

MOST = 200  # complaints on one list: who has more in hand than that works from the top


class Pile(StrEnum):
    """UNREACHED are those of CALLS whose customer was called since the claim, in vain."""

    TRIAGE = "triage"
    CALLS = "calls"
    UNREACHED = "unreached"
    ARBITRATION = "arbitration"
    ESCALATIONS = "escalations"


class Height(Value):
    """So many lie on a pile, so many of them red."""

    total: int = 0
    red: int = 0


class Raised(Value):
    """An escalation of an open complaint that nobody has acknowledged."""

    ticket_no: str
    number: int
    level: str
    to: str
    why: str
    raised_at: AwareDatetime
    stage: Stage
    owner: str
    desk: str
    tags: tuple[str, ...]
    risk_level: int
    yellow_at: AwareDatetime | None
    due_at: AwareDatetime | None
    clock_kind: str


_c, _e = t.complaints.c, t.escalations.c
_STAGES = {
    Pile.TRIAGE: Stage.TRIAGE,
    Pile.CALLS: Stage.VERIFICATION,
    Pile.UNREACHED: Stage.VERIFICATION,
    Pile.ARBITRATION: Stage.ARBITRATION,
}


async def heights(engine: AsyncEngine, *, at: datetime) -> dict[Pile, Height]:
    """How much lies on each pile; the lights are those of the governing clocks at `at`."""
    red = func.sum(case((light_at(at) == Light.RED, 1), else_=0))
    async with reading(engine) as connection:
        found = {}
        for pile in _STAGES:
            total, reds = (await connection.execute(select(func.count(), red).where(*_on(engine, pile)))).one()
            found[pile] = Height(total=total, red=reds or 0)
        open_ones = select(func.count(), red).select_from(_escalated()).where(*_WAITING)
        total, reds = (await connection.execute(open_ones)).one()
        return {**found, Pile.ESCALATIONS: Height(total=total, red=reds or 0)}


async def pile(engine: AsyncEngine, which: Pile, *, limit: int = MOST) -> tuple[Complaint, ...]:
    """The complaints of a pile (not of ESCALATIONS), whole, the most urgent by their governing clock first."""
    query = select(_c.state, _c.policy_version).where(*_on(engine, which))
    query = query.order_by(_c.urgent_at, _c.ticket_no).limit(limit)
    async with reading(engine) as connection:
        return await complaints_from(connection, await connection.execute(query))


async def raised(engine: AsyncEngine, *, limit: int = MOST) -> tuple[Raised, ...]:
    """Escalations that wait to be acknowledged, the oldest first."""
    shown = [_e.ticket_no, _e.number, _e.level, _e.to, _e.why, _e.raised_at]
    about = [_c[name] for name in Raised.model_fields if name in _c and name != "ticket_no"]
    query = select(*shown, *about).select_from(_escalated()).where(*_WAITING)
    query = query.order_by(_e.raised_at, _e.ticket_no, _e.number).limit(limit)
    async with reading(engine) as connection:
        found = (await connection.execute(query)).mappings().all()
    return tuple(Raised.model_validate(dict(row)) for row in found)


def _on(engine: AsyncEngine, which: Pile) -> tuple[ColumnElement[bool], ...]:
    # "Open" by the column that the index of open complaints is made of.
    is_on = _c.closed_at.is_(None), _c.stage == _STAGES[which]
    return (*is_on, _was_called(engine)) if which is Pile.UNREACHED else is_on


def _was_called(engine: AsyncEngine) -> ColumnElement[bool]:
    """Since the last claim; the two databases reach into JSON by different functions."""
    if engine.dialect.name == "sqlite":
        return func.json_extract(_c.state, "$.claims[#-1].calls[0]").is_not(None)
    return func.json_extract_path_text(_c.state, "claims", "-1", "calls", "0").is_not(None)


def _escalated() -> Join:
    return t.escalations.join(t.complaints, _c.ticket_no == _e.ticket_no)


_WAITING = (_e.acknowledged_at.is_(None), _c.closed_at.is_(None))
