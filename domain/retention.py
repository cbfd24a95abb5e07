"""How long a complaint's personal data is kept once it is closed, by what kind of record it is."""

import calendar
from datetime import datetime
from enum import StrEnum

from pydantic import Field, model_validator

from domain.policy import Value

REPAIR_MONTHS = 72  # the least that a repairer keeps repair records in China


class Record(StrEnum):
    """What a complaint is a record of; the first that fits counts."""

    SAFETY = "safety"  # a red-line complaint
    REPAIR = "repair"  # somebody claimed to have repaired something
    COMPLAINT = "complaint"  # any other


class Keeping(Value):
    """Months after closing. Until `restrict` the data is worked with; from then to `erase` it is only kept.

    `restrict` None never restricts. `source` says where the figures are from.
    """

    record: Record
    restrict: int | None = Field(None, ge=1, le=1200)
    erase: int = Field(ge=1, le=1200)
    source: str = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _is_in_order(self) -> "Keeping":
        if self.restrict is not None and self.restrict >= self.erase:
            raise ValueError("`restrict` must come before `erase`; lower it or leave it out")
        if self.record is not Record.COMPLAINT and self.erase < REPAIR_MONTHS:
            raise ValueError(f"repair records are kept {REPAIR_MONTHS} months at least; raise `erase`")
        return self


class Step(StrEnum):
    RESTRICT = "restrict"
    ERASE = "erase"


def before(instant: datetime, months: int) -> datetime:
    """The same day and time so many months earlier, or that month's last day."""
    year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
