"""The lists of a department's workbench: what lies on its desk, what it supports, and what of its own others are at."""

from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select

from domain.complaint import Stage
from ledger import tables as t
from ledger.concerning import last_of_hops


class Whose(StrEnum):
    """MINE lies on the department's desk and it is up to them; SUPPORTED is another's that they support; WAITING is
    theirs and up to the customer, CX or the arbiter; ALL is any of these.
    """

    MINE = "mine"
    SUPPORTED = "supported"
    WAITING = "waiting"
    ALL = "all"


def lists_of(department: str) -> dict[Whose, ColumnElement[bool]]:
    """For a query over `complaints`: what belongs to each of the department's lists."""
    c, helps = t.complaints.c, t.complaint_supporters.c
    supported = c.ticket_no.in_(select(helps.ticket_no).where(helps.department == department))
    is_elsewhere = elsewhere(department)
    waiting = or_(and_(c.desk == department, c.stage == Stage.VERIFICATION), is_elsewhere)
    return {
        Whose.MINE: and_(c.desk == department, c.stage.not_in((Stage.VERIFICATION, Stage.CLOSED))),
        Whose.SUPPORTED: and_(supported, c.desk != department),
        Whose.WAITING: waiting,
        Whose.ALL: or_(c.desk == department, supported, is_elsewhere),
    }


def elsewhere(department: str) -> ColumnElement[bool]:
    """What was the department's last and lies before the arbiter."""
    c = t.complaints.c
    return and_(c.stage == Stage.ARBITRATION, c.desk != department, last_of_hops(t.complaints) == department)
