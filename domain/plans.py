"""Service plans: who the customer is and what they came for choose the clocks; how grave it is chooses who handles it.

Two axes, kept apart so that a promise once made is kept. A *plan* fits a tier and a kind of case, as they are known
when a department first gets it, and may change lengths of time. A *grade* follows the risk, and moves no clock.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple, Self

from pydantic import Field, model_serializer, model_validator

from domain.case import CaseKind
from domain.durations import Duration
from domain.ticket import Tier
from domain.values import Value

CODE = r"^[a-z][a-z0-9_]{0,31}$"


class Length(StrEnum):
    """What a plan may set: the clocks of `domain.policy.Clocks`, and how soon a claim is verified by a call."""

    TRIAGE = "triage"
    RESPONSE = "response"
    RESOLUTION_ORDINARY = "resolution_ordinary"
    RESOLUTION_COMPLEX = "resolution_complex"
    PROGRESS = "progress"
    CALL = "call"
    CALL_AGAIN = "call_again"


class VerifyBy(StrEnum):
    """How the customer is asked first whether it is solved."""

    LETTER = "letter"  # and reminders; CX calls when they went unanswered
    CALL = "call"  # no reminders: CX calls within `call`


class ComplaintGrade(StrEnum):
    GENERAL = "general"
    MEDIUM = "medium"
    MAJOR = "major"
    IRRATIONAL = "irrational"


class ServicePlan(Value):
    """What holds for some complaints; what it leaves unsaid, a later plan that fits or the rules say."""

    id: str = Field(pattern=CODE)
    tier: Tier | None = None  # None fits every one
    kind: CaseKind | None = None
    lengths: dict[Length, Duration] = {}
    verify_by: VerifyBy | None = None
    has_expert: bool | None = None  # whether an expert seat of CX looks after it
    wording: str | None = Field(default=None, pattern=CODE)  # letters of this wording where there are such

    @model_serializer(mode="wrap")
    def _what_is_said(self, rest: Callable[[Self], dict[str, Any]]) -> dict[str, Any]:
        return {key: value for key, value in rest(self).items() if value not in (None, {})}

    def fits(self, tier: Tier, kind: CaseKind) -> bool:
        return self.tier in (None, tier) and self.kind in (None, kind)

    def says(self) -> dict[str, object]:
        """Everything that it settles, by name."""
        said: dict[str, object] = {str(name): length for name, length in self.lengths.items()}
        said |= {"verify_by": self.verify_by, "has_expert": self.has_expert, "wording": self.wording}
        return {name: value for name, value in said.items() if value is not None}


class Settled(NamedTuple):
    """One thing that plans settle, the plan it comes from, and those that fit as well and say otherwise."""

    name: str
    value: object
    plan: str
    overruled: tuple[tuple[str, object], ...]


class ServicePlans(Value):
    """In order of precedence: of all plans that fit, the first that says a thing counts for it."""

    plans: tuple[ServicePlan, ...]
    medium_from: int = Field(ge=1, le=5)  # risk levels
    major_from: int = Field(ge=1, le=5)
    experts_from: ComplaintGrade = ComplaintGrade.MAJOR  # from this grade on an expert seat looks after it

    @model_validator(mode="after")
    def _grades_rise(self) -> Self:
        if self.major_from <= self.medium_from:
            raise ValueError("major_from: major begins above medium; give it a higher level")
        return self

    def lengths(self) -> tuple[Duration, ...]:
        return tuple(length for plan in self.plans for length in plan.lengths.values())

    def settled(self, tier: Tier, kind: CaseKind) -> Iterator[Settled]:
        """What the plans settle for such a complaint, by name, with what was overruled."""
        fitting = [plan for plan in self.plans if plan.fits(tier, kind)]
        for name in dict.fromkeys(name for plan in fitting for name in plan.says()):
            (first, value), *rest = [(plan.id, plan.says()[name]) for plan in fitting if name in plan.says()]
            yield Settled(name, value, first, tuple((plan, said) for plan, said in rest if said != value))

    def grade(self, risk_level: int, *, is_irrational: bool) -> ComplaintGrade:
        if is_irrational:
            return ComplaintGrade.IRRATIONAL
        if risk_level >= self.major_from:
            return ComplaintGrade.MAJOR
        return ComplaintGrade.MEDIUM if risk_level >= self.medium_from else ComplaintGrade.GENERAL

    def calls_an_expert(self, grade: ComplaintGrade) -> bool:
        order = list(ComplaintGrade)
        return order.index(grade) >= order.index(self.experts_from)
