"""Two-way closure: only the customer's word ends it, or what stands in for it, on the record."""

from datetime import datetime

from domain import events as e
from domain import shares
from domain.commands import (
    Answer,
    CallOutcome,
    CloseUnreachable,
    CustomerReply,
    MergeInto,
    RecordVerificationCall,
    Withdraw,
)
from domain.complaint import Complaint
from domain.demands import DemandDecision
from domain.refusals import Refusal
from domain.rules.demands import blocks_closure
from domain.rules.voices import customer
from domain.turns import Turn


def customer_reply(turn: Turn, command: CustomerReply) -> Refusal | None:
    pending = turn.complaint.pending_claim
    if pending is None:
        return Refusal.NOTHING_TO_CONFIRM
    if command.round != pending.round:
        return Refusal.STALE_ROUND
    _conclude(turn, command, is_confirmed=command.answer is Answer.CONFIRM)
    return None


def record_verification_call(turn: Turn, command: RecordVerificationCall) -> Refusal | None:
    turn.record(
        e.CallRecorded,
        round=turn.complaint.claims[-1].round,
        outcome=command.outcome,
        is_attempt=command.outcome is CallOutcome.UNREACHED and _is_far_enough(turn),
        evidence=command.evidence,
        note_id=command.note_id or "",
    )
    if command.outcome is not CallOutcome.UNREACHED:
        _conclude(turn, command, is_confirmed=command.outcome is CallOutcome.CONFIRMED)
    return None


def _is_far_enough(turn: Turn) -> bool:
    """Three calls within a minute are one attempt; the gap is from the last that counted, so each later call may."""
    counts_from = attempt_counts_from(turn.complaint)
    return counts_from is None or turn.at >= counts_from


def attempt_counts_from(c: Complaint) -> datetime | None:
    """From when on a call of the last claim that reaches nobody is an attempt of its own; None is at once."""
    counted = counted_calls(c)
    gap = c.policy.verification.attempt_gap
    return c.policy.calendar.add(counted[-1], gap) if counted else None


def counted_calls(c: Complaint) -> tuple[datetime, ...]:
    """The last claim's calls that are attempts: the first, and each that came a gap or more after the one before."""
    calendar, gap = c.policy.calendar, c.policy.verification.attempt_gap
    counted: list[datetime] = []
    for call in c.claims[-1].calls:
        if not counted or call >= calendar.add(counted[-1], gap):
            counted.append(call)
    return tuple(counted)


def _conclude(turn: Turn, command: CustomerReply | RecordVerificationCall, *, is_confirmed: bool) -> None:
    """The customer's word. A rejection is a first-fix failure of those who claimed."""
    c = turn.complaint
    pending = c.claims[-1]
    turn.record(
        e.ClaimConfirmed if is_confirmed else e.ClaimRejected,
        round=pending.round,
        ratings=command.ratings,
        note_id=command.note_id or "",
        charged=shares.of_claim(pending, lead_share=c.policy.lead_share),
    )
    if is_confirmed and not blocks_closure(c):
        turn.record(e.Closed, how=e.Closing.CONFIRMED)


def close_unreachable(turn: Turn, command: CloseUnreachable) -> Refusal | None:
    c = turn.complaint
    if c.claims[-1].attempts < c.policy.verification.unreachable_attempts:
        return Refusal.TOO_FEW_ATTEMPTS
    if blocks_closure(c):
        return Refusal.DEMAND_OPEN
    turn.record(e.Closed, how=e.Closing.UNREACHABLE, note_id=command.note_id or "")
    return None


def withdraw(turn: Turn, command: Withdraw) -> Refusal | None:
    """What the customer takes back themself includes what they demanded; CX first puts down that they dropped it."""
    if blocks_closure(turn.complaint):
        if customer(turn.complaint, command.actor):
            return Refusal.DEMAND_OPEN
        turn.record(e.DemandDecided, decision=DemandDecision.DROPPED, note_id=command.note_id or "")
    turn.record(e.Closed, how=e.Closing.WITHDRAWN, note_id=command.note_id or "")
    return None


def merge_into(turn: Turn, command: MergeInto) -> Refusal | None:
    if command.ticket_no == turn.complaint.ticket.ticket_no:
        return Refusal.CANNOT_MERGE_INTO_ITSELF
    if blocks_closure(turn.complaint):
        return Refusal.DEMAND_OPEN
    turn.record(e.Closed, how=e.Closing.MERGED, merged_into=command.ticket_no, note_id=command.note_id or "")
    return None
