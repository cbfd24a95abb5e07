"""A length says its unit aloud, and nothing that is no length is taken for one."""

import pytest
from pydantic import ValidationError

from domain.durations import Duration, Unit


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("4 hours", 4, Unit.HOURS),
        ("16 working_hours", 16, Unit.WORKING_HOURS),
        ("3 calendar_days", 3, Unit.CALENDAR_DAYS),
        ("5 working_days", 5, Unit.WORKING_DAYS),
        ("7 legal_days", 7, Unit.LEGAL_DAYS),
    ],
)
def test_a_length_reads_and_writes_as_text(text: str, amount: int, unit: Unit) -> None:
    length = Duration.model_validate(text)
    assert (length.amount, length.unit) == (amount, unit)
    assert [length.model_dump(mode="json"), str(length)] == [text, text]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("4", "a number without a unit is the oldest trap of all"),
        ("hours 4", "the number comes first"),
        ("4hours", "one space between"),
        ("4  hours", "one space, not two"),
        ("4 days", "whose days?"),
        ("0 hours", "no time at all is no clock"),
        ("-1 hours", "nor is less"),
        ("1.5 hours", "whole units; ninety minutes are not in this language"),
        ("4 Hours", "units are written one way"),
        ("", "nothing"),
        ("4 hours\n", "nothing follows"),
        ("9999999999 hours", "longer than any calendar"),
    ],
)
def test_what_is_no_length_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValidationError):
        Duration.model_validate(text)


def test_only_two_units_count_working_time() -> None:
    assert {unit for unit in Unit if unit.is_working} == {Unit.WORKING_HOURS, Unit.WORKING_DAYS}
