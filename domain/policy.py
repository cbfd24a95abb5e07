"""The numbers a complaint lives under, frozen into it when it is opened.

A later policy reaches a running complaint only through an `AdoptPolicy` command, so a promise once made is kept.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self

from pydantic import (
    Field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from domain.durations import Duration, Unit
from domain.once import once
from domain.ownership import Code, Matrix
from domain.plans import ServicePlans
from domain.risk_table import RiskTable
from domain.values import Value as Value
from domain.working_time import WorkingCalendar

# What held before the rules said so: complaints opened then, and folders written then, say nothing of it.
LINK_LIFE = Duration(amount=90, unit=Unit.CALENDAR_DAYS)
NOTICE_LIFE = Duration(amount=24, unit=Unit.HOURS)


class ClockKind(StrEnum):
    TRIAGE = "triage"
    RESPONSE = "response"
    RESOLUTION = "resolution"
    ARBITRATION = "arbitration"
    VERIFICATION = "verification"
    PROGRESS = "progress"
    LEGAL_REPLY = "legal_reply"  # the law's own, from a demand under the three guarantees on
    LEGAL_COMPLETION = "legal_completion"


class OnRejection(StrEnum):
    """What a rejected claim does to the clock it had stopped."""

    UNSTOP = "unstop"  # as if it had never stopped
    RESUME = "resume"  # go on from where it stood


class Clocks(Value):
    """How long each clock allows. `progress` is the promise of news to the customer; it renews itself."""

    triage: Duration
    response: Duration
    resolution_ordinary: Duration
    resolution_complex: Duration
    arbitration: Duration
    progress: Duration


class Verification(Value):
    """How the customer is asked whether the problem is gone."""

    reminders: tuple[Duration, ...]
    call: Duration
    call_again: Duration
    attempt_gap: Duration  # calls closer together are one attempt
    unreachable_attempts: int = Field(gt=0)
    on_rejection: OnRejection
    link_life: Duration = LINK_LIFE  # from the last letter on; after it the customer's link leads nowhere

    def lengths(self) -> tuple[Duration, ...]:
        return (*self.reminders, self.call, self.call_again, self.attempt_gap, self.link_life)


class EscalationLevel(StrEnum):
    STATION = "station"
    SERVICE = "service"
    LEADERSHIP = "leadership"


class EscalationRung(Value):
    """One step up. Fires once, at the age `after` or when the risk reaches `risk_at_least`, whichever is first."""

    level: EscalationLevel
    to: Code  # a department's id, or "leadership"
    after: Duration | None = None
    risk_at_least: int | None = Field(default=None, ge=1, le=5)
    channel: str = ""  # only for complaints that came in by this channel; "" is every channel


class DepartmentCalendar(Value):
    """When some departments work, as far as it is otherwise than the company; None is as the company does."""

    departments: tuple[Code, ...]
    zone: str | None = None
    week: dict[int, tuple[str, ...]] | None = None
    holidays: tuple[date, ...] | None = None
    workdays: tuple[date, ...] | None = None
    years: tuple[int, ...] | None = None

    @model_serializer(mode="wrap")
    def _what_is_otherwise(self, rest: Callable[[Self], dict[str, Any]]) -> dict[str, Any]:
        return {key: value for key, value in rest(self).items() if value is not None}

    def over(self, company: WorkingCalendar) -> WorkingCalendar:
        """Their whole calendar."""
        return company.model_copy(
            update={key: value for key, value in vars(self).items() if key in _ELSE and value is not None}
        )


@once
def _calendar_over(own: DepartmentCalendar, company: WorkingCalendar) -> WorkingCalendar:
    return own.over(company)


_ELSE = frozenset(WorkingCalendar.model_fields)
_ADDED = frozenset({"calendars", "risk", "plans"})


class Policy(Value):
    """One instant's rules, whole.

    Source: the business's TOML files, read by `policy.reading.policy_at`; `version` ends in a digest of the content.
    """

    version: Code
    clocks: Clocks
    yellow_share: Fraction  # yellow when this share of the clock, or less, remains
    hop_limit: int = Field(gt=0)
    lead_share: int = Field(gt=0, le=10_000)  # basis points; the supporters split the rest
    escalations: tuple[EscalationRung, ...]
    verification: Verification
    vp_copied_on: tuple[ClockKind, ...]
    warned_on: tuple[ClockKind, ...]
    notice_life: Duration = NOTICE_LIFE  # how long a notice is tried before it is given up, which is recorded
    triage_desk: Code
    arbiter: Code
    arbiter_when_party: Code  # rules instead when the arbiter is itself a party
    matrix: Matrix
    calendar: WorkingCalendar  # the company's
    calendars: tuple[DepartmentCalendar, ...] = ()
    risk: RiskTable | None = None  # without it the level is what the ticket and CX say
    plans: ServicePlans | None = None  # without them everybody is served alike

    def lengths(self) -> tuple[Duration, ...]:
        """Every length of time in it."""
        climbs = [rung.after for rung in self.escalations if rung.after]
        ages = self.risk.lengths() if self.risk else ()
        planned = self.plans.lengths() if self.plans else ()
        return (*vars(self.clocks).values(), *self.verification.lengths(), self.notice_life, *climbs, *ages, *planned)

    def calendar_of(self, department: str) -> WorkingCalendar:
        """When the department works: by its own calendar where it has one, else by the company's."""
        own = next((each for each in self.calendars if department in each.departments), None)
        return _calendar_over(own, self.calendar) if own else self.calendar

    @field_validator("yellow_share", mode="before")
    @classmethod
    def _share_from_text(cls, value: object) -> Fraction:
        text = str(value)
        share = Fraction(text) if re.fullmatch(r"\d{1,6}/[1-9]\d{0,5}", text) else Fraction(0)
        if not 0 < share < 1:
            raise ValueError('a share lies between 0 and 1, like "1/3"')
        return share

    @model_validator(mode="after")
    def _clocks_come_to_an_end(self) -> Self:
        """A clock in working time needs a calendar that works."""
        own = [WorkingCalendar.model_validate(vars(each.over(self.calendar))) for each in self.calendars]
        if any(length.unit.is_working for length in self.lengths()) and not all(
            each.works for each in (self.calendar, *own)
        ):
            raise ValueError("a clock counts working time, and the calendar never works")
        return self

    @model_serializer(mode="wrap")
    def _as_it_always_was(self, rest: Callable[[Self], dict[str, Any]]) -> dict[str, Any]:
        """Without what it does not have: such a policy keeps the digest it has always had."""
        said = rest(self)
        return {key: value for key, value in said.items() if key not in _ADDED or value}

    @field_serializer("yellow_share")
    def _share_to_text(self, share: Fraction) -> str:
        return str(share)
