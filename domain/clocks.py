"""The SLA clocks that run on a complaint, derived from its facts.

Nothing here counts time. A clock is where it started, what it is allowed, and which stretches it was stopped for; so a
rejected claim is un-stopped, and a policy is tried on last year's complaints, by computing again.
"""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from domain.claims import Verdict
from domain.complaint import Complaint, Stage
from domain.demands import Demand
from domain.durations import Duration, Unit
from domain.hops import Hop
from domain.lights import Light
from domain.once import once
from domain.policy import ClockKind, OnRejection
from domain.remembering import remembering_but_for
from domain.service import service
from domain.working_time import WorkingCalendar

Stretch = tuple[datetime, datetime]


class Clock(NamedTuple):
    """A running clock. `key` names it for good ("response:2"); `holder` is the department it runs against.

    It is yellow from `yellow_at` and red, breached, from `due_at` on: the time allowed is half-open. It is provisional
    while it counts working time in a year whose days off are not announced.
    """

    kind: ClockKind
    key: str
    holder: str
    started_at: datetime
    yellow_at: datetime
    due_at: datetime
    is_provisional: bool = False

    def light(self, *, at: datetime) -> Light:
        if at >= self.due_at:
            return Light.RED
        return Light.YELLOW if at >= self.yellow_at else Light.GREEN


# What happens to a complaint beside its clocks; a test reads along.
PASSING = (
    "seq",
    "settled_at",
    "seen",
    "warned",
    "breaches",
    "escalations",
    "refusals",
    "transfers_refused",
    "risk_level",
    "risk_since",
    "risk_excused",
)


@remembering_but_for(*PASSING)
def running(c: Complaint) -> tuple[Clock, ...]:
    """Every clock that runs now. An open complaint always has at least one beside the promise of progress."""
    return () if c.stage is Stage.CLOSED else tuple(_running(c))


def governing(c: Complaint) -> Clock | None:
    """The clock that falls due, or fell due, first: the one people look at. None when the complaint is closed.

    The promise of progress governs nothing: it renews itself.
    """
    clocks = [clock for clock in running(c) if clock.kind is not ClockKind.PROGRESS]
    return min(clocks, key=lambda clock: clock.due_at, default=None)


def light(c: Complaint, *, at: datetime) -> Light:
    """How the governing clock stands at `at`; a closed complaint is green."""
    clock = governing(c)
    return clock.light(at=at) if clock else Light.GREEN


def response_clock(c: Complaint, hop: Hop) -> Clock:
    """The hop's response clock, running or not."""
    return _clock(c, ClockKind.RESPONSE, hop.number, hop.department, hop.entered_at, service(c).clocks.response)


def resolution_clock(c: Complaint) -> Clock:
    """The complaint's resolution clock, running or not. It starts when the ticket was created and never resets."""
    clocks = service(c).clocks
    allowed, name = (clocks.resolution_complex, "complex") if c.is_complex else (clocks.resolution_ordinary, "ordinary")
    return _clock(c, ClockKind.RESOLUTION, name, c.desk, c.ticket.created_at, allowed, stops=stops(c))


def stops(c: Complaint) -> tuple[Stretch, ...]:
    """When the resolution clock stood still for good: never, unless the policy resumes it after a rejected claim."""
    if c.is_complex or c.policy.verification.on_rejection is OnRejection.UNSTOP:
        return ()
    return tuple(
        (claim.claimed_at, claim.decided_at)
        for claim in c.claims
        if claim.verdict is Verdict.REJECTED and claim.decided_at
    )


