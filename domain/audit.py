"""Feed the recorded messages to today's core again and see whether the recorded events come out.

The instants at which the core got to things are taken from the record: time is an input. Everything else is decided
anew, so a rule that has changed since, an event that was altered, and one that was made up all show.
"""

from collections.abc import Sequence
from datetime import datetime

from domain import core
from domain import events as e
from domain.messages import Malformed, Message
from domain.policy import Policy


def differences(recorded: Sequence[e.Event], messages: Sequence[Message], *, policy: Policy) -> tuple[str, ...]:
    """What differs, in sentences; none when the record is what the core decides."""
    opening = recorded[0] if recorded else None
    if not isinstance(opening, e.Opened):
        return ("the record does not begin with an opening",)
    derived = _derived(opening, recorded, messages, policy)
    for was, comes in zip(recorded, derived, strict=False):
        if was != comes:
            return (f"event {was.seq} is recorded as {_told(was)}, the core decides {_told(comes)}",)
    if len(derived) != len(recorded):
        return (f"{len(recorded)} events are recorded, the core decides {len(derived)}",)
    return ()


def _derived(
    opening: e.Opened, recorded: Sequence[e.Event], messages: Sequence[Message], policy: Policy
) -> list[e.Event]:
    """The events of a new run. Each step takes the next message when the record says that it was its turn."""
    outcome = core.open_complaint(opening.ticket, policy=policy, now=opening.noticed_at)
    complaint, derived, waiting = outcome.complaint, list(outcome.events), list(messages)
    while len(derived) < len(recorded):
        event = recorded[len(derived)]
        if isinstance(event, e.NoticeFailed):
            outcome = core.notice_failed(complaint, event.notice, now=event.noticed_at)
        elif waiting and _noticed_at(waiting[0], recorded[len(derived) :]) == event.noticed_at:
            outcome = core.take(complaint, waiting[0], now=event.noticed_at)
            settled = core.settle(complaint, now=event.noticed_at)
            # The clock may have been settled first, at the very instant at which the message was got to.
            if _agrees(settled, recorded[len(derived) :]) and not _agrees(outcome, recorded[len(derived) :]):
                outcome = settled
            else:
                waiting.pop(0)
        else:
            outcome = core.settle(complaint, now=event.noticed_at)
        if not outcome.events:
            break  # the core has nothing to say where the record has an event
        complaint = outcome.complaint
        derived += outcome.events
    # A message whose events are gone from the end of the record still says that they should be there.
    for message in waiting:
        derived += core.take(complaint, message, now=recorded[-1].noticed_at).events
    return derived


def _agrees(outcome: core.Outcome, ahead: Sequence[e.Event]) -> bool:
    return bool(outcome.events) and outcome.events == tuple(ahead[: len(outcome.events)])


def _noticed_at(message: Message, ahead: Sequence[e.Event]) -> datetime | None:
    """When the core got to `message`, by the first event it caused."""
    for event in ahead:
        if isinstance(message, Malformed):
            if isinstance(event, e.MessageRejected):
                return event.noticed_at
        elif event.cause == message.command_id:
            return event.noticed_at
    return None


def _told(event: e.Event) -> str:
    return f"{event.kind} at {event.at.isoformat()}"
