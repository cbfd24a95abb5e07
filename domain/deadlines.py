"""What falls due on a complaint when nobody does anything, and what happens then.

A deadline is an absolute instant derived from the facts. It fires once, in due order, never early; after an outage all
that fell due meanwhile is settled in that order, each with the instant it was due and the instant it was noticed.
"""

from collections.abc import Iterator
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from domain import events as e
from domain import shares
from domain.clocks import Clock, running
from domain.complaint import ARBITER, CX_TRIAGE, Complaint, Stage
from domain.durations import Duration
from domain.once import once
from domain.policy import ClockKind, EscalationRung
from domain.remembering import remembering
from domain.risk import Grade, next_rise
from domain.service import service
from domain.turns import Turn
from domain.working_time import WorkingCalendar


class Deadline(NamedTuple):
    """`rule` says which rule makes it due ("breach:response:1"); exactly one of the last four is set."""

    due_at: datetime
    rank: int  # order among deadlines of the same instant
    rule: str
    clock: Clock | None = None
    rung: EscalationRung | None = None
    reminder: int = 0
    grade: Grade | None = None

    @property
    def is_provisional(self) -> bool:
        """Whether days off that are still to be announced may move the clock it belongs to."""
        return self.clock is not None and self.clock.is_provisional


@remembering
def next_due(c: Complaint) -> Deadline | None:
    """The next deadline. An open complaint always has one; a closed one has none."""
    return min(_upcoming(c), key=_IN_ORDER, default=None)


_IN_ORDER = itemgetter(0, 1, 2)  # the due instant, the rank, the rule


def settle(turn: Turn, *, until: datetime) -> None:
    """Let everything due at or before `until` happen, in due order."""
    while (due := next_due(turn.complaint)) and due.due_at <= until:
        turn.begin(at=due.due_at, cause=due.rule)
        _fire(turn, due)


def _upcoming(c: Complaint) -> Iterator[Deadline]:
    if c.stage is Stage.CLOSED:
        return
    breached = [breach.clock for breach in c.breaches]
    for clock in running(c):
        if clock.key in breached:
            continue
        breach, warning = _of_clock(clock)
        yield breach
        # A clock that is un-stopped past its due instant is red already: no warning of what has been.
        if clock.kind in c.policy.warned_on and clock.key not in c.warned and c.settled_at < clock.due_at:
            yield warning
    yield from _escalations(c)
    if c.claims:
        yield from _reminders(c)
    if rise := next_rise(c):
        yield Deadline(rise.at, 0, f"grade:{rise.grade.level}", grade=rise.grade)


@once
def _of_clock(clock: Clock) -> tuple[Deadline, Deadline]:
    """Its breach and its warning."""
    return (
        Deadline(clock.due_at, 1, f"breach:{clock.key}", clock=clock),
        Deadline(clock.yellow_at, 0, f"warn:{clock.key}", clock=clock),
    )


class _Climb(NamedTuple):
    """A rung that a complaint of this channel may be raised to, and when its age alone calls for it."""

    rank: int
    rung: EscalationRung
    by_age: datetime | None


@once
def _climbs(
    rungs: tuple[EscalationRung, ...], calendar: WorkingCalendar, created_at: datetime, channel: str
) -> tuple[_Climb, ...]:
    return tuple(
        _Climb(rank, rung, calendar.add(created_at, rung.after) if rung.after else None)
        for rank, rung in enumerate(rungs, start=2)
        if rung.channel in ("", channel)
    )


def _escalations(c: Complaint) -> Iterator[Deadline]:
    """When age or risk, whichever is first, calls a level. Risk calls at once, but not before the first routing."""
    raised = [each.level for each in c.escalations]
    for rank, rung, by_age in _climbs(c.policy.escalations, c.policy.calendar, c.ticket.created_at, c.ticket.channel):
        if rung.level in raised:
            continue
        is_risky = rung.risk_at_least is not None and c.risk_level >= rung.risk_at_least
        by_risk = c.risk_since if is_risky else None
        if due_at := min(by_age, by_risk) if by_age and by_risk else by_age or by_risk:
            yield Deadline(due_at, rank, f"escalate:{rung.level}", rung=rung)


def _reminders(c: Complaint) -> Iterator[Deadline]:
    claim = c.pending_claim
    if not claim:
        return
    for number, after in enumerate(service(c).verification.reminders, start=1):
        if number > claim.reminders:
            due_at = _after(c.policy.calendar, claim.claimed_at, after)
            yield Deadline(due_at, 0, f"remind:{claim.round}.{number}", reminder=number)


@once
def _after(calendar: WorkingCalendar, since: datetime, length: Duration) -> datetime:
    return calendar.add(since, length)


def _fire(turn: Turn, due: Deadline) -> None:
    if due.grade:
        graded = due.grade
        facts = {"level": graded.level, "points": graded.points, "floors": graded.floors, "table": graded.table}
        turn.record(e.RiskGraded, **facts)
    elif due.reminder:
        turn.record(e.CustomerReminded, round=turn.complaint.claims[-1].round, reminder=due.reminder)
    elif due.rung:
        by_risk = due.due_at == turn.complaint.risk_since
        why = e.EscalationCause.RISK if by_risk else e.EscalationCause.AGE
        turn.record(e.EscalationRaised, level=due.rung.level, to=due.rung.to, why=why, due_at=due.due_at)
    elif due.clock and due.rule.startswith("warn:"):
        clock = due.clock
        turn.record(e.ClockWarned, clock=clock.key, clock_kind=clock.kind, holder=clock.holder, due_at=clock.due_at)
    elif due.clock:
        breach(turn, due.clock)


def breach(turn: Turn, clock: Clock) -> None:
    """The clock passed its due instant. Silence past the response clock is acceptance."""
    c = turn.complaint
    turn.record(
        e.ClockBreached,
        clock=clock.key,
        clock_kind=clock.kind,
        holder=clock.holder,
        due_at=clock.due_at,
        charged=_charged(c, clock),
        copied=(clock.holder,) if clock.kind in c.policy.vp_copied_on else (),
    )
    if clock.kind is ClockKind.RESPONSE and c.stage is Stage.DISPATCHED:
        turn.record(e.DeemedAccepted)


def _charged(c: Complaint, clock: Clock) -> dict[str, int]:
    """A department's own clocks are shared with those who support it; a desk answers for its clock alone."""
    by_department = clock.kind in (ClockKind.RESPONSE, ClockKind.RESOLUTION)
    hop = next((hop for hop in reversed(c.hops) if hop.department == clock.holder and not hop.is_void), None)
    if not by_department or not hop or c.owner in (CX_TRIAGE, ARBITER):
        return {clock.holder: shares.WHOLE}
    return shares.of_hop(hop, lead_share=c.policy.lead_share)
