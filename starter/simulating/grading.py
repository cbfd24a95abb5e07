"""An imported history graded by a points table, or by two: how the levels spread, and what moved and why."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from domain import events as e
from domain.durations import Duration
from domain.explanations import Sentence
from domain.fold import opened
from domain.policy import Policy
from domain.red_line_words import WordRule
from domain.risk import Grade, grade
from domain.risk_telling import DIMENSIONS, FLOORS
from domain.ticket import Ticket
from domain.values import Value
from domain.wording import Both

LEVELS = range(1, 6)
_EXAMPLES = 3


class Table(NamedTuple):
    """What grades: a policy that has a points table, and the rule of red-line words beside it."""

    policy: Policy
    words: WordRule | None = None  # without one, words touch no red line


class Spread(Value):
    """What one table made of a history. `levels` are complaints by level, `floors` those that each floor holds for."""

    policy: str
    version: str
    table: str
    levels: dict[str, int]
    floors: dict[str, int]
    capped: int
    points_mean: float


class Mover(Value):
    """Complaints that moved alike: from one level to another, for the same reasons. `tickets` are a few of them."""

    complaints: int
    before: int
    after: int
    points_before: int
    points_after: int
    reasons: tuple[Sentence, ...]
    tickets: tuple[str, ...]


class Moved(Value):
    """`movers` are all, the farthest first, then the most, then the most points apart."""

    up: int
    down: int
    same: int
    movers: tuple[Mover, ...]


def graded(ticket: Ticket, table: Table, *, age: Duration | None) -> Grade:
    """What the table says of the ticket when it came in, or at that age. Raises ValueError without a points table."""
    policy = table.policy
    facts = ticket.facts(received_at=ticket.created_at, matrix=policy.matrix)
    if told := table.words.matters(ticket.words) if table.words else ():
        facts = facts.model_copy(update={"case": facts.case.model_copy(update={"red_line_words": told})})
    at = ticket.created_at
    opening = e.Opened(seq=1, at=at, noticed_at=at, ticket=facts, policy_version=policy.version)
    found = grade(opened(opening, policy), at=policy.calendar.add(at, age) if age else at)
    if found is None:
        raise ValueError(f"policy {policy.version} has no points table")
    return found


def spread_of(grades: Iterable[Grade], *, policy: str, version: str) -> Spread:
    """Of one grade or more."""
    found = list(grades)
    levels, floors = Counter(each.level for each in found), Counter(floor for each in found for floor in each.floors)
    return Spread(
        policy=policy,
        version=version,
        table=found[0].table,
        levels={str(level): levels[level] for level in LEVELS},
        floors={str(floor): count for floor, count in sorted(floors.items())},
        capped=sum(each.is_capped for each in found),
        points_mean=round(sum(each.total for each in found) / len(found), 2),
    )


def moved(tickets: Iterable[str], before: Iterable[Grade], after: Iterable[Grade]) -> Moved:
    """What a second table does to the same complaints, in the same order."""
    alike: dict[tuple[int, int, int, int, tuple[Both, ...]], list[str]] = {}
    steps: Counter[int] = Counter()
    for ticket, one, other in zip(tickets, before, after, strict=True):
        steps[(other.level > one.level) - (other.level < one.level)] += 1
        if other.level != one.level:
            alike.setdefault((one.level, other.level, one.total, other.total, _reasons(one, other)), []).append(ticket)
    movers = [
        Mover(
            complaints=len(those),
            before=one,
            after=other,
            points_before=points,
            points_after=then,
            reasons=tuple(Sentence(zh=zh, en=en) for zh, en in reasons),
            tickets=tuple(those[:_EXAMPLES]),
        )
        for (one, other, points, then, reasons), those in alike.items()
    ]
    return Moved(up=steps[1], down=steps[-1], same=steps[0], movers=tuple(sorted(movers, key=_farthest_first)))


def _farthest_first(mover: Mover) -> tuple[int, int, int, tuple[str, ...]]:
    apart = abs(mover.points_after - mover.points_before)
    return -abs(mover.after - mover.before), -mover.complaints, -apart, mover.tickets


def _reasons(one: Grade, other: Grade) -> tuple[Both, ...]:
    """Each dimension that weighs otherwise, each floor that holds in one of them alone, the cap; else the levels."""
    found: list[Both] = []
    for dimension, (zh, en) in DIMENSIONS.items():
        was, is_now = (each.points.get(dimension, 0) for each in (one, other))  # type: ignore[call-overload]
        if was != is_now:
            found.append((f"{zh}：{was} 分变为 {is_now} 分", f"{en}: {is_now} points instead of {was}"))
    for floor, (zh, en) in FLOORS.items():
        if (floor in one.floors) != (floor in other.floors):
            holds = floor in other.floors
            found.append(
                (f"{zh}：{'新增' if holds else '取消'}下限", f"{en}: {'now' if holds else 'no longer'} a floor")
            )
    if one.is_capped != other.is_capped:
        said = (
            ("现受咨询上限限制", "now capped as an enquiry")
            if other.is_capped
            else ("不再受咨询上限限制", "no longer capped")
        )
        found.append(said)
    return tuple(found) or (("各级所需分数或下限等级不同", "levels or floors ask for other amounts"),)
