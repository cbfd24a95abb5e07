"""How risky a complaint is, by the points table of its policy: the grade, why, and when time alone will raise it.

The table is looked at anew whenever a fact or time may have moved it; the level rises by itself and falls only by a
person's word. Levels, points and floors: mission L9.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from domain.case import CaseFacts, CaseKind, LifeCycle, Standing, ThirdParty
from domain.complaint import Complaint
from domain.remembering import remembering
from domain.risk_table import Dimension, Floor, RiskTable, Severity, of_steps
from domain.values import Value


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


def grade(c: Complaint, *, at: datetime) -> Grade | None:
    """What the table says of the complaint at `at`; None when its policy has no table."""
    table = c.policy.risk
    if table is None:
        return None
    points, floors = _points(c, table, at=at), tuple(_floors(c))
    level = table.level_of(sum(points.values()))
    is_enquiry = c.case.case_kind is CaseKind.ENQUIRY or table.severity_of(c.tags) is Severity.ENQUIRY
    is_capped = is_enquiry and level > table.enquiry_at_most
    level = min(level, table.enquiry_at_most) if is_capped else level
    floor = max((table.floors.get(each, 1) for each in floors), default=1)
    return Grade(
        level=max(level, floor),
        points=points,
        floors=tuple(each for each in floors if each in table.floors),
        is_capped=is_capped and floor <= level,
        table=table.id,
    )


@remembering
def next_rise(c: Complaint) -> Rise | None:
    """When the table first calls for more than the complaint's level, at the instant it is settled to or later.

    What a person lowered stays lowered until the table calls for more than it called for then.
    """
    if c.policy.risk is None:
        return None
    accepted = max(c.risk_level, c.risk_excused)
    for at in _turning_points(c):
        graded = grade(c, at=at)
        if graded and graded.level > accepted:
            return Rise(at, graded)
    return None


def _turning_points(c: Complaint) -> Iterator[datetime]:
    """Now, and then the instants at which time alone adds points."""
    yield c.settled_at
    for after, _ in c.policy.risk.points.age if c.policy.risk else ():
        at = c.policy.calendar.add(c.ticket.created_at, after)
        if at > c.settled_at:
            yield at


def _points(c: Complaint, table: RiskTable, *, at: datetime) -> dict[Dimension, int]:
    rows, case = table.points, c.case
    age = [points for after, points in rows.age if c.policy.calendar.add(c.ticket.created_at, after) <= at]
    return {
        Dimension.PERIOD: rows.period.get(case.period, 0) if case.period else 0,
        Dimension.AGE: max(age, default=0),
        Dimension.CUSTOMER: max(
            rows.tier.get(c.ticket.tier, 0), rows.standing.get(case.standing or Standing.PRIVATE, 0)
        ),
        Dimension.FAULT: rows.severity.get(table.severity_of(c.tags), 0),
        Dimension.THIRD_PARTY: rows.third_party.get(case.third_party or ThirdParty.NONE, 0),
        Dimension.COST: of_steps(rows.cost, case.cost_fen or 0),
    }


def _floors(c: Complaint) -> Iterator[Floor]:
    if c.is_red_line:
        yield Floor.RED_LINE
    if c.case.third_party is ThirdParty.MEDIA:
        yield Floor.MEDIA
    if c.case.third_party is ThirdParty.LETTER:
        yield Floor.LETTER
    if c.first_fix_failures >= 2:
        yield Floor.REJECTED_TWICE


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
    standings = sorted(Standing, key=lambda each: rows.standing.get(each, 0))
    yield Dimension.PERIOD, tuple(CaseFacts(period=each) for each in periods)
    yield Dimension.CUSTOMER, tuple(CaseFacts(standing=each) for each in standings)
    yield Dimension.THIRD_PARTY, tuple(CaseFacts(third_party=each) for each in ThirdParty)
    yield Dimension.COST, tuple(CaseFacts(cost_fen=over + 1) for over, _ in rows.cost)
