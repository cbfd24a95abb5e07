"""An instant that comes in from outside: text with an offset, kept in UTC, within the years that clocks can count."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

_YEARS = range(1900, 9000)  # beyond them a due instant could not be written down


def _no_number(value: object) -> object:
    if isinstance(value, str | datetime):
        return value
    raise ValueError('an instant is text with an offset, like "2026-03-02T09:00:00+08:00"')


def _in_utc(value: datetime) -> datetime:
    if value.year not in _YEARS:
        raise ValueError("an instant lies between the years 1900 and 8999")
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, BeforeValidator(_no_number), AfterValidator(_in_utc)]
