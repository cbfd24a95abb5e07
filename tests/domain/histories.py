"""Random lives of complaints, played through the core and checked at every step.

A step is six small numbers, so that hypothesis can shrink it and a seeded `Random` can make a thousand.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from domain import audit, clocks, core
from domain import commands as cmd
from domain.complaint import Complaint, Seen
from domain.custody import customer_total, segments
from domain.deadlines import next_due
from domain.fold import replay
from domain.invariants import broken
from domain.messages import Malformed, Message, read
from domain.rules.table import RULES
from domain.ticket import Tier
from tests.builders import (
    ARBITER,
    CUSTOMER,
    CX,
    DAY,
    HOUR,
    LEADERSHIP,
    NOTE,
    OPS,
    PHOTO,
    SECOND,
    T0,
    a_policy,
    a_ticket,
    of,
)
from tests.domain.oracle import Oracle, shares_of_responses
from tests.domain.scenes import CX_ARBITER, SERVICE
from tests.plans import PLANS
from tests.risks import RISK

Step = tuple[int, int, int, int, int, int]
TIERS = tuple(Tier)
LIMITS = (16, 40, 12, 12, 8, 12)  # each number of a step is below its limit

POLICIES = (
    a_policy(risk=RISK, plans=PLANS),
    a_policy(
        version="test+2",
        hop_limit=3,
        clocks={
            "response": "2 hours",
            "resolution_ordinary": "2 calendar_days",
            "resolution_complex": "9 calendar_days",
        },
        verification={"on_rejection": "resume"},
    ),
    a_policy(
        version="test+3",
        clocks={
            "response": "9 hours",
            "resolution_ordinary": "6 calendar_days",
            "resolution_complex": "8 calendar_days",
        },
    ),
)
TAGS: tuple[tuple[str, ...], ...] = (
    *(("engine.stall",), ("noise",), ("brakes.noise", "body.paint"), ("x",), ("battery.fire",)),
    *(("engine.oil",), ("engine.stall",)),
)
DEPARTMENTS = ("engine", "chassis", "body", "quality", "service", "paint-shop")
MINUTE = timedelta(minutes=1)
GAPS = (
    timedelta(),
    MINUTE,
    MINUTE,
    HOUR,
    HOUR,
    HOUR,
    2 * HOUR,
    2 * HOUR,
    4 * HOUR,
    4 * HOUR - SECOND,
    DAY,
    DAY,
    3 * DAY,
    9 * DAY,
)
# What is asked, the likelier the more often it stands here; only what the stage allows, unless chance wants otherwise.
ASKED: tuple[type, ...] = (
    *(cmd.Transfer,) * 10,
    *(cmd.Contest, cmd.Claim, cmd.Arbitrate, cmd.CustomerReply, cmd.RecordVerificationCall) * 4,
    *(cmd.Accept, cmd.Reclassify, cmd.CloseUnreachable, cmd.DecideProposal, cmd.DecideDemand) * 2,
    *(
        cmd.RequestSupport,
        cmd.PostProgress,
        cmd.ReportFacts,
        cmd.Escalate,
        cmd.Acknowledge,
        cmd.AdoptPolicy,
        cmd.Propose,
        cmd.RecordDemand,
        cmd.Withdraw,
        cmd.MergeInto,
    ),
)
LATE = (timedelta(), timedelta(), timedelta(), timedelta(), SECOND, 3 * HOUR, 30 * DAY, -HOUR)
CASES: tuple[dict[str, Any], ...] = (
    {"third_party": "forum", "cost_fen": 90_000},
    {"third_party": "media"},
    {"standing": "public", "period": "launch"},
    {"third_party": "none", "case_kind": "enquiry"},
    {"third_party": "letter", "case_kind": "complaint", "cost_fen": 3_000_000},
)
ACTORS = (CX, CUSTOMER, ARBITER, CX_ARBITER, SERVICE, LEADERSHIP, OPS, *(of(name) for name in DEPARTMENTS[:5]))


def terms(since: datetime) -> dict[str, str]:
    """What the law would allow, by days of its own."""
    days = {"since": since, "reply_by": since + 5 * DAY, "complete_by": since + 9 * DAY}
    return {"law": "cn+1", **{name: day.isoformat() for name, day in days.items()}}


class BrokenPromiseError(AssertionError):
    """Something that must hold of every complaint did not."""


def demand(holds: object, sentence: object) -> None:
    if not holds:
        raise BrokenPromiseError(sentence)


class Life:
    """One complaint from its opening on; `play` takes a step and checks all that must hold."""

    def __init__(self, first: Step) -> None:
        gap, _, _, choice, _, extra = first
        self.policy = POLICIES[0]
        self.now = T0 + GAPS[gap % len(GAPS)]
        channel = "dealer" if extra % 3 == 0 else "hotline"
        self.ticket = a_ticket(
            tags=TAGS[choice % len(TAGS)], risk_level=1 + extra % 5, channel=channel, tier=TIERS[extra % 3]
        )
        opening = core.open_complaint(self.ticket, policy=self.policy, now=self.now)
        self.complaint = opening.complaint
        self.events = list(opening.events)
        self.messages: list[Message] = []
        self.settled_until = self.now
        self.check()

    def play(self, step: Step) -> None:
        gap, what, who, choice, late, extra = step
        self._let_pass(gap)
        if what == 0:
            self._keep(core.settle(self.complaint, now=self.now), until=self.now)
        elif what == 1 and self.messages:
            self._repeat(self.messages[choice % len(self.messages)])
        elif what == 2:
            raw = {"command_id": None, "words": "secret"} if extra % 2 else ["secret"]
            self._take(read("transfer", raw, received_at=self.now - LATE[late]))
        else:
            fits = ASKED if who > 10 else [kind for kind in ASKED if self._makes_sense(kind, extra)] or ASKED
            self._take(self._command(fits[what % len(fits)], who, choice, extra, self.now - LATE[late]))
        self.check()

    def _makes_sense(self, kind: type, extra: int) -> bool:
        c = self.complaint
        if kind in (cmd.Withdraw, cmd.MergeInto) and extra > 1:
            return False  # or few would live to see the rest
        if kind is cmd.CustomerReply:
            return c.pending_claim is not None
        if kind is cmd.DecideProposal:
            return c.proposal is not None
        if kind is cmd.DecideDemand:
            return c.demand is not None and c.demand.is_open
        if kind is cmd.Transfer and c.hop and c.hop.is_accepted:
            return False
        return c.stage in RULES[kind].stages

    def _let_pass(self, gap: int) -> None:
        due = next_due(self.complaint)
        if gap >= len(GAPS) and due:
            self.now = max(self.now, due.due_at - (gap - len(GAPS)) * SECOND)
        else:
            self.now += GAPS[gap % len(GAPS)]

    def _command(self, kind: type, who: int, choice: int, extra: int, received_at: datetime) -> cmd.Command:
        """A command that is usually somebody's own to give and usually whole."""
        c = self.complaint
        department = DEPARTMENTS[choice % len(DEPARTMENTS)]
        fields = {
            "to": department,
            "owner": department,
            "department": department,
            "evidence": () if extra == 0 else (PHOTO,),
            "note_id": None if extra == 1 and kind not in (cmd.Claim, cmd.PostProgress, cmd.Propose) else NOTE,
            "root_cause": "design",
            "answer": "confirm" if extra % 4 == 0 else "reject",
            "outcome": ("unreached", "unreached", "rejected", "confirmed")[extra % 4],
            "round": max(1, len(c.claims) - (extra == 2)),
            "level": ("station", "service", "leadership")[extra % 3],
            "tags": None if extra % 3 == 0 else TAGS[choice % len(TAGS)],
            "risk_level": None if extra % 2 else 1 + choice % 5,
            "is_complex": (None, None, True, False)[extra % 4],
            **CASES[choice % len(CASES)],
            "motion": ("irrational", "end", "end")[extra % 3],
            "agrees": extra % 4 > 0,
            "remedy": ("refund", "replacement")[extra % 2],
            "terms": terms(self.now - choice % 7 * DAY),
            "decision": ("granted", "refused", "completed", "dropped")[choice % 4],
            "ticket_no": ("T-1", "T-2")[extra % 2],
            "policy": POLICIES[choice % len(POLICIES)],
        }
        named = {name: value for name, value in fields.items() if name in kind.model_fields}  # type: ignore[attr-defined]
        actor = self._voice(kind, who) if who < 10 else ACTORS[(who + choice) % len(ACTORS)]
        command: cmd.Command = kind(command_id=f"c{len(self.messages)}", received_at=received_at, actor=actor, **named)
        return command

    def _voice(self, kind: type, who: int) -> cmd.Actor:
        c = self.complaint
        if kind in (cmd.CustomerReply, cmd.Withdraw):
            return CUSTOMER if who else of(c.owner)  # now and then those who claimed try it themselves
        if kind is cmd.Arbitrate:
            return CX_ARBITER if c.desk == "cx" else ARBITER
        if kind is cmd.AdoptPolicy:
            return OPS
        if kind is cmd.DecideDemand and who % 2:
            return of(c.owner, cmd.Role.MANAGER) if who % 4 == 1 else CX
        if kind is cmd.DecideProposal:
            return LEADERSHIP.model_copy(update={"id": "boss"})
        if kind is cmd.Acknowledge:
            return (SERVICE, LEADERSHIP, of("regional_service"))[who % 3]
        is_cx = kind in (cmd.RecordVerificationCall, cmd.CloseUnreachable, cmd.Reclassify, cmd.MergeInto, cmd.Propose)
        return CX if is_cx or (kind is cmd.Escalate and who % 2) else of(c.owner)

    def _take(self, message: Message) -> None:
        """The message is judged by when it was received, between what is settled and now."""
        before = self.complaint
        outcome = core.take(before, message, now=self.now)
        at = max(min(message.received_at, self.now), before.settled_at)
        self.messages.append(message)
        self._keep(outcome, until=at)
        if isinstance(message, Malformed):
            demand(outcome.events[-1].kind == "message_rejected", "an unreadable message is recorded")
            demand("secret" not in str(outcome.events), "and what it said is not kept")
            return
        demand(outcome.receipt, "a command is answered")
        theirs = [event for event in outcome.events if event.cause == message.command_id]
        demand(theirs and all(event.at == at for event in theirs), f"{message.kind} is judged at {at}")

    def _repeat(self, message: Message) -> None:
        """The same command again changes nothing and gets its first answer."""
        if isinstance(message, Malformed):
            return
        outcome = core.take(self.complaint, message, now=self.now)
        demand(outcome.events == () and outcome.complaint == self.complaint, "a repeated command changes nothing")
        receipt = outcome.receipt
        demand(receipt and receipt.is_duplicate, "and says so")
        assert receipt
        told = Seen(receipt.seq, receipt.code, receipt.stage, receipt.owner)
        demand(told == self.complaint.seen[message.command_id], "and gets its first answer")

    def _keep(self, outcome: core.Outcome, *, until: datetime) -> None:
        demand(self.complaint.seq + len(outcome.events) == outcome.complaint.seq, "every event has its number")
        self.complaint = outcome.complaint
        self.events += outcome.events
        self.settled_until = max(until, self.complaint.settled_at)

    def check(self) -> None:
        """All that must hold now, custody last. Nothing here lets time pass for the complaint that is checked."""
        found = broken(self.events, policy=self.policy, settled_until=self.settled_until)
        demand(found == (), found)
        replayed = replay(self.events, self.policy)
        demand(replayed == self.complaint, "the fold of all events is the complaint")
        demand(clocks.running(replayed) == clocks.running(self.complaint), "and so are its clocks")
        demand(all(event.noticed_at <= self.now for event in self.events), "nothing is noticed ahead of time")
        c, at = self.complaint, self.now
        held = segments(c, at=at)
        demand(
            customer_total(c, at=at) == (c.closed_at or at) - c.ticket.created_at, "the customer waited for all of it"
        )
        ends = [c.ticket.created_at, *(segment.end for segment in held)]
        demand([segment.begin for segment in held] == ends[:-1], "from hand to hand without a gap")

    def finish(self) -> None:
        """What is checked once a life: the oracle's breaches, the audit, the journey through JSON, and small steps."""
        self._check_oracle()
        self._check_shares()
        demand(audit.differences(self.events, self.messages, policy=self.policy) == (), "the audit finds a difference")
        again = Complaint.model_validate_json(self.complaint.model_dump_json())
        demand(again == self.complaint, "the complaint survives continue-as-new")
        demand(next_due(again) == next_due(self.complaint), "with its deadlines")
        self._check_small_steps()

    def _check_oracle(self) -> None:
        expected = Oracle().breaches(self.events, until=self.settled_until)
        clocks_of_departments = ("response", "resolution")
        breaches = [event for event in self.events if event.kind == "clock_breached"]
        found = [(b.clock, b.due_at, b.at) for b in breaches if b.clock_kind in clocks_of_departments]
        demand(sorted(found) == sorted(expected), f"breaches: {found}, the oracle says {expected}")

    def _check_shares(self) -> None:
        charged: list[Any] = [event for event in self.events if getattr(event, "charged", {})]
        demand(all(sum(event.charged.values()) == 10_000 for event in charged), "shares sum to the whole")
        found = {event.clock: event.charged for event in charged if getattr(event, "clock_kind", "") == "response"}
        demand(found == shares_of_responses(self.events), f"response breaches are charged {found}")

    def _check_small_steps(self) -> None:
        until = self.now + 12 * DAY
        at_once = core.settle(self.complaint, now=until)
        stepwise, events = self.complaint, list[Any]()
        for hours in range(0, 12 * 24 + 1, 3):
            outcome = core.settle(stepwise, now=self.now + hours * HOUR)
            stepwise = outcome.complaint
            events += outcome.events
        demand(_timeless(events) == _timeless(at_once.events), "small steps and one leap come to the same")


def _timeless(events: Sequence[Any]) -> list[Any]:
    return [event.model_copy(update={"noticed_at": T0}) for event in events]


def live(steps: Sequence[Step]) -> Life:
    """A whole life, checked throughout. Raises BrokenPromiseError at the first thing that does not hold."""
    first, *rest = steps
    life = Life(first)
    for step in rest:
        life.play(step)
    life.finish()
    return life


def scripts(seed: int, *, count: int, length: int = 14) -> Iterator[list[Step]]:
    dice = Random(seed)
    for _ in range(count):
        yield [tuple(dice.randrange(limit) for limit in LIMITS) for _ in range(length)]  # type: ignore[misc]
