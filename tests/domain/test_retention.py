"""The instant before which what was closed is out of its time."""

from datetime import UTC, datetime

import pytest

from domain.retention import before


@pytest.mark.parametrize(
    ("instant", "months", "wanted"),
    [
        ("2026-11-24", 0, "2026-11-24"),
        ("2026-11-24", 1, "2026-10-24"),
        ("2026-11-24", 10, "2026-01-24"),
        ("2026-11-24", 11, "2025-12-24"),  # December is the month that division gets wrong
        ("2026-11-24", 72, "2020-11-24"),
        ("2026-12-31", 1, "2026-11-30"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
    ],
)
def test_so_many_months_earlier_on_the_same_day_or_the_months_last(instant: str, months: int, wanted: str) -> None:
    at = datetime.fromisoformat(f"{instant}T13:14:15+00:00")
    assert before(at, months) == datetime.fromisoformat(f"{wanted}T13:14:15+00:00")
    assert before(at, months).tzinfo is UTC
