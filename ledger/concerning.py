"""Whose complaints they are, as a question to the database."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.sql import FromClause

from domain.access import is_concerned_with_all
from domain.commands import Actor, Role
from domain.complaint import Stage
from ledger import tables as t


def concerns(complaints: FromClause, actor: Actor) -> ColumnElement[bool]:
    """As `domain.access.is_concerned` decides, for a query over `complaints`: the table, or an alias of it."""
    if is_concerned_with_all(actor):
        return true()
    if not actor.department:
        return false()
    c, helps = complaints.c, t.complaint_supporters.c
    supported = select(helps.ticket_no).where(helps.department == actor.department)
    ways = [last_of_hops(complaints) == actor.department, c.ticket_no.in_(supported)]
    if actor.role is Role.ARBITER:
        ways.append(and_(c.stage == Stage.ARBITRATION, c.desk == actor.department))
    return or_(*ways)


def last_of_hops(complaints: FromClause) -> ColumnElement[str]:
    """The department of the present hop; NULL before the first."""
    hops = t.hops.alias()
    last = select(hops.c.department).where(hops.c.ticket_no == complaints.c.ticket_no)
    return last.order_by(hops.c.number.desc()).limit(1).correlate(complaints).scalar_subquery()
