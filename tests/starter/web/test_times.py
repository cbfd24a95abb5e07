"""Time as pages show it: the two largest units that matter, and the company's wall clock."""

from datetime import UTC, datetime, timedelta

import pytest

from starter.web import times

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai

LENGTHS = [
    (0, "0分00秒", "0 min 00 s"),
    (59, "0分59秒", "0 min 59 s"),
    (3599, "59分59秒", "59 min 59 s"),
    (3600, "1小时0分", "1 h 0 min"),
    (86_399, "23小时59分", "23 h 59 min"),
    (86_400, "1天0小时", "1 d 0 h"),
    (-7_380, "2小时3分", "2 h 3 min"),  # how long ago reads like how long still
]


@pytest.mark.parametrize(("seconds", "zh", "en"), LENGTHS)
def test_a_length_is_told_in_its_two_largest_units(seconds: int, zh: str, en: str) -> None:
    value = timedelta(seconds=seconds)
    assert (times.length(value, "zh"), times.length(value, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("instant", "shown"),
    [
        (NOON - timedelta(hours=2), "10:00"),
        (NOON - timedelta(hours=13), "03-01 23:00"),  # yesterday there, though the same day in UTC
        (NOON - timedelta(days=61), "2025-12-31 12:00"),
    ],
)
def test_an_instant_is_told_on_the_companys_wall_clock(instant: datetime, shown: str) -> None:
    assert times.local(instant, "Asia/Shanghai", at=NOON) == shown


def test_the_whole_of_an_instant_has_its_zone() -> None:
    assert times.full(NOON, "Asia/Shanghai") == "2026-03-02 12:00:00 +0800"
    assert times.utc(NOON) == "2026-03-02T04:00:00Z"
