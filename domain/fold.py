"""The one fold: a complaint and its next event make the complaint after it.

The workflow, the ledger's projections, the audit and the demo all use this, so they cannot disagree.
"""

from collections.abc import Callable, Iterable
from typing import Any

from domain import events as e
from domain import risk
from domain.claims import Claim, Verdict
from domain.commands import CallOutcome
from domain.complaint import MOST_SEEN, Breach, Complaint, Escalation, Seen, Stage
from domain.hops import Dispute, Hop, Response
from domain.policy import ClockKind, Policy


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
        is_complex=ticket.is_complex or _is_complex(policy, ticket.tags),
        promised_since=event.at,
    )


def apply(complaint: Complaint, event: e.Event) -> Complaint:
    """The complaint after `event`. Raises ValueError when `event` is not the next one."""
    if event.seq != complaint.seq + 1:
        raise ValueError(f"{complaint.ticket.ticket_no}: event {event.seq} cannot follow {complaint.seq}")
    change = _CHANGES.get(type(event))
    after = complaint.but(seq=event.seq, settled_at=event.at)
    after = change(after, event) if change else after
    return after.but(seen=_seen(after, event)) if event.actor else after


def _seen(after: Complaint, event: e.Event) -> dict[str, Seen]:
    code = event.code if isinstance(event, e.CommandRefused) else ""
    seen = {**after.seen, event.cause: Seen(event.seq, code, after.stage, after.owner)}
    if len(seen) > MOST_SEEN:
        del seen[next(iter(seen))]
    return seen


def _is_complex(policy: Policy, tags: tuple[str, ...]) -> bool:
    ruling = policy.matrix.rule(tags)
    return ruling is not None and ruling.is_complex


def _routed(c: Complaint, event: e.SentToTriage | e.Dispatched) -> Complaint:
    return c if c.routed_at else c.but(routed_at=event.at, risk_since=event.at)


def _sent_to_triage(c: Complaint, event: e.SentToTriage) -> Complaint:
    return _routed(c, event).promise_kept(event.at).but(stage=Stage.TRIAGE, triage_since=event.at)


def _dispatched(c: Complaint, event: e.Dispatched) -> Complaint:
    by_ruling = event.origin is e.Origin.RULING
    hop = Hop(
        number=event.hop,
        department=event.department,
        origin=event.origin,
        entered_at=event.at,
        supporters=event.supporters,
        is_grey=event.is_grey,
        response=Response.RULED if by_ruling else None,
        responded_at=event.at if by_ruling else None,
    )
    before = c.with_hop(left_at=c.hop.left_at or event.at) if c.hop and not c.hop.is_void else c
    stage = Stage.IN_WORK if by_ruling else Stage.DISPATCHED
    return _routed(before, event).promise_kept(event.at).but(stage=stage, triage_since=None, hops=(*before.hops, hop))


def _accepted(c: Complaint, event: e.Accepted) -> Complaint:
    """A silent owner's first act meets its response clock, late as it may be."""
    answered = c.with_hop(response=Response.ACCEPTED, responded_at=event.at)
    return answered.promise_kept(event.at).but(stage=Stage.IN_WORK)


def _deemed_accepted(c: Complaint, event: e.DeemedAccepted) -> Complaint:
    return c.with_hop(deemed_at=event.at).but(stage=Stage.IN_WORK)


def _transferred(c: Complaint, event: e.Transferred) -> Complaint:
    return c.with_hop(response=Response.TRANSFERRED, responded_at=event.at, left_at=event.at, handed_to=event.to)


def _arbitration_opened(c: Complaint, event: e.ArbitrationOpened) -> Complaint:
    dispute = Dispute(
        number=c.disputes + 1,
        opened_at=event.at,
        why=event.why,
        arbiter=event.arbiter,
        proposed=event.proposed,
    )
    # A dispute that CX opens is no answer of the owner's.
    answers = c.hop is not None and c.hop.responded_at is None and event.why is not e.DisputeCause.RECLASSIFIED
    answered = c.with_hop(response=Response.CONTESTED, responded_at=event.at) if answers else c
    return answered.but(stage=Stage.ARBITRATION, dispute=dispute, disputes=dispute.number)


def _ruled(c: Complaint, event: e.Ruled) -> Complaint:
    """The ruling's owner may have held it before: that hop goes on as if never stopped, what came after is void."""
    settled = c.but(dispute=None, stage=Stage.IN_WORK)
    if not event.reopened_hop:
        return settled.with_hop(left_at=c.dispute.opened_at if c.dispute else event.at)
    kept = [hop for hop in c.hops if hop.number < event.reopened_hop]
    reopened = next(hop for hop in c.hops if hop.number == event.reopened_hop)
    undone = [
        hop.model_copy(update={"is_void": True, "left_at": hop.left_at or event.at})
        for hop in c.hops
        if hop.number > event.reopened_hop
    ]
    goes_on = reopened.model_copy(
        update={
            "response": Response.RULED,
            # A refuted transfer was no answer; a contest, an acceptance or the ruling itself was.
            "responded_at": event.at if reopened.handed_to else reopened.responded_at or event.at,
            "left_at": None,
            "is_refuted": reopened.is_refuted or bool(reopened.handed_to),
            "handed_to": "",  # undone; a later ruling must not refute it a second time
        }
    )
    # The owner's hop stands last; the void ones are kept beside it, for the record.
    return settled.but(hops=(*kept, *undone, goes_on))


def _support_requested(c: Complaint, event: e.SupportRequested) -> Complaint:
    return c.with_hop(supporters=(*c.hops[-1].supporters, event.department))


