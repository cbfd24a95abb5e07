"""Which closed complaints have kept their personal data for as long as the policy says."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.retention import Keeping, Record, Step, before
from ledger import tables as t
from ledger.database import reading
from ledger.personal import Act
from ledger.personal_tables import legal_holds, personal_acts

_c = t.complaints.c
_was_repaired = exists().where(t.claims.c.ticket_no == _c.ticket_no)
_record = case(
    (_c.is_red_line.is_(True), Record.SAFETY.value), (_was_repaired, Record.REPAIR.value), else_=Record.COMPLAINT.value
)
_is_held = exists().where(legal_holds.c.ticket_no == _c.ticket_no, legal_holds.c.lifted_at.is_(None))
_was = exists().where(personal_acts.c.ticket_no == _c.ticket_no)


class Due(NamedTuple):
    """`is_held` says that a legal hold stands in the way."""

    ticket_no: str
    record: Record
    step: Step
    closed_at: datetime
    is_held: bool


async def due(engine: AsyncEngine, keepings: Iterable[Keeping], *, at: datetime, limit: int) -> tuple[Due, ...]:
    """Those closed longest first. What was done before is not due again."""
    rules = {keeping.record: keeping for keeping in keepings}
    query = select(_c.ticket_no, _record.label("record"), _c.closed_at, _is_held.label("is_held"))
    wanted = query.where(or_(*(_due(keeping, at) for keeping in rules.values())))
    async with reading(engine) as connection:
        rows = (await connection.execute(wanted.order_by(_c.closed_at, _c.ticket_no).limit(limit))).all()
    return tuple(
        Due(row.ticket_no, Record(row.record), _step(rules[Record(row.record)], row.closed_at, at), *row[2:])
        for row in rows
    )


def _due(keeping: Keeping, at: datetime) -> ColumnElement[bool]:
    erasable = and_(_c.closed_at <= before(at, keeping.erase), ~_was.where(personal_acts.c.act == Act.ERASED))
    if keeping.restrict is None:
        return and_(_record == keeping.record, erasable)
    return and_(_record == keeping.record, or_(erasable, and_(_c.closed_at <= before(at, keeping.restrict), ~_was)))


def _step(keeping: Keeping, closed_at: datetime, at: datetime) -> Step:
    return Step.ERASE if closed_at <= before(at, keeping.erase) else Step.RESTRICT
