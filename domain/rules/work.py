"""While a department works on it: call others in, tell the customer, say that it is resolved."""

from domain import events as e
from domain.commands import Claim, PostProgress, RequestSupport
from domain.refusals import Refusal
from domain.rules.response import answer_first
from domain.turns import Turn


def request_support(turn: Turn, command: RequestSupport) -> Refusal | None:
    c = turn.complaint
    if command.department not in c.policy.matrix.departments():
        return Refusal.UNKNOWN_DEPARTMENT
    if command.department in (c.hops[-1].department, *c.hops[-1].supporters):
        return Refusal.ALREADY_THEIRS
    answer_first(turn)
    turn.record(e.SupportRequested, department=command.department, note_id=command.note_id or "")
    return None


def post_progress(turn: Turn, command: PostProgress) -> Refusal | None:
    if turn.complaint.hop and command.actor.department == turn.complaint.owner:
        answer_first(turn)
    turn.record(e.ProgressPosted, note_id=command.note_id)
    return None


def claim(turn: Turn, command: Claim) -> Refusal | None:
    if turn.complaint.awaits_remedy:
        return Refusal.DEMAND_OPEN
    answer_first(turn)
    turn.record(
        e.Claimed,
        round=len(turn.complaint.claims) + 1,
        note_id=command.note_id,
        root_cause=command.root_cause,
        evidence=command.evidence,
    )
    return None
