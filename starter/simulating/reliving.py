"""A complaint of our own ledger lived again under another policy: what people asked then is asked again."""

from datetime import datetime

from domain import commands as cmd
from domain import events as e
from domain.commands import Actor, Role
from domain.complaint import Complaint, Stage
from domain.core import Outcome, open_complaint, settle, take
from domain.policy import Policy
from starter.simulating.assumptions import Assumptions
from starter.simulating.cases import Recorded

_OWNERS = (cmd.Accept, cmd.Transfer, cmd.Contest, cmd.RequestSupport, cmd.Claim)


def relived(recorded: Recorded, *, policy: Policy, assume: Assumptions, until: datetime) -> tuple[e.Event, ...]:
    """Everything that would have happened. What a department asked as the owner, the owner under this policy asks."""
    policy = policy if assume.risk == "graded" else policy.model_copy(update={"risk": None})
    outcome = open_complaint(recorded.ticket, policy=policy, now=recorded.opened_at)
    events, asked = [*outcome.events], recorded.commands
    for command in asked:
        c = outcome.complaint
        if c.stage is Stage.CLOSED:
            break
        if not _is_moot(c, command):
            outcome = take(c, _as_now(c, command), now=command.received_at)
            events += outcome.events
    last = until if assume.unfinished == "run-on" else asked[-1].received_at if asked else recorded.opened_at
    return (*events, *_to_the_end(outcome, last).events)


def _to_the_end(outcome: Outcome, last: datetime) -> Outcome:
    return settle(outcome.complaint, now=max(last, outcome.complaint.settled_at))


def _is_moot(c: Complaint, command: cmd.Command) -> bool:
    """What has no sense under this policy: handing it to whoever has it, ruling where nothing is disputed."""
    if isinstance(command, cmd.Transfer):
        return command.to == c.owner
    return isinstance(command, cmd.Arbitrate) and c.dispute is None


def _as_now(c: Complaint, command: cmd.Command) -> cmd.Command:
    """The same, said by whom this policy would have it said by, of the claim that is open now."""
    is_owners = isinstance(command, _OWNERS) or command.actor.role is Role.RESPONDER
    if is_owners and c.stage in (Stage.DISPATCHED, Stage.IN_WORK):
        return command.model_copy(update={"actor": command.actor.model_copy(update={"department": c.owner})})
    if isinstance(command, cmd.Arbitrate) and c.dispute:
        role = Role.CX if c.dispute.arbiter == c.policy.triage_desk else Role.ARBITER
        actor = Actor(role=role, department=c.dispute.arbiter, id=command.actor.id)
        return command.model_copy(update={"actor": actor})
    if isinstance(command, cmd.CustomerReply) and c.pending_claim:
        return command.model_copy(update={"round": c.pending_claim.round})
    return command
