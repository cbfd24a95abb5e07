"""How risky a complaint is, by the points table of its policy: the grade, why, and when time alone will raise it.

The table is looked at anew whenever a fact or time may have moved it; the level rises by itself and falls only by a
person's word. Levels, points and floors: mission L9.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from domain.case import CaseFacts, CaseKind, LifeCycle, ThirdParty, Voice
from domain.complaint import Complaint
from domain.durations import Duration
from domain.guarantee_periods import Warranty, warranty_of
from domain.once import once
from domain.ownership import Matrix
from domain.remembering import remembering, remembering_but_for
from domain.repair_time import days
from domain.risk_table import Dimension, Floor, RiskPoints, RiskTable, Severity, of_steps
from domain.statute import Clause
from domain.three_guarantees import standing, turning_points
from domain.ticket import Tier
from domain.values import Value
from domain.working_time import WorkingCalendar


class Grade(Value):
    """What the table says at an instant. `floors` are the facts that call for a level whatever the points are."""

    level: int
    points: dict[Dimension, int]
    floors: tuple[Floor, ...] = ()
    is_capped: bool = False
    table: str

    @property
    def total(self) -> int:
        return sum(self.points.values())


class Rise(NamedTuple):
    """The level that the table will call for from `at` on."""

    at: datetime
    grade: Grade


class Move(NamedTuple):
    """What would raise the grade: the fact, in one dimension, and the level it would make."""

    dimension: Dimension
    case: CaseFacts
    level: int


class _Still(NamedTuple):
    """What time does not move: points, floors but for those of the law, and whether somebody only asks."""

    points: dict[Dimension, int]
    floors: tuple[Floor, ...]
    is_enquiry: bool


Steps = tuple[tuple[datetime, int], ...]  # in order: from this instant on, so many points


def grade(c: Complaint, *, at: datetime) -> Grade | None:
    """What the table says of the complaint at `at`; None when its policy has no table."""
    table = c.policy.risk
    if table is None:
        return None
    still, age = _still_of(c, table), _at(_ages_of(c, table), at)
    failed_twice = c.first_fix_failures >= 2
    if c.case.vehicle is None:
        return _without_vehicle(table, still, age, failed_twice)
    points = {**still.points, Dimension.AGE: age, **_of_the_vehicle(c, table.points, at=at)}
    return _graded(table, points, (*_floors_of_the_law(c, at=at), *_floors(still, failed_twice)), still.is_enquiry)


# What happens to a complaint and moves no points; a test reads along.
PASSING = ("seq", "settled_at", "seen", "warned", "breaches", "escalations", "refusals", "transfers_refused")


@remembering
def next_rise(c: Complaint) -> Rise | None:
    """When the table first calls for more than the complaint's level, at the instant it is settled to or later.

    What a person lowered stays lowered until the table calls for more than it called for then.
    """
    table, accepted = c.policy.risk, max(c.risk_level, c.risk_excused)
    if table is None:
        return None
    turns: Iterable[datetime] = _turning_points(c, table)
    if c.case.vehicle is None:
        since = _over_since(c)
        turns = () if since is None else (max(since, c.settled_at),)
    for at in turns:
        graded = grade(c, at=at)
        if graded and graded.level > accepted:
            return Rise(at, graded)
    return None


@remembering_but_for(*PASSING)
def _over_since(c: Complaint) -> datetime | None:
    """Where no vehicle is known time moves the points of age alone, and only up."""
    table, accepted = c.policy.risk, max(c.risk_level, c.risk_excused)
    if table is None:
        return None
    still, ages = _still_of(c, table), _ages_of(c, table)
    total, floors = sum(still.points.values()), _floors(still, c.first_fix_failures >= 2)
    over = (at for at, age in ages if _level(table, total + age, floors, still.is_enquiry) > accepted)
    return next(over, None)


def _turning_points(c: Complaint, table: RiskTable) -> Iterator[datetime]:
    """Now, and then, in order, the instants at which time alone may add points."""
    yield c.settled_at
    later = {at for at, _ in _ages_of(c, table)}
    if c.case.vehicle and c.case.statute:
        later |= set(turning_points(c.case.vehicle, c.case.statute, c.settled_at))
    yield from sorted(at for at in later if at > c.settled_at)


@once
def _without_vehicle(table: RiskTable, still: _Still, age: int, failed_twice: bool) -> Grade:
    return _graded(table, {**still.points, Dimension.AGE: age}, _floors(still, failed_twice), still.is_enquiry)


def _graded(table: RiskTable, points: dict[Dimension, int], floors: tuple[Floor, ...], is_enquiry: bool) -> Grade:
    total = sum(points.values())
    level = _level(table, total, floors, is_enquiry)
    return Grade(
        level=level,
        points=points,
        floors=tuple(each for each in floors if each in table.floors),
        is_capped=is_enquiry and level == table.enquiry_at_most < table.level_of(total),
        table=table.id,
    )


def _level(table: RiskTable, points: int, floors: tuple[Floor, ...], is_enquiry: bool) -> int:
    """Who only asks is capped, unless a floor says otherwise."""
    level = table.level_of(points)
    level = min(level, table.enquiry_at_most) if is_enquiry else level
    return max(level, *(table.floors.get(each, 1) for each in floors)) if floors else level


def _still_of(c: Complaint, table: RiskTable) -> _Still:
    return _still(table, c.policy.matrix, c.ticket.tier, c.case, c.tags)


@once
def _still(table: RiskTable, matrix: Matrix, tier: Tier, case: CaseFacts, tags: tuple[str, ...]) -> _Still:
    rows, severity = table.points, table.severity_of(tags)
    points = {
        Dimension.PERIOD: rows.period.get(case.period, 0) if case.period else 0,
        Dimension.AGE: 0,
        Dimension.CUSTOMER: max(rows.tier.get(tier, 0), rows.standing.get(case.standing or Voice.PRIVATE, 0)),
        Dimension.FAULT: rows.severity.get(severity, 0),
        Dimension.THIRD_PARTY: rows.third_party.get(case.third_party or ThirdParty.NONE, 0),
        Dimension.COST: of_steps(rows.cost, case.cost_fen or 0),
    }
    is_red_line = any(tag in matrix.red_line_tags for tag in tags) or bool(case.red_line_words)
    known = {
        Floor.RED_LINE: is_red_line,
        Floor.MEDIA: case.third_party is ThirdParty.MEDIA,
        Floor.LETTER: case.third_party is ThirdParty.LETTER,
    }
    is_enquiry = case.case_kind is CaseKind.ENQUIRY or severity is Severity.ENQUIRY
    return _Still(points, tuple(floor for floor, holds in known.items() if holds), is_enquiry)


def _ages_of(c: Complaint, table: RiskTable) -> Steps:
    return _ages(c.policy.calendar, c.ticket.created_at, table.points.age)


@once
def _ages(calendar: WorkingCalendar, created_at: datetime, rows: tuple[tuple[Duration, int], ...]) -> Steps:
    """The points of age, from the beginning of time on."""
    reached = sorted((calendar.add(created_at, after), points) for after, points in rows)
    most = accumulate((points for _, points in reached), max)
    return ((_EVER, 0), *zip((at for at, _ in reached), most, strict=True))


def _at(ages: Steps, at: datetime) -> int:
    return ages[bisect_right(ages, at, key=itemgetter(0)) - 1][1]


_EVER = datetime.min.replace(tzinfo=UTC)


def _of_the_vehicle(c: Complaint, rows: RiskPoints, *, at: datetime) -> dict[Dimension, int]:
    """Nothing where nobody told us of the vehicle. What the law does not count, as maintenance, weighs nothing."""
    vehicle, pack = c.case.vehicle, c.case.statute
    if vehicle is None:
        return {}
    done = [each for each in vehicle.repairs if each.is_quality and each.begun_at <= at]
    warranty = warranty_of(vehicle, pack, at) if pack else Warranty.UNKNOWN
    return {
        Dimension.REPAIR_DAYS: of_steps(rows.repair_days, sum(days(each, at, without=each.excluded) for each in done)),
        Dimension.REPAIRS: of_steps(rows.repairs, sum(each.fault in c.tags for each in done)),
        Dimension.WARRANTY: rows.warranty.get(warranty, 0),
    }


def _floors_of_the_law(c: Complaint, *, at: datetime) -> Iterator[Floor]:
    vehicle, pack = c.case.vehicle, c.case.statute
    if vehicle is None or pack is None:
        return
    reached = standing(vehicle, pack, at=at)
    if set(reached.met) - _TO_REPAIR:
        yield Floor.GUARANTEE_MET
    if set(reached.near) - _TO_REPAIR:
        yield Floor.GUARANTEE_NEAR
    if set(reached.met) & _TO_REPAIR:
        yield Floor.GUARANTEE_REPAIR


_TO_REPAIR = frozenset({Clause.ASSEMBLY, Clause.COURTESY_CAR})


def _floors(still: _Still, failed_twice: bool) -> tuple[Floor, ...]:
    return (*still.floors, Floor.REJECTED_TWICE) if failed_twice else still.floors


def moves(c: Complaint, *, at: datetime) -> tuple[Move, ...]:
    """In each dimension the least that would raise the table's level, by itself; none where nothing of it could."""
    table, now = c.policy.risk, grade(c, at=at)
    if table is None or now is None:
        return ()
    found = []
    for dimension, worse in _worse(table):
        for each in worse:
            then = grade(c.but(case=c.case.merged(each)), at=at)
            if then and then.level > now.level:
                found.append(Move(dimension, each, then.level))
                break
    return tuple(found)


def _worse(table: RiskTable) -> Iterator[tuple[Dimension, tuple[CaseFacts, ...]]]:
    """What could become known of a case, in each dimension the less weighty first."""
    rows = table.points
    periods = sorted(LifeCycle, key=lambda each: rows.period.get(each, 0))
    standings = sorted(Voice, key=lambda each: rows.standing.get(each, 0))
    yield Dimension.PERIOD, tuple(CaseFacts(period=each) for each in periods)
    yield Dimension.CUSTOMER, tuple(CaseFacts(standing=each) for each in standings)
    yield Dimension.THIRD_PARTY, tuple(CaseFacts(third_party=each) for each in ThirdParty)
    yield Dimension.COST, tuple(CaseFacts(cost_fen=over + 1) for over, _ in rows.cost)
