"""A recorded case lived again under a policy, by the same pure core that decides real complaints."""

from datetime import datetime

from domain import commands as cmd
from domain import events as e
from domain.commands import Actor, Role
from domain.complaint import Stage
from domain.core import Outcome, open_complaint, settle, take
from domain.durations import Duration, Unit
from domain.hops import Hop
from domain.once import once
from domain.policy import Policy
from domain.ticket import TicketFacts
from starter.simulating.assumptions import Assumptions
from starter.simulating.cases import DONE, LogCase, LogEvent, State
from starter.simulating.reliving import relived

FIRST_TEAMS_TAG = "log.first"  # owned by a case's first team, where the log says no tag that the policy knows

_NEVER = Duration(amount=10_000, unit=Unit.CALENDAR_DAYS)
_CUSTOMER = Actor(role=Role.CUSTOMER)
_NOTE = "note-" + "0" * 32
_PROOF = (cmd.Evidence(kind=cmd.EvidenceKind.DOCUMENT, sha256="0" * 64),)


def replay(case: LogCase, *, policy: Policy, assume: Assumptions, until: datetime) -> tuple[e.Event, ...]:
    """Everything that would have happened. `until` is the log's last instant."""
    if case.recorded:
        return relived(case.recorded, policy=policy, assume=assume, until=until)
    return _Replay(case, policy, assume).played(until)


def policy_for(case: LogCase, policy: Policy, assume: Assumptions) -> Policy:
    """The policy with the case's teams as departments beside its own; a tag of its own leads to the first."""
    teams, matrix = case.teams, policy.matrix
    owners = matrix.owners | {team: () for team in teams if team not in matrix.owners}
    if teams:
        owners[teams[0]] = (*owners[teams[0]], FIRST_TEAMS_TAG)
    return _judging(policy, assume).model_copy(update={"matrix": matrix.model_copy(update={"owners": owners})})


@once
def _judging(policy: Policy, assume: Assumptions) -> Policy:
    # No log says what the customer heard, so the promise of news is not judged: it falls due after all else.
    changes: dict[str, object] = {"clocks": policy.clocks.model_copy(update={"progress": _NEVER})}
    return policy.model_copy(update=changes if assume.risk == "graded" else {**changes, "risk": None})


@once
def _owner_of(hop: Hop) -> Actor:
    return Actor(role=Role.RESPONDER, department=hop.department, id="log")


class _Replay:
    """Mutable for the length of one case."""

    def __init__(self, case: LogCase, policy: Policy, assume: Assumptions) -> None:
        self._case, self._assume = case, assume
        self._events: list[e.Event] = []
        self._sent = 0
        policy = policy_for(case, policy, assume)
        self._keep(open_complaint(self._ticket(policy), policy=policy, now=case.events[0].at))

    def _ticket(self, policy: Policy) -> TicketFacts:
        first = self._case.events[0]
        known = tuple(tag for tag in first.tags if policy.matrix.owner_of(tag))
        return TicketFacts(
            ticket_no="replayed",
            created_at=first.at,
            received_at=first.at,
            tags=known or ((FIRST_TEAMS_TAG,) if self._case.teams else ()),
            is_complex=self._assume.complexity == "always",
        )

    def played(self, until: datetime) -> tuple[e.Event, ...]:
        held = ""
        for event in self._case.events:
            if event.team and event.team != held:
                held = event.team
                self._hand_over(event)
            self._stand(event)
        last = self._case.events[-1]
        if last.state in DONE and self._c.pending_claim:
            self._reply(last.at, cmd.Answer.CONFIRM)
        if self._c.stage is not Stage.CLOSED and self._assume.unfinished == "run-on":
            self._keep(settle(self._c, now=until))
        return tuple(self._events)

    def _hand_over(self, event: LogEvent) -> None:
        """Asked of whoever owns it under the policy, which need not be whom the log says."""
        if self._c.stage is Stage.VERIFICATION and event.state not in DONE:
            self._reply(event.at, cmd.Answer.REJECT)
        hop = self._c.hop
        if hop is None or event.team == self._c.owner or self._c.stage not in (Stage.DISPATCHED, Stage.IN_WORK):
            return
        proof = {"evidence": _PROOF, "note_id": _NOTE} if self._assume.evidence == "always" else {}
        if hop.is_accepted and self._assume.accepted == "contested":
            self._send(cmd.Contest, event.at, self._owner(), **proof)
        else:
            self._send(cmd.Transfer, event.at, self._owner(), to=event.team, **proof)
        if self._c.dispute:
            owner = event.team if self._assume.ruling == "receiver" else hop.department
            arbiter = Actor(role=self._ruling_role(), department=self._c.dispute.arbiter, id="log")
            self._send(cmd.Arbitrate, event.at, arbiter, owner=owner)

    def _stand(self, event: LogEvent) -> None:
        if event.state is State.WITHDRAWN:
            self._send(cmd.Withdraw, event.at, _CUSTOMER)
        elif event.state in DONE:
            self._resolve(event)
        elif self._c.stage is Stage.VERIFICATION:
            self._reply(event.at, cmd.Answer.REJECT)
        elif event.state is not State.QUEUED and self._c.hop and not self._c.hop.responded_at:
            self._send(cmd.Accept, event.at, self._owner())

    def _resolve(self, event: LogEvent) -> None:
        if self._c.stage in (Stage.DISPATCHED, Stage.IN_WORK):
            cause = cmd.RootCause.NO_FAULT_FOUND
            self._send(cmd.Claim, event.at, self._owner(), note_id=_NOTE, root_cause=cause)
        if self._assume.confirm == "at-claim" and self._is_last_done(event):
            self._reply(event.at, cmd.Answer.CONFIRM)

    def _is_last_done(self, event: LogEvent) -> bool:
        """Whether nothing but done follows: the resolution lasted."""
        return all(later.state in DONE for later in self._case.events if later.at >= event.at)

    def _reply(self, at: datetime, answer: cmd.Answer) -> None:
        if claim := self._c.pending_claim:
            self._send(cmd.CustomerReply, at, _CUSTOMER, answer=answer, round=claim.round)

    def _owner(self) -> Actor:
        return _owner_of(self._c.hops[-1])

    def _ruling_role(self) -> Role:
        by_desk = self._c.dispute is not None and self._c.dispute.arbiter == self._c.policy.triage_desk
        return Role.CX if by_desk else Role.ARBITER

    def _send(self, command: type[cmd.Command], at: datetime, actor: Actor, **fields: object) -> None:
        if self._c.stage is Stage.CLOSED:
            return
        self._sent += 1
        message = command(command_id=f"row-{self._sent}", received_at=at, actor=actor, **fields)  # type: ignore[arg-type]
        self._keep(take(self._c, message, now=at))

    def _keep(self, outcome: Outcome) -> None:
        self._c = outcome.complaint
        self._events += outcome.events
