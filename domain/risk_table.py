"""The points table of the risk grade: what each fact of a case weighs, and which facts outweigh all points."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise
from typing import Self, TypeVar

from pydantic import Field, model_validator

from domain.case import LifeCycle, ThirdParty, Voice
from domain.durations import Duration
from domain.guarantee_periods import Warranty
from domain.ticket import Tier
from domain.values import Value

Key = TypeVar("Key")
Step = tuple[int, int]  # more than this many, these points


class Dimension(StrEnum):
    PERIOD = "period"
    AGE = "age"
    CUSTOMER = "customer"
    FAULT = "fault"
    THIRD_PARTY = "third_party"
    COST = "cost"
    REPAIR_DAYS = "repair_days"
    REPAIRS = "repairs"
    WARRANTY = "warranty"


class Severity(StrEnum):
    """What a fault does to whoever drives; the gravest of a complaint's tags counts."""

    ENQUIRY = "enquiry"
    COMFORT = "comfort"
    FUNCTION = "function"
    IMMOBILE = "immobile"
    SAFETY = "safety"


class Floor(StrEnum):
    """A fact that alone calls for a level."""

    RED_LINE = "red_line"
    MEDIA = "media"
    LETTER = "letter"
    REJECTED_TWICE = "rejected_twice"
    GUARANTEE_MET = "guarantee_met"  # replacement or refund: articles 22 to 24
    GUARANTEE_NEAR = "guarantee_near"  # one step before
    GUARANTEE_REPAIR = "guarantee_repair"  # an assembly or a courtesy car: articles 20 and 21


class RiskPoints(Value):
    """Points by dimension. `age` begins where the time since the first report reaches a length; `cost` counts fen,
    `repair_days` the days that all its repairs took together, `repairs` those of the complaint's own fault.
    """

    period: dict[LifeCycle, int]
    age: tuple[tuple[Duration, int], ...]
    tier: dict[Tier, int]
    standing: dict[Voice, int]
    severity: dict[Severity, int]
    third_party: dict[ThirdParty, int]
    cost: tuple[Step, ...]
    repair_days: tuple[Step, ...] = ()
    repairs: tuple[Step, ...] = ()
    warranty: dict[Warranty, int] = {}

    @model_validator(mode="after")
    def _worse_never_weighs_less(self) -> Self:
        for name, order in (("severity", Severity), ("third_party", ThirdParty)):
            _must_rise(name, [getattr(self, name).get(each, 0) for each in order])
        _must_rise("age", [points for _, points in self.age])
        for name in ("cost", "repair_days", "repairs"):
            steps: tuple[Step, ...] = getattr(self, name)
            _must_rise(name, [points for _, points in steps])
            if [over for over, _ in steps] != sorted({over for over, _ in steps}):
                raise ValueError(f"{name}: put the steps in order of their amounts, each once")
        return self


class RiskTable(Value):
    """`levels` are the least points of levels 2, 3, 4 and 5; `severities` are tags or whole systems, the rest is
    `function`.
    """

    id: str = Field(max_length=32)
    levels: tuple[int, int, int, int]
    points: RiskPoints
    severities: dict[Severity, tuple[str, ...]]
    floors: dict[Floor, int]
    enquiry_at_most: int = Field(ge=1, le=5)

    @model_validator(mode="after")
    def _levels_rise(self) -> Self:
        if not self.levels[0] > 0 or any(one >= other for one, other in pairwise(self.levels)):
            raise ValueError("levels: each needs more points than the one below")
        if any(not 1 <= level <= 5 for level in self.floors.values()):
            raise ValueError("floors: a level lies between 1 and 5")
        return self

    def lengths(self) -> tuple[Duration, ...]:
        return tuple(after for after, _ in self.points.age)

    def level_of(self, points: int) -> int:
        return 1 + sum(points >= least for least in self.levels)

    def severity_of(self, tags: Iterable[str]) -> Severity:
        """The gravest of the tags; a tag's own entry counts before its system's."""
        order = list(Severity)
        return max((self._severity_of(tag) for tag in tags), key=order.index, default=Severity.ENQUIRY)

    def _severity_of(self, tag: str) -> Severity:
        for name in (tag, tag.partition(".")[0]):
            for severity, names in self.severities.items():
                if name in names:
                    return severity
        return Severity.FUNCTION


def of_steps(steps: Iterable[Step], value: int) -> int:
    """The points of the highest step that `value` is over."""
    return max((points for over, points in steps if value > over), default=0)


def _must_rise(name: str, points: list[int]) -> None:
    if any(one > other for one, other in pairwise(points)):
        raise ValueError(f"{name}: what is worse may not weigh less")
