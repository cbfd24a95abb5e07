"""A statute on vehicles as data: its periods, its thresholds, and who says that they were read rightly."""

from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from domain.durations import Duration, Unit
from domain.values import Value

Line = Annotated[str, Field(min_length=1, max_length=500)]


class Clause(StrEnum):
    """What somebody may come to be entitled to; the number is the article, then the item."""

    ASSEMBLY = "a20"  # an assembly free of charge, early on
    COURTESY_CAR = "a21"  # a car meanwhile, or its cost
    FIRST_DAYS = "a22"  # replacement or refund in the very first days
    FAILURE = "a23"  # replacement or refund for a grave failure, early on
    SAFETY = "a24_1"  # and from here on within the three-guarantees period
    ASSEMBLIES = "a24_2"
    PARTS = "a24_3"
    DAYS = "a24_4_days"
    TIMES = "a24_4_times"


class Term(Value):
    """A period from the vehicle's first day on, by the calendar and by the odometer, whichever ends first."""

    article: Line
    years: int | None = Field(default=None, ge=1, le=30)
    days: int | None = Field(default=None, ge=1, le=10_000)
    km: int | None = Field(default=None, ge=1, le=5_000_000)

    @model_validator(mode="after")
    def _has_one_length(self) -> Self:
        if (self.years is None) == (self.days is None):
            raise ValueError("a period has either `years` or `days`")
        return self

    def last_day(self, start: date, *, counts_first: bool) -> date:
        """The last day within, whole. Years are the calendar's; where the day is missing it is the month's last."""
        if self.days is not None:
            last = start + timedelta(days=self.days)
        else:
            year = start.year + (self.years or 0)
            is_missing = (start.month, start.day) == (2, 29) and not _is_leap(year)
            last = start.replace(year=year, day=28 if is_missing else start.day)
        return last - timedelta(days=1) if counts_first else last

    def allows(self, km: int | None) -> bool:
        """Whether the odometer is within; one that nobody read ends nothing."""
        return self.km is None or km is None or km <= self.km


class Limit(Value):
    """A threshold. `near_from` is the value from which one step is missing; None where there is no step before."""

    article: Line
    more_than: int | None = Field(default=None, ge=0, le=10_000)
    at_least: int | None = Field(default=None, ge=1, le=10_000)
    near_from: int | None = Field(default=None, ge=1, le=10_000)

    @model_validator(mode="after")
    def _has_one_bound(self) -> Self:
        if (self.more_than is None) == (self.at_least is None):
            raise ValueError("a threshold has either `more_than` or `at_least`")
        if self.near_from is not None and self.near_from >= self.first_over:
            raise ValueError("`near_from` comes before the threshold; lower it or leave it out")
        return self

    @property
    def first_over(self) -> int:
        """The lowest whole number that reaches it."""
        return self.at_least if self.at_least is not None else (self.more_than or 0) + 1


def _share(value: object) -> Fraction:
    return value if isinstance(value, Fraction) else Fraction(str(value))


Coefficient = Annotated[
    Fraction, BeforeValidator(_share), Field(gt=0, le=1), PlainSerializer(lambda share: str(share), return_type=str)
]


class UseFee(Value):
    """What a consumer pays for the use had: price × km / 1000 × n, where n is the maker's and at most `most`."""

    article: Line
    most: Coefficient


class Answers(Value):
    """How long a seller has to answer a demand for replacement or refund, and to carry it out."""

    article: Line
    reply: Duration
    completion: Duration

    @model_validator(mode="after")
    def _count_days(self) -> Self:
        if not {self.reply.unit, self.completion.unit} <= {Unit.WORKING_DAYS, Unit.CALENDAR_DAYS}:
            raise ValueError("the law counts days: write working_days or calendar_days")
        return self


class StatutePack(Value):
    """One statute in one reading of it. It is for vehicles whose first day is `in_force_from` or later.

    `confirmed_by` names the lawyer who confirmed this reading; "" is nobody yet, and the pages say so.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")
    version: str = Field(default="", max_length=80)  # the id and a digest of the content, given where the file is read
    zh: Line
    en: Line
    in_force_from: date
    zone: str  # whose days count
    source: Line
    how_to_check: Line
    confirmed_by: str = Field(default="", max_length=200)
    counts_first_day: bool
    assemblies: tuple[str, ...] = Field(min_length=1)
    systems: tuple[str, ...] = Field(min_length=1)
    failures: tuple[str, ...] = Field(min_length=1)  # fault tags
    three_guarantees: Term
    repair_warranty: Term
    early: Term
    first_days: Term
    recently_out_days: int = Field(ge=1, le=3650)
    clause: dict[Clause, Limit]
    use_fee: UseFee
    answers: Answers

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if missing := [str(each) for each in Clause if each not in self.clause]:
            raise ValueError(f"clauses without a threshold: {', '.join(missing)}; write each")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f'{self.zone!r} is no time zone; write one like "Asia/Shanghai"') from None
        return self


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
