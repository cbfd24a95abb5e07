"""A length of time with its unit said aloud: 4 hours, 3 working_days."""

import re
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_serializer, model_validator


class Unit(StrEnum):
    """What the number counts. `legal_days` are the law's: every begun 24 hours is a day."""

    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    LEGAL_DAYS = "legal_days"

    @property
    def is_working(self) -> bool:
        return self is Unit.WORKING_HOURS or self is Unit.WORKING_DAYS


class Duration(BaseModel):
    """Written and stored as text, "4 hours", so that policy files and histories stay readable."""

    model_config = ConfigDict(frozen=True)

    amount: int = Field(gt=0, le=10_000)  # beyond it no calendar reaches, and instants overflow
    unit: Unit

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(r"(\d+) ([a-z_]+)", value)
        if match is None:
            raise ValueError(f'a length is a number and a unit, like "4 hours"; got {value!r}')
        return {"amount": int(match[1]), "unit": match[2]}

    @model_serializer
    def _to_text(self) -> str:
        return f"{self.amount} {self.unit.value}"

    def __str__(self) -> str:
        return self._to_text()
