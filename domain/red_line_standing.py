"""How a red line stands, and who may look at it. Who may act in it is `domain.red_line`'s to say."""

from datetime import datetime
from enum import StrEnum

from domain.access import is_concerned, is_concerned_with_all
from domain.commands import Actor, Role
from domain.complaint import Complaint
from domain.red_line import Calling, RedLine, post_of

_LOOK_AT_ALL = frozenset({Role.LEADERSHIP, Role.OPS})


class Standing(StrEnum):
    NOT_BEGUN = "not_begun"  # the ledger owes it, and no worker has begun it
    CALLING = "calling"
    ACKNOWLEDGED = "acknowledged"
    DECIDED = "decided"
    CLOSED = "closed"


def standing(state: RedLine | None) -> Standing:
    if state is None:
        return Standing.NOT_BEGUN
    if state.closed_at:
        return Standing.CLOSED
    if state.acknowledged_at is None:
        return Standing.CALLING
    return Standing.DECIDED if state.decisions else Standing.ACKNOWLEDGED


def is_past_a_round(state: RedLine, *, at: datetime) -> bool:
    """Whether each of those who decide has been called and had their time, and nobody has acknowledged."""
    calling = state.origin.calling
    is_waiting = state.acknowledged_at is None and state.closed_at is None
    return is_waiting and at >= state.origin.opened_at + calling.each * len(calling.chain)


def looks_at_all(actor: Actor, calling: Calling) -> bool:
    """Those who decide, leadership, ops, CX, the service coordinator and systems of no department see every one."""
    return actor.role in _LOOK_AT_ALL or is_concerned_with_all(actor) or bool(post_of(actor, calling))


def may_look(actor: Actor, calling: Calling, complaint: Complaint | None) -> bool:
    """A department sees the red lines of the complaints that concern it. A drill has none."""
    return looks_at_all(actor, calling) or is_concerned(complaint, actor)
