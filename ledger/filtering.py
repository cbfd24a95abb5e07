"""Which complaints a list is asked for, and the light they are shown in."""

from datetime import datetime

from pydantic import AwareDatetime, Field
from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.commands import Actor
from domain.complaint import Stage
from domain.lights import Light
from domain.policy import Value
from domain.ticket import Tier
from ledger import search
from ledger import tables as t
from ledger.projection import END_OF_TIME
from ledger.whose import Whose, lists_of

CUSTOMER = "customer"  # whom a complaint in verification waits for


class ComplaintFilter(Value):
    """None does not filter. `department` is the desk where the complaint lies now.

    `working_on` is a department that has it on its desk or supports it, `waits_for` the department, or "customer", that
    the next step is up to. `queue_of` is a department whose workbench shows it in the list `whose`, which says nothing
    without it. `created_from` belongs to the span, `created_to` no more. `text` is searched as `ledger.search` does:
    every word must be there; blank does not filter.
    """

    department: str | None = None
    stage: Stage | None = None
    light: Light | None = None
    tag: str | None = None
    vin: str | None = None
    owner: str | None = Field(default=None, max_length=64)
    working_on: str | None = Field(default=None, max_length=64)
    waits_for: str | None = Field(default=None, max_length=64)
    queue_of: str | None = Field(default=None, max_length=64)
    whose: Whose = Whose.ALL
    is_open: bool | None = None
    risk_at_least: int | None = Field(default=None, ge=1, le=5)
    tier: Tier | None = None
    is_red_line: bool | None = None
    is_grey: bool | None = None
    created_from: AwareDatetime | None = None
    created_to: AwareDatetime | None = None
    text: str | None = Field(default=None, max_length=200)


async def conditions(
    connection: AsyncConnection, filters: ComplaintFilter, *, at: datetime, shown_to: Actor | None = None
) -> list[ColumnElement[bool]]:
    """For a query over `complaints` on this connection. `shown_to` is as in `search.condition`."""
    asked = _plain(filters, at=at)
    if filters.queue_of is not None:
        asked.append(lists_of(filters.queue_of)[filters.whose])
    if filters.text and filters.text.strip():
        ticket_no = t.complaints.c.ticket_no
        asked.append(await search.condition(connection, filters.text, ticket_no, shown_to=shown_to))
    return asked


def light_at(at: datetime) -> ColumnElement[str]:
    """The light of the governing clock, for a query."""
    clock = t.complaints.c
    return case(
        (clock.due_at.is_(None), Light.GREEN.value),
        (clock.due_at <= at, Light.RED.value),
        (clock.yellow_at <= at, Light.YELLOW.value),
        else_=Light.GREEN.value,
    )


def _plain(filters: ComplaintFilter, *, at: datetime) -> list[ColumnElement[bool]]:
    c = t.complaints.c
    tagged = select(t.complaint_tags.c.ticket_no).where(t.complaint_tags.c.tag == filters.tag)
    of_vehicle = select(t.tickets.c.ticket_no).where(t.tickets.c.vin == filters.vin)
    asked: list[tuple[object, ColumnElement[bool]]] = [
        (filters.department, c.desk == filters.department),
        (filters.stage, c.stage == filters.stage),
        (filters.light, light_at(at) == filters.light),
        (filters.tag, c.ticket_no.in_(tagged)),
        (filters.vin, c.ticket_no.in_(of_vehicle)),
        (filters.owner, c.owner == filters.owner),
        (filters.working_on, _working_on(filters.working_on or "")),
        (filters.waits_for, _waits_for(filters.waits_for or "")),
        # The index ends here for the open ones: most complaints of a ledger are closed.
        (filters.is_open, c.urgent_at < END_OF_TIME if filters.is_open else c.urgent_at == END_OF_TIME),
        (filters.risk_at_least, c.risk_level >= (filters.risk_at_least or 0)),
        (filters.tier, c.tier == filters.tier),
        (filters.is_red_line, c.is_red_line.is_(filters.is_red_line)),
        (filters.is_grey, c.is_grey.is_(filters.is_grey)),
        (filters.created_from, c.created_at >= (filters.created_from or at)),
        (filters.created_to, c.created_at < (filters.created_to or at)),
    ]
    return [condition for value, condition in asked if value is not None]


def _working_on(department: str) -> ColumnElement[bool]:
    c, helps = t.complaints.c, t.complaint_supporters.c
    return or_(c.desk == department, c.ticket_no.in_(select(helps.ticket_no).where(helps.department == department)))


def _waits_for(whom: str) -> ColumnElement[bool]:
    """As `Complaint.waits_for` says."""
    c = t.complaints.c
    if whom == CUSTOMER:
        return c.stage == Stage.VERIFICATION
    return and_(c.desk == whom, c.stage.not_in((Stage.VERIFICATION, Stage.CLOSED)))
