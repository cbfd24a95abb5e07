"""What must hold of every complaint at every moment. `demo`, the tests and the audit check these and nothing weaker.

Each check returns sentences, none when all is well; none trusts what the rules that are checked derive for themselves
where the events say it plainly.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from domain import events as e
from domain.clocks import governing, running
from domain.complaint import ARBITER, CX_TRIAGE, Complaint, Stage
from domain.deadlines import next_due
from domain.fold import apply, opened
from domain.policy import Policy
from domain.service import service

Lived = Sequence[tuple[e.Event, Complaint]]  # each event, and the complaint after it


def broken(events: Sequence[e.Event], *, policy: Policy, settled_until: datetime | None = None) -> tuple[str, ...]:
    """All that is wrong with a complaint's history; `settled_until` is the instant up to which its clock has run.

    Raises ValueError when an event is missing.
    """
    lived = _lived(events, policy)
    complaint = lived[-1][1]
    return (
        *_owned_throughout(lived),
        *_settled_throughout(lived),
        *has_next_deadline(complaint, at=settled_until or complaint.settled_at),
        *_closed_by_right(events),
        *_no_ping_pong(events, hop_limit=policy.hop_limit),
        *_handed_on_with_evidence(events),
        *_once_and_never_early(events),
        *_called_for(lived),
        *_time_runs_forward(events),
    )


def has_next_deadline(c: Complaint, *, at: datetime) -> Iterable[str]:
    """An open complaint has a governing clock and a next deadline ahead of the instant it is settled to."""
    if c.stage is Stage.CLOSED:
        return
    due = next_due(c)
    if governing(c) is None:
        yield f"{c.ticket.ticket_no}: no governing clock while {c.stage}"
    if due is None:
        yield f"{c.ticket.ticket_no}: no next deadline while {c.stage}"
    elif due.due_at <= at:
        yield f"{c.ticket.ticket_no}: {due.rule} was due at {due.due_at} and is not settled at {at}"


def is_owned(c: Complaint) -> bool:
    """Whether exactly one answers for it: a department of the matrix, CX triage or the arbiter."""
    return c.owner in (CX_TRIAGE, ARBITER, *c.policy.matrix.departments())


def _lived(events: Sequence[e.Event], policy: Policy) -> Lived:
    first, *rest = events
    if not isinstance(first, e.Opened):
        raise ValueError("a complaint's first event is its opening")
    lived: list[tuple[e.Event, Complaint]] = [(first, opened(first, policy))]
    for event in rest:
        lived.append((event, apply(lived[-1][1], event)))
    return lived


def _owned_throughout(lived: Lived) -> Iterable[str]:
    for _, c in lived:
        if not is_owned(c):
            yield f"{c.ticket.ticket_no}: unowned after event {c.seq}"
        if (c.stage is Stage.ARBITRATION) != (c.dispute is not None):
            yield f"{c.ticket.ticket_no}: a dispute without an arbiter after event {c.seq}"


def _settled_throughout(lived: Lived) -> Iterable[str]:
    """Time never passes a deadline by: when it moves on, the next one lies ahead and, once reached, comes first.

    Events of one instant are one step: only its last one leaves everything settled.
    """
    for (before, c), (after, _) in pairwise(lived):
        if after.at <= before.at or c.stage is Stage.CLOSED:
            continue
        if c.routed_at or c.triage_since:  # before that it waited outside, and was nobody's to act on
            yield from has_next_deadline(c, at=before.at)
        due = next_due(c)
        if due and (due.due_at < after.at or (due.due_at == after.at and after.cause != due.rule)):
            yield f"event {after.seq}: {after.kind} at {after.at} went before {due.rule}, due at {due.due_at}"


def _closed_by_right(events: Sequence[e.Event]) -> Iterable[str]:
    """Only the customer's word closes, or what stands in for it, and never the department that claimed."""
    claims = [event for event in events if isinstance(event, e.Claimed)]
    claimants = {claim.actor.department for claim in claims if claim.actor}
    for event in events:
        if not isinstance(event, e.Closed):
            continue
        by = event.actor.department if event.actor else ""
        if by and by in claimants:
            yield f"event {event.seq}: closed by {by}, which had claimed it solved"
        if event.how is e.Closing.CONFIRMED and not isinstance(_last_word(events[: event.seq]), e.ClaimConfirmed):
            yield f"event {event.seq}: closed as confirmed without the customer's word"
        if event.how is e.Closing.UNREACHABLE and not any(isinstance(each, e.CallRecorded) for each in events):
            yield f"event {event.seq}: closed as unreachable without a single call"
    if sum(isinstance(event, e.Closed) for event in events) > 1:
        yield "closed twice"


