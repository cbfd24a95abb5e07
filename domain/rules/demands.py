"""A demand under the three guarantees: its clocks are the law's, nothing stops them, and nothing closes over it."""

from domain import events as e
from domain.commands import DecideDemand, RecordDemand, Role
from domain.complaint import Complaint
from domain.demands import DemandDecision
from domain.refusals import Refusal
from domain.rules import voices
from domain.turns import Turn

# A refusal without good reason is an offence: it takes somebody who answers for a department.
_MAY_REFUSE = frozenset({Role.MANAGER, Role.DIRECTOR, Role.VP, Role.COORDINATOR})


def record_demand(turn: Turn, command: RecordDemand) -> Refusal | None:
    before = turn.complaint.demand
    if before and before.is_open:
        return Refusal.DEMAND_OPEN
    turn.record(
        e.DemandMade,
        number=before.number + 1 if before else 1,
        remedy=command.remedy,
        terms=command.terms,
        evidence=command.evidence,
        note_id=command.note_id or "",
    )
    return None


def decide_demand(turn: Turn, command: DecideDemand) -> Refusal | None:
    c = turn.complaint
    if refused := _may_be_decided(c, command):
        return refused
    was_confirmed = c.awaits_remedy
    turn.record(
        e.DemandDecided,
        decision=command.decision,
        evidence=command.evidence,
        note_id=command.note_id or "",
    )
    if was_confirmed and command.decision in (DemandDecision.COMPLETED, DemandDecision.DROPPED):
        turn.record(e.Closed, how=e.Closing.CONFIRMED)  # the customer has said yes before
    return None


def blocks_closure(c: Complaint) -> bool:
    return c.demand is not None and c.demand.is_open


def _may_be_decided(c: Complaint, command: DecideDemand) -> Refusal | None:
    if c.demand is None or not c.demand.is_open:
        return Refusal.NOTHING_DEMANDED
    match command.decision:
        case DemandDecision.DROPPED:
            return _says_the_customer(c, command) or _with_reason(c, command)
        case DemandDecision.COMPLETED if c.awaits_remedy:  # it closes then, and that takes the customer's word
            return _says_the_customer(c, command) or _with_proof(c, command)
        case DemandDecision.COMPLETED:
            return voices.working_on_it(c, command.actor) or _with_proof(c, command)
        case _:
            return voices.working_on_it(c, command.actor) or _may_be_answered(c, command)


def _may_be_answered(c: Complaint, command: DecideDemand) -> Refusal | None:
    if c.demand and c.demand.decision:
        return Refusal.DEMAND_ANSWERED
    if command.decision is DemandDecision.REFUSED:
        if command.actor.role not in _MAY_REFUSE:
            return Refusal.MANAGER_NEEDED
        if not command.note_id:
            return Refusal.REASON_MISSING
    return _with_proof(c, command)


def _says_the_customer(c: Complaint, command: DecideDemand) -> Refusal | None:
    """In their own words, or CX for them; never anybody who claimed it solved."""
    return voices.customer_or_cx(c, command.actor)


def _with_reason(c: Complaint, command: DecideDemand) -> Refusal | None:
    is_own_word = voices.customer(c, command.actor) is None
    return None if is_own_word or command.note_id else Refusal.REASON_MISSING


def _with_proof(c: Complaint, command: DecideDemand) -> Refusal | None:
    is_own_word = voices.customer(c, command.actor) is None
    return None if is_own_word or command.evidence else Refusal.EVIDENCE_MISSING