def _running(c: Complaint) -> Iterator[Clock]:
    clocks, hop, claim = service(c).clocks, c.hop, c.pending_claim
    if c.stage is Stage.TRIAGE and c.triage_since:
        yield _clock(c, ClockKind.TRIAGE, "1", c.desk, c.triage_since, clocks.triage)
    if hop and not hop.responded_at and c.stage in (Stage.DISPATCHED, Stage.IN_WORK):
        yield response_clock(c, hop)
    if c.dispute:
        dispute = c.dispute
        yield _clock(
            c,
            ClockKind.ARBITRATION,
            dispute.number,
            dispute.arbiter,
            dispute.opened_at,
            clocks.arbitration,
        )
    if claim:
        verification, attempts = service(c).verification, len(claim.calls)
        allowed = verification.call_again if attempts else verification.call
        since = claim.calls[-1] if attempts else claim.claimed_at
        name = f"{claim.round}.{attempts + 1}"
        yield _clock(c, ClockKind.VERIFICATION, name, c.policy.triage_desk, since, allowed)
    if not c.awaits_remedy and (c.is_complex or not claim):
        # An ordinary complaint's claim stops the clock for now; a complex one's only closure does.
        yield resolution_clock(c)
    yield from _legal(c)
    if c.routed_at:  # before that nobody has promised the customer anything
        speaks = c.policy.triage_desk if claim else c.desk
        yield _clock(c, ClockKind.PROGRESS, c.promises, speaks, c.promised_since, clocks.progress)


def _legal(c: Complaint) -> Iterator[Clock]:
    """The law's clocks of an open demand: to answer it, and to carry it out. Nothing stops them."""
    demand = c.demand
    if demand is None or not demand.is_open:
        return
    if demand.decision is None:
        yield _until(c, ClockKind.LEGAL_REPLY, demand, demand.terms.reply_by)
    yield _until(c, ClockKind.LEGAL_COMPLETION, demand, demand.terms.complete_by)


def _until(c: Complaint, kind: ClockKind, demand: Demand, due_at: datetime) -> Clock:
    since, share = demand.terms.since, c.policy.yellow_share
    return Clock(
        kind=kind,
        key=f"{kind}:{demand.number}",
        holder=c.desk,
        started_at=since,
        yellow_at=due_at - (due_at - since) * share.numerator / share.denominator,
        due_at=due_at,
        is_provisional=demand.terms.is_provisional,
    )


def _clock(
    c: Complaint,
    kind: ClockKind,
    name: str | int,
    holder: str,
    started_at: datetime,
    allowed: Duration,
    *,
    stops: tuple[Stretch, ...] = (),
) -> Clock:
    """Working time is that of the department it runs against; days of the calendar are everybody's."""
    calendar = c.policy.calendar_of(holder) if allowed.unit.is_working else c.policy.calendar
    clock = _unstopped(calendar, c.policy.yellow_share, kind, name, holder, started_at, allowed)
    return _stopped(clock, stops, calendar=calendar, unit=allowed.unit) if stops else clock


@once
def _unstopped(
    calendar: WorkingCalendar,
    yellow_share: Fraction,
    kind: ClockKind,
    name: str | int,
    holder: str,
    started_at: datetime,
    allowed: Duration,
) -> Clock:
    due_at = calendar.add(started_at, allowed)
    total = calendar.measure(started_at, due_at, allowed.unit)
    green = total - total * yellow_share.numerator / yellow_share.denominator
    return Clock(
        kind=kind,
        key=f"{kind}:{name}",
        holder=holder,
        started_at=started_at,
        yellow_at=calendar.extend(started_at, green, allowed.unit),
        due_at=due_at,
        is_provisional=not calendar.is_announced(started_at, due_at, allowed.unit),
    )


def _stopped(clock: Clock, stops: tuple[Stretch, ...], *, calendar: WorkingCalendar, unit: Unit) -> Clock:
    yellow_at, due_at = clock.yellow_at, clock.due_at
    for begin, end in stops:
        stood = calendar.measure(begin, end, unit)
        yellow_at = calendar.extend(yellow_at, stood, unit) if begin < yellow_at else yellow_at
        due_at = calendar.extend(due_at, stood, unit) if begin < due_at else due_at
    is_provisional = not calendar.is_announced(clock.started_at, due_at, unit)
    return clock._replace(yellow_at=yellow_at, due_at=due_at, is_provisional=is_provisional)
