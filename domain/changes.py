"""What each event makes of a complaint. `domain.fold` alone calls these, event by event."""

from domain import events as e
from domain import risk
from domain.claims import Claim, Verdict
from domain.commands import CallOutcome
from domain.complaint import Breach, Complaint, Escalation, Proposal, Stage
from domain.demands import Demand
from domain.hops import Dispute, Hop, Response
from domain.motions import Motion
from domain.policy import ClockKind, Policy


def is_complex(policy: Policy, tags: tuple[str, ...]) -> bool:
    ruling = policy.matrix.rule(tags)
    return ruling is not None and ruling.is_complex


def _routed(c: Complaint, event: e.SentToTriage | e.Dispatched) -> Complaint:
    return c if c.routed_at else c.but(routed_at=event.at, risk_since=event.at)


def sent_to_triage(c: Complaint, event: e.SentToTriage) -> Complaint:
    return _routed(c, event).promise_kept(event.at).but(stage=Stage.TRIAGE, triage_since=event.at)


def dispatched(c: Complaint, event: e.Dispatched) -> Complaint:
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


def accepted(c: Complaint, event: e.Accepted) -> Complaint:
    """A silent owner's first act meets its response clock, late as it may be."""
    answered = c.with_hop(response=Response.ACCEPTED, responded_at=event.at)
    return answered.promise_kept(event.at).but(stage=Stage.IN_WORK)


def deemed_accepted(c: Complaint, event: e.DeemedAccepted) -> Complaint:
    return c.with_hop(deemed_at=event.at).but(stage=Stage.IN_WORK)


def transferred(c: Complaint, event: e.Transferred) -> Complaint:
    return c.with_hop(response=Response.TRANSFERRED, responded_at=event.at, left_at=event.at, handed_to=event.to)


def arbitration_opened(c: Complaint, event: e.ArbitrationOpened) -> Complaint:
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


def ruled(c: Complaint, event: e.Ruled) -> Complaint:
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


def support_requested(c: Complaint, event: e.SupportRequested) -> Complaint:
    return c.with_hop(supporters=(*c.hops[-1].supporters, event.department))


def progress_posted(c: Complaint, event: e.ProgressPosted) -> Complaint:
    return c.promise_kept(event.at)


def claimed(c: Complaint, event: e.Claimed) -> Complaint:
    hop = c.hops[-1]
    claim = Claim(
        round=event.round,
        department=hop.department,
        supporters=hop.supporters,
        claimed_at=event.at,
        root_cause=event.root_cause,
    )
    return c.promise_kept(event.at).but(stage=Stage.VERIFICATION, claims=(*c.claims, claim))


def customer_reminded(c: Complaint, event: e.CustomerReminded) -> Complaint:
    return c.with_claim(reminders=event.reminder).promise_kept(event.at)


def call_recorded(c: Complaint, event: e.CallRecorded) -> Complaint:
    if event.outcome is not CallOutcome.UNREACHED:
        return c
    return c.with_claim(calls=(*c.claims[-1].calls, event.at), attempts=c.claims[-1].attempts + event.is_attempt)


def claim_confirmed(c: Complaint, event: e.ClaimConfirmed) -> Complaint:
    """With a demand still open the owner goes on with that; else its closing follows."""
    confirmed = c.with_claim(verdict=Verdict.CONFIRMED, decided_at=event.at)
    return confirmed.but(stage=Stage.IN_WORK) if confirmed.awaits_remedy else confirmed


def claim_rejected(c: Complaint, event: e.ClaimRejected) -> Complaint:
    return c.with_claim(verdict=Verdict.REJECTED, decided_at=event.at).but(stage=Stage.IN_WORK)


def clock_warned(c: Complaint, event: e.ClockWarned) -> Complaint:
    return c.but(warned=(*c.warned, event.clock))


def clock_breached(c: Complaint, event: e.ClockBreached) -> Complaint:
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


def escalation_raised(c: Complaint, event: e.EscalationRaised) -> Complaint:
    raised = Escalation(level=event.level, to=event.to, why=event.why, raised_at=event.at)
    return c.but(escalations=(*c.escalations, raised))


def escalation_acknowledged(c: Complaint, event: e.EscalationAcknowledged) -> Complaint:
    by = event.actor.id or event.actor.role if event.actor else ""
    return c.but(
        escalations=tuple(
            raised.model_copy(update={"acknowledged_at": event.at, "acknowledged_by": by})
            if raised.level is event.level
            else raised
            for raised in c.escalations
        )
    )


def reclassified(c: Complaint, event: e.Reclassified) -> Complaint:
    ruling = c.policy.matrix.rule(event.tags)
    if c.hop and ruling and ruling.lead == c.hop.department:
        c = c.with_hop(is_grey=ruling.is_grey)
    after = c.but(tags=event.tags, risk_level=event.risk_level, is_complex=event.is_complex)
    if event.risk_level > c.risk_level:
        return after.but(risk_since=event.at)
    graded = risk.grade(after, at=event.at)
    return after.but(risk_excused=graded.level) if graded and event.risk_level < c.risk_level else after


def facts_reported(c: Complaint, event: e.FactsReported) -> Complaint:
    return c.but(case=event.case, served_as=(not c.hops and event.case.case_kind) or c.served_as)


def risk_graded(c: Complaint, event: e.RiskGraded) -> Complaint:
    """Before the first routing nobody could have acted on it: what it calls for waits until then."""
    return c.but(risk_level=event.level, risk_excused=0, risk_since=event.at if c.routed_at else None)


def proposed(c: Complaint, event: e.Proposed) -> Complaint:
    return c.but(proposal=Proposal(motion=event.motion, by=event.actor, at=event.at))


def proposal_decided(c: Complaint, event: e.ProposalDecided) -> Complaint:
    return c.but(proposal=None, is_irrational=c.is_irrational or (event.agrees and event.motion is Motion.IRRATIONAL))


def demand_made(c: Complaint, event: e.DemandMade) -> Complaint:
    return c.but(demand=Demand(number=event.number, remedy=event.remedy, terms=event.terms))


def demand_decided(c: Complaint, event: e.DemandDecided) -> Complaint:
    decided = {"decision": event.decision, "decided_at": event.at}
    return c.but(demand=c.demand.model_copy(update=decided)) if c.demand else c


def policy_adopted(c: Complaint, event: e.PolicyAdopted) -> Complaint:
    return c.but(policy=event.policy)


def closed(c: Complaint, event: e.Closed) -> Complaint:
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


def command_refused(c: Complaint, event: e.CommandRefused) -> Complaint:
    return c.but(refusals=c.refusals + 1, transfers_refused=c.transfers_refused + (event.command == "transfer"))