def _progress_posted(c: Complaint, event: e.ProgressPosted) -> Complaint:
    return c.promise_kept(event.at)


def _claimed(c: Complaint, event: e.Claimed) -> Complaint:
    hop = c.hops[-1]
    claim = Claim(
        round=event.round,
        department=hop.department,
        supporters=hop.supporters,
        claimed_at=event.at,
        root_cause=event.root_cause,
    )
    return c.promise_kept(event.at).but(stage=Stage.VERIFICATION, claims=(*c.claims, claim))


def _customer_reminded(c: Complaint, event: e.CustomerReminded) -> Complaint:
    return c.with_claim(reminders=event.reminder).promise_kept(event.at)


def _call_recorded(c: Complaint, event: e.CallRecorded) -> Complaint:
    if event.outcome is not CallOutcome.UNREACHED:
        return c
    return c.with_claim(calls=(*c.claims[-1].calls, event.at), attempts=c.claims[-1].attempts + event.is_attempt)


def _claim_confirmed(c: Complaint, event: e.ClaimConfirmed) -> Complaint:
    return c.with_claim(verdict=Verdict.CONFIRMED, decided_at=event.at)


def _claim_rejected(c: Complaint, event: e.ClaimRejected) -> Complaint:
    return c.with_claim(verdict=Verdict.REJECTED, decided_at=event.at).but(stage=Stage.IN_WORK)


def _clock_warned(c: Complaint, event: e.ClockWarned) -> Complaint:
    return c.but(warned=(*c.warned, event.clock))


def _clock_breached(c: Complaint, event: e.ClockBreached) -> Complaint:
    if event.clock_kind is ClockKind.PROGRESS:
        # The promise renews itself, so a forgotten complaint still has a next deadline.
        c = c.but(promised_since=event.due_at, promises=c.promises + 1)
    breach = Breach(
        clock=event.clock,
        clock_kind=event.clock_kind,
        holder=event.holder,
        due_at=event.due_at,
        noticed_at=event.noticed_at,
        charged=event.charged,
    )
    return c.but(breaches=(*c.breaches, breach))


def _escalation_raised(c: Complaint, event: e.EscalationRaised) -> Complaint:
    raised = Escalation(level=event.level, to=event.to, why=event.why, raised_at=event.at)
    return c.but(escalations=(*c.escalations, raised))


def _escalation_acknowledged(c: Complaint, event: e.EscalationAcknowledged) -> Complaint:
    by = event.actor.id or event.actor.role if event.actor else ""
    return c.but(
        escalations=tuple(
            raised.model_copy(update={"acknowledged_at": event.at, "acknowledged_by": by})
            if raised.level is event.level
            else raised
            for raised in c.escalations
        )
    )


def _reclassified(c: Complaint, event: e.Reclassified) -> Complaint:
    ruling = c.policy.matrix.rule(event.tags)
    if c.hop and ruling and ruling.lead == c.hop.department:
        c = c.with_hop(is_grey=ruling.is_grey)
    after = c.but(tags=event.tags, risk_level=event.risk_level, is_complex=event.is_complex)
    if event.risk_level > c.risk_level:
        return after.but(risk_since=event.at)
    graded = risk.grade(after, at=event.at)
    return after.but(risk_excused=graded.level) if graded and event.risk_level < c.risk_level else after


def _facts_reported(c: Complaint, event: e.FactsReported) -> Complaint:
    return c.but(case=event.case)


def _risk_graded(c: Complaint, event: e.RiskGraded) -> Complaint:
    """Before the first routing nobody could have acted on it: what it calls for waits until then."""
    return c.but(risk_level=event.level, risk_excused=0, risk_since=event.at if c.routed_at else None)


def _policy_adopted(c: Complaint, event: e.PolicyAdopted) -> Complaint:
    return c.but(policy=event.policy)


def _closed(c: Complaint, event: e.Closed) -> Complaint:
    if c.pending_claim:
        c = c.with_claim(verdict=Verdict.ABANDONED, decided_at=event.at)
    if c.hop and not c.hop.left_at:
        c = c.with_hop(left_at=c.dispute.opened_at if c.dispute else event.at)
    return c.but(
        stage=Stage.CLOSED,
        dispute=None,
        closing=event.how,
        closed_at=event.at,
        merged_into=event.merged_into,
    )


def _command_refused(c: Complaint, event: e.CommandRefused) -> Complaint:
    return c.but(refusals=c.refusals + 1, transfers_refused=c.transfers_refused + (event.command == "transfer"))


_CHANGES: dict[type, Callable[[Complaint, Any], Complaint]] = {
    e.SentToTriage: _sent_to_triage,
    e.Dispatched: _dispatched,
    e.Accepted: _accepted,
    e.DeemedAccepted: _deemed_accepted,
    e.Transferred: _transferred,
    e.ArbitrationOpened: _arbitration_opened,
    e.Ruled: _ruled,
    e.SupportRequested: _support_requested,
    e.ProgressPosted: _progress_posted,
    e.Claimed: _claimed,
    e.CustomerReminded: _customer_reminded,
    e.CallRecorded: _call_recorded,
    e.ClaimConfirmed: _claim_confirmed,
    e.ClaimRejected: _claim_rejected,
    e.ClockWarned: _clock_warned,
    e.ClockBreached: _clock_breached,
    e.EscalationRaised: _escalation_raised,
    e.EscalationAcknowledged: _escalation_acknowledged,
    e.Reclassified: _reclassified,
    e.FactsReported: _facts_reported,
    e.RiskGraded: _risk_graded,
    e.PolicyAdopted: _policy_adopted,
    e.Closed: _closed,
    e.CommandRefused: _command_refused,
}
