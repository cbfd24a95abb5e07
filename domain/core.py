"""The one decision path: a complaint, a message and an instant go in; a receipt and events come out.

Total: whatever comes in is answered or recorded, and nothing here raises for what somebody sent.
"""

from datetime import datetime
from typing import NamedTuple

from domain import deadlines
from domain import events as e
from domain.complaint import Complaint
from domain.fold import opened
from domain.messages import Malformed, Message
from domain.policy import Policy
from domain.receipts import Receipt, receipt_for
from domain.rules.response import dispatch
from domain.rules.table import decide
from domain.ticket import TicketFacts
from domain.turns import Turn


class Outcome(NamedTuple):
    """The complaint afterwards, what happened, and the receipt where a command was answered."""

    complaint: Complaint
    events: tuple[e.Event, ...]
    receipt: Receipt | None = None


def open_complaint(ticket: TicketFacts, *, policy: Policy, now: datetime) -> Outcome:
    """Open and dispatch at once. What fell due while the ticket waited outside is settled first, against CX."""
    opening = e.Opened(
        seq=1,
        at=min(ticket.created_at, now),
        noticed_at=now,
        cause="ticket",
        ticket=ticket,
        policy_version=policy.version,
    )
    turn = Turn(opened(opening, policy), now=now)
    turn.events.append(opening)
    deadlines.settle(turn, until=now)
    turn.begin(at=now, cause="ticket")
    ruling = policy.matrix.rule(ticket.tags)
    if ruling is None:
        turn.record(e.SentToTriage)
    else:
        dispatch(turn, ruling.lead, origin=e.Origin.DISPATCH)
    deadlines.settle(turn, until=now)
    return Outcome(turn.complaint, tuple(turn.events))


def take(complaint: Complaint, message: Message, *, now: datetime) -> Outcome:
    """Settle what was due when the message was received, then decide it.

    `received_at` is clamped to [last settled instant, now]: a door cannot reach back past a deadline that has already
    been settled, nor ahead of time. A command seen before gets its first receipt again and changes nothing.
    """
    if not isinstance(message, Malformed) and message.command_id in complaint.seen:
        return Outcome(complaint, (), receipt_for(complaint, message.command_id, is_duplicate=True))
    turn = Turn(complaint, now=now)
    at = max(min(message.received_at, now), complaint.settled_at)
    deadlines.settle(turn, until=at)
    if isinstance(message, Malformed):
        turn.begin(at=at, cause="message")
        turn.record(e.MessageRejected, name=message.name, code=message.code)
        return Outcome(turn.complaint, tuple(turn.events))
    turn.begin(at=at, cause=message.command_id, actor=message.actor)
    refused = decide(turn, message)
    if refused:
        turn.record(e.CommandRefused, command=message.kind, code=refused)
    # What was decided may have un-stopped a clock that is past its due instant by now.
    deadlines.settle(turn, until=at)
    return Outcome(turn.complaint, tuple(turn.events), receipt_for(turn.complaint, message.command_id))


def settle(complaint: Complaint, *, now: datetime) -> Outcome:
    """Let everything due by `now` happen."""
    turn = Turn(complaint, now=now)
    deadlines.settle(turn, until=now)
    return Outcome(turn.complaint, tuple(turn.events))


def notice_failed(complaint: Complaint, notice: str, *, now: datetime) -> Outcome:
    """A notice was given up; escalation and ops can see it."""
    turn = Turn(complaint, now=now)
    deadlines.settle(turn, until=now)
    turn.begin(at=now, cause="outlet:notices")
    turn.record(e.NoticeFailed, notice=notice)
    return Outcome(turn.complaint, tuple(turn.events))