def _last_word(events: Sequence[e.Event]) -> e.Event | None:
    """The customer's last yes or no to a claim; None where there was none since it was claimed last."""
    words = (e.Claimed, e.ClaimConfirmed, e.ClaimRejected)
    return next((event for event in reversed(events) if isinstance(event, words)), None)


def _no_ping_pong(events: Sequence[e.Event], *, hop_limit: int) -> Iterable[str]:
    """No department gets it back, and none gets one hop too many, unless the arbiter or triage said so."""
    held: list[str] = []
    for event in events:
        if isinstance(event, e.PolicyAdopted):
            hop_limit = event.policy.hop_limit
        if isinstance(event, e.Ruled):
            held = [event.owner]  # the ruling stands above what went before
        if not isinstance(event, e.Dispatched) or event.origin is e.Origin.RULING:
            continue
        if event.department in held:
            yield f"event {event.seq}: back to {event.department} without arbitration"
        held.append(event.department)
        if len(held) > hop_limit:
            yield f"event {event.seq}: hop {len(held)} exceeds the limit of {hop_limit}"


def _handed_on_with_evidence(events: Sequence[e.Event]) -> Iterable[str]:
    """A turn that began by a transfer follows that transfer, to this very department, with proof."""
    for before, event in pairwise(events):
        if not isinstance(event, e.Dispatched) or event.origin is not e.Origin.TRANSFER:
            continue
        if not isinstance(before, e.Transferred) or before.to != event.department or not before.evidence:
            yield f"event {event.seq}: {event.department} got it by a transfer that was never made with evidence"


def _once_and_never_early(events: Sequence[e.Event]) -> Iterable[str]:
    """Each breach, warning, escalation and reminder once; none before the instant it names, none noticed before it."""
    keys = Counter(key for event in events if (key := _once_key(event)))
    yield from (f"{key} happened {count} times" for key, count in keys.items() if count > 1)
    for event in events:
        if isinstance(event, e.ClockBreached | e.EscalationRaised) and event.at < event.due_at:
            yield f"event {event.seq}: {event.cause} at {event.at}, before it was due at {event.due_at}"
        if event.noticed_at < event.at:
            yield f"event {event.seq}: took effect at {event.at}, after it was noticed at {event.noticed_at}"


def _called_for(lived: Lived) -> Iterable[str]:
    """A warning or a reminder does not say when it was due: the complaint just before it does."""
    for (_, c), (event, _) in pairwise(lived):
        if isinstance(event, e.ClockWarned):
            clock = next((clock for clock in running(c) if clock.key == event.clock), None)
            due_at, what = clock.yellow_at if clock else None, f"{event.clock} turned yellow"
        elif isinstance(event, e.CustomerReminded):
            due_at, what = _reminded_from(c, event), f"reminder {event.round}.{event.reminder}"
        else:
            continue
        if due_at is None:
            yield f"event {event.seq}: {what} at {event.at}, and nothing called for it"
        elif event.at < due_at:
            yield f"event {event.seq}: {what} at {event.at}, before it was due at {due_at}"


def _reminded_from(c: Complaint, event: e.CustomerReminded) -> datetime | None:
    claim, after = c.pending_claim, service(c).verification.reminders
    if claim is None or claim.round != event.round or not 0 < event.reminder <= len(after):
        return None
    return c.policy.calendar.add(claim.claimed_at, after[event.reminder - 1])


def _once_key(event: e.Event) -> str:
    match event:
        case e.ClockBreached() | e.ClockWarned():
            return f"{event.kind} {event.clock}"
        case e.EscalationRaised():
            return f"{event.kind} {event.level}"
        case e.CustomerReminded():
            return f"{event.kind} {event.round}.{event.reminder}"
        case _:
            return ""


def _time_runs_forward(events: Sequence[e.Event]) -> Iterable[str]:
    for before, after in pairwise(events):
        if after.seq != before.seq + 1:
            yield f"event {after.seq} follows {before.seq}"
        if after.at < before.at:
            yield f"event {after.seq} took effect before event {before.seq}"
