"""Every command on one page: at which stages it may come, whose word it takes, and the rule that decides it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from domain import commands as cmd
from domain.commands import Actor
from domain.complaint import Complaint, Stage
from domain.refusals import Refusal
from domain.rules import closure, demands, motions, response, steering, voices, work
from domain.turns import Turn


class Rule(NamedTuple):
    stages: frozenset[Stage]
    voice: Callable[[Complaint, Actor], Refusal | None]
    decide: Callable[[Turn, Any], Refusal | None]


_OPEN = frozenset(Stage) - {Stage.CLOSED}
_HELD = frozenset({Stage.DISPATCHED, Stage.IN_WORK})

RULES: dict[type, Rule] = {
    cmd.Accept: Rule(_HELD, voices.owner, response.accept),
    cmd.Transfer: Rule(_HELD, voices.owner, response.transfer),
    cmd.Contest: Rule(_HELD, voices.owner, response.contest),
    cmd.Arbitrate: Rule(frozenset({Stage.ARBITRATION}), voices.arbiter, response.arbitrate),
    cmd.RequestSupport: Rule(_HELD, voices.owner, work.request_support),
    cmd.PostProgress: Rule(_OPEN, voices.working_on_it, work.post_progress),
    cmd.Claim: Rule(_HELD, voices.owner, work.claim),
    cmd.CustomerReply: Rule(_OPEN, voices.customer, closure.customer_reply),
    cmd.RecordVerificationCall: Rule(frozenset({Stage.VERIFICATION}), voices.cx, closure.record_verification_call),
    cmd.CloseUnreachable: Rule(frozenset({Stage.VERIFICATION}), voices.cx, closure.close_unreachable),
    cmd.Escalate: Rule(_OPEN, voices.owner_cx_or_escalated_to, steering.escalate),
    cmd.Acknowledge: Rule(_OPEN, voices.anyone, steering.acknowledge),
    cmd.Reclassify: Rule(_OPEN - {Stage.ARBITRATION}, voices.cx, steering.reclassify),
    cmd.ReportFacts: Rule(_OPEN, voices.working_on_it_or_system, steering.report_facts),
    cmd.Propose: Rule(_OPEN - {Stage.ARBITRATION}, voices.cx, motions.propose),
    cmd.DecideProposal: Rule(_OPEN, voices.second_person, motions.decide_proposal),
    cmd.RecordDemand: Rule(_OPEN, voices.hears_the_customer, demands.record_demand),
    cmd.DecideDemand: Rule(_OPEN, voices.anyone, demands.decide_demand),
    cmd.Withdraw: Rule(_OPEN, voices.customer_or_cx, closure.withdraw),
    cmd.MergeInto: Rule(_OPEN, voices.cx_or_system, closure.merge_into),
    cmd.AdoptPolicy: Rule(_OPEN, voices.steward, steering.adopt_policy),
}


def refusal(c: Complaint, command: type, actor: Actor) -> Refusal | None:
    """Why this actor may not ask this now, whatever the command says; None when it may be asked."""
    if c.stage is Stage.CLOSED:
        return Refusal.CLOSED
    rule = RULES[command]
    if c.stage not in rule.stages:
        return Refusal.NOT_AT_THIS_STAGE
    return rule.voice(c, actor)


def decide(turn: Turn, command: cmd.Command) -> Refusal | None:
    """Record what the command brings about, or say which rule refuses it."""
    return refusal(turn.complaint, type(command), command.actor) or RULES[type(command)].decide(turn, command)
