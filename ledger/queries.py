"""What lists ask of the projections. The light is computed from `at` in the query, so it is never stale."""

import base64
import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Select, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.commands import Actor
from domain.complaint import Complaint, Stage
from domain.lights import Light
from domain.policy import Value
from ledger import policies
from ledger import tables as t
from ledger.boards import department_table as department_table
from ledger.boards import totals as totals
from ledger.columns import Instant
from ledger.database import reading
from ledger.filtering import ComplaintFilter as ComplaintFilter
from ledger.filtering import conditions
from ledger.filtering import light_at as light_at
from ledger.projection import complaint_from

_AT_ONCE = 500
GRACE = timedelta(minutes=1)  # a worker that is up handles a deadline within seconds


class BadCursor(ValueError):  # noqa: N818  It is the client's, and becomes an answer, not a failure.
    """The cursor is none of ours. The message is a sentence that says what to do."""


class ComplaintRow(Value):
    """A complaint in a list. The clock is the governing one; without one (closed) the light is green.

    `is_provisional`: `due_at` counts working time in a year whose days off are not announced, and may yet move.
    """

    ticket_no: str
    seq: int
    stage: Stage
    owner: str
    desk: str
    light: Light
    clock_kind: str
    due_at: AwareDatetime | None
    is_provisional: bool
    next_due_at: AwareDatetime | None
    next_rule: str
    tags: tuple[str, ...]
    tier: str
    channel: str
    risk_level: int
    is_complex: bool
    is_grey: bool
    is_red_line: bool
    created_at: AwareDatetime
    hops: int
    first_fix_failures: int
    refusals: int
    transfers_refused: int
    closing: str
    closed_at: AwareDatetime | None
    merged_into: str


class Page(Value):
    """`next_cursor` is None on the last page."""

    items: tuple[ComplaintRow, ...]
    next_cursor: str | None


async def complaints(
    engine: AsyncEngine,
    filters: ComplaintFilter,
    *,
    at: datetime,
    cursor: str | None = None,
    limit: int = 50,
    shown_to: Actor | None = None,
) -> Page:
    """The most urgent first: by the governing clock's due instant, then ticket number; closed ones last.

    A page begins after the last row of the page before, wherever that is by now, so complaints that come or go between
    two pages neither repeat nor hide the others. `limit` is at least 1. `shown_to` is somebody who may see
    personal data: the filter's text finds it, too, where a complaint concerns them. Raises BadCursor.
    """
    query = _rows(at)
    if cursor:
        query = query.where(after_cursor(cursor))
    query = query.order_by(t.complaints.c.urgent_at, t.complaints.c.ticket_no).limit(limit + 1)
    async with reading(engine) as connection:
        query = query.where(*await conditions(connection, filters, at=at, shown_to=shown_to))
        found = (await connection.execute(query)).mappings().all()
    shown = found[:limit]
    more = write_cursor(shown[-1]["urgent_at"], shown[-1]["ticket_no"]) if len(found) > limit else None
    return Page(items=tuple(ComplaintRow.model_validate(dict(row)) for row in shown), next_cursor=more)


async def every_complaint(
    engine: AsyncEngine, filters: ComplaintFilter, *, at: datetime, shown_to: Actor | None = None
) -> AsyncGenerator[ComplaintRow, None]:
    """All that `complaints` would page through, in one snapshot, a few hundred in memory at once. Close it."""
    query = _rows(at).order_by(t.complaints.c.urgent_at, t.complaints.c.ticket_no)
    query = query.execution_options(yield_per=_AT_ONCE)
    async with reading(engine) as connection:
        query = query.where(*await conditions(connection, filters, at=at, shown_to=shown_to))
        async for row in (await connection.stream(query)).mappings():
            yield ComplaintRow.model_validate(dict(row))


async def complaint(engine: AsyncEngine, ticket_no: str) -> Complaint | None:
    """The complaint as folded from what the ledger has; None when it does not know it."""
    query = select(t.complaints.c.state, t.complaints.c.policy_version).where(t.complaints.c.ticket_no == ticket_no)
    async with reading(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
        return complaint_from(row.state, await policies.get_in(connection, row.policy_version)) if row else None


async def last_seq(engine: AsyncEngine, ticket_no: str) -> int:
    """How far the ledger tells the complaint; 0 when it does not know it."""
    query = select(t.complaints.c.seq).where(t.complaints.c.ticket_no == ticket_no)
    async with reading(engine) as connection:
        return (await connection.execute(query)).scalar_one_or_none() or 0


async def overdue_unhandled(
    engine: AsyncEngine, *, at: datetime, grace: timedelta = GRACE, limit: int = 100
) -> tuple[ComplaintRow, ...]:
    """Complaints whose next deadline passed more than `grace` ago and is not handled, the oldest deadline first.

    It asks the ledger alone, so it also finds what Temporal, or a worker, has forgotten.
    """
    query = _rows(at).where(t.complaints.c.next_due_at < at - grace)
    query = query.order_by(t.complaints.c.next_due_at, t.complaints.c.ticket_no).limit(limit)
    async with reading(engine) as connection:
        found = (await connection.execute(query)).mappings().all()
    return tuple(ComplaintRow.model_validate(dict(row)) for row in found)


_place = tuple_(t.complaints.c.urgent_at, t.complaints.c.ticket_no)


def _rows(at: datetime) -> Select[Any]:
    shown = [t.complaints.c[name] for name in ComplaintRow.model_fields if name != "light"]
    return select(*shown, t.complaints.c.urgent_at, light_at(at).label("light"))


def write_cursor(urgent_at: datetime, ticket_no: str) -> str:
    """For a page of rows in the order of `urgent_at`, then ticket number, that ends with this one."""
    return base64.urlsafe_b64encode(json.dumps([urgent_at.isoformat(), ticket_no]).encode()).decode()


def after_cursor(cursor: str) -> ColumnElement[bool]:
    """What comes after the page that ended there. Raises BadCursor."""
    try:
        urgent_at, ticket_no = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
        instant = datetime.fromisoformat(urgent_at)
        if instant.tzinfo is None or not isinstance(ticket_no, str):
            raise ValueError("not what write_cursor writes")
        instant = instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadCursor("This cursor is not one of ours: begin again without it.") from error
    return _place > tuple_(literal(instant, Instant()), literal(ticket_no))
