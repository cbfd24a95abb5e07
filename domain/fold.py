"""The one fold: a complaint and its next event make the complaint after it.

The workflow, the ledger's projections, the audit and the demo all use this, so they cannot disagree.
"""

from collections.abc import Callable, Iterable
from typing import Any

from domain import changes
from domain import events as e
from domain.case import CaseKind
from domain.complaint import MOST_SEEN, Complaint, Seen
from domain.policy import Policy


def replay(events: Iterable[e.Event], policy: Policy) -> Complaint:
    """The complaint that these events, first to last, tell of. Raises ValueError when one is missing."""
    first, *rest = events
    if not isinstance(first, e.Opened):
        raise ValueError("a complaint's first event is its opening")
    complaint = opened(first, policy)
    for event in rest:
        complaint = apply(complaint, event)
    return complaint


def opened(event: e.Opened, policy: Policy) -> Complaint:
    ticket = event.ticket
    return Complaint(
        ticket=ticket,
        policy=policy,
        seq=event.seq,
        settled_at=event.at,
        tags=ticket.tags,
        risk_level=ticket.risk_level,
        case=ticket.case,
        served_as=ticket.case.case_kind or CaseKind.COMPLAINT,
        is_complex=ticket.is_complex or changes.is_complex(policy, ticket.tags),
        promised_since=event.at,
    )


def apply(complaint: Complaint, event: e.Event) -> Complaint:
    """The complaint after `event`. Raises ValueError when `event` is not the next one."""
    if event.seq != complaint.seq + 1:
        raise ValueError(f"{complaint.ticket.ticket_no}: event {event.seq} cannot follow {complaint.seq}")
    change = _CHANGES.get(type(event))
    after = change(complaint, event) if change else complaint
    if event.actor:
        return after.but(seq=event.seq, settled_at=event.at, seen=_seen(after, event))
    return after.but(seq=event.seq, settled_at=event.at)


def _seen(after: Complaint, event: e.Event) -> dict[str, Seen]:
    code = event.code if isinstance(event, e.CommandRefused) else ""
    seen = {**after.seen, event.cause: Seen(event.seq, code, after.stage, after.owner)}
    if len(seen) > MOST_SEEN:
        del seen[next(iter(seen))]
    return seen


_CHANGES: dict[type, Callable[[Complaint, Any], Complaint]] = {
    e.SentToTriage: changes.sent_to_triage,
    e.Dispatched: changes.dispatched,
    e.Accepted: changes.accepted,
    e.DeemedAccepted: changes.deemed_accepted,
    e.Transferred: changes.transferred,
    e.ArbitrationOpened: changes.arbitration_opened,
    e.Ruled: changes.ruled,
    e.SupportRequested: changes.support_requested,
    e.ProgressPosted: changes.progress_posted,
    e.Claimed: changes.claimed,
    e.CustomerReminded: changes.customer_reminded,
    e.CallRecorded: changes.call_recorded,
    e.ClaimConfirmed: changes.claim_confirmed,
    e.ClaimRejected: changes.claim_rejected,
    e.ClockWarned: changes.clock_warned,
    e.ClockBreached: changes.clock_breached,
    e.EscalationRaised: changes.escalation_raised,
    e.EscalationAcknowledged: changes.escalation_acknowledged,
    e.Reclassified: changes.reclassified,
    e.FactsReported: changes.facts_reported,
    e.RiskGraded: changes.risk_graded,
    e.Proposed: changes.proposed,
    e.ProposalDecided: changes.proposal_decided,
    e.DemandMade: changes.demand_made,
    e.DemandDecided: changes.demand_decided,
    e.PolicyAdopted: changes.policy_adopted,
    e.Closed: changes.closed,
    e.CommandRefused: changes.command_refused,
}
