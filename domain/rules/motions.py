"""What takes two: to call a complaint irrational, and to end such a one though the customer says no.

Until then and afterwards nothing else changes: every right, every clock, and the customer's yes still closes it.
"""

from domain import events as e
from domain.commands import DecideProposal, Propose
from domain.complaint import Complaint, Stage
from domain.motions import Motion
from domain.refusals import Refusal
from domain.rules.demands import blocks_closure
from domain.turns import Turn


def propose(turn: Turn, command: Propose) -> Refusal | None:
    c = turn.complaint
    if c.proposal:
        return Refusal.PROPOSAL_PENDING
    if not command.evidence:
        return Refusal.EVIDENCE_MISSING
    if refused := _may_come_to_be(c, command.motion):
        return refused
    turn.record(e.Proposed, motion=command.motion, evidence=command.evidence, note_id=command.note_id)
    return None


def decide_proposal(turn: Turn, command: DecideProposal) -> Refusal | None:
    c, actor = turn.complaint, command.actor
    if c.proposal is None:
        return Refusal.NOTHING_PROPOSED
    by = c.proposal.by
    if not actor.id or actor.id == by.id or (by.department and actor.department == by.department):
        return Refusal.SECOND_PERSON_NEEDED
    motion = c.proposal.motion
    if command.agrees and (refused := _may_come_to_be(c, motion)):
        return refused  # the customer may have been offered more since
    turn.record(e.ProposalDecided, motion=motion, agrees=command.agrees, note_id=command.note_id or "")
    if command.agrees and motion is Motion.END:
        turn.record(e.Closed, how=e.Closing.IN_DISAGREEMENT, note_id=command.note_id or "")
    return None


def _may_come_to_be(c: Complaint, motion: Motion) -> Refusal | None:
    if motion is Motion.IRRATIONAL:
        return Refusal.NOTHING_CHANGES if c.is_irrational else None
    if not c.is_irrational:
        return Refusal.NOT_IRRATIONAL
    if blocks_closure(c):
        return Refusal.DEMAND_OPEN
    if not c.first_fix_failures:
        return Refusal.NO_SOLUTION_REJECTED
    return None if c.stage in (Stage.DISPATCHED, Stage.IN_WORK) else Refusal.NOT_AT_THIS_STAGE
