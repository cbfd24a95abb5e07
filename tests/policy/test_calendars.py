"""The calendars that travel inside a complaint, and the table of days off behind them."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]
import holidays
import pytest

from domain.durations import Duration, Unit
from domain.policy import Policy
from policy.reading import PolicyFiles, load
from tests.policy.folders import AT, edited

SHIPPED = load()
CHINA = holidays.country_holidays("CN", years=range(2023, 2028))
LIBRARIES: dict[str, Callable[[date], bool]] = {
    "holidays": CHINA.is_working_day,
    "chinesecalendar": chinese_calendar.is_workday,
}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_our_days_off_are_those_of_two_libraries(library: str, year: int) -> None:
    calendar = SHIPPED.sheets.calendar.table.company()
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    ours = {day for day in days if calendar.is_workday(day)}
    assert ours ^ {day for day in days if LIBRARIES[library](day)} == set()


def counting(folder: Path) -> PolicyFiles:
    return load(edited(folder, "rules.toml", 'response = "4 hours"', 'response = "4 working_hours"'))


def test_a_snapshot_that_counts_working_time_carries_the_last_year_and_those_to_come(tmp_path: Path) -> None:
    policy = counting(tmp_path).policy_at(AT)
    assert policy.calendar.years == (2025, 2026)
    assert min(policy.calendar.holidays).year == 2025
    assert date(2026, 10, 10) not in policy.calendar.holidays


def test_a_day_off_that_nobody_works_does_not_travel(tmp_path: Path) -> None:
    off = counting(tmp_path).policy_at(AT).calendar.holidays
    assert date(2026, 10, 3) in off, "a Saturday, on which the plant works"
    assert date(2026, 10, 4) not in off, "a Sunday"


def test_a_department_works_by_its_own_calendar_in_the_snapshot(tmp_path: Path) -> None:
    policy = counting(tmp_path).policy_at(AT)
    saturday = datetime(2026, 3, 7, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
    length = Duration(amount=4, unit=Unit.WORKING_HOURS)
    assert policy.calendar_of("manufacturing").add(saturday, length) == saturday + timedelta(hours=4)
    assert policy.calendar_of("quality") == policy.calendar
    assert policy.calendar_of("manufacturing").holidays == policy.calendar.holidays


def test_calendars_survive_their_journey_and_weigh_little(tmp_path: Path) -> None:
    with_own = counting(tmp_path / "a").policy_at(AT)
    carried = with_own.model_dump_json()
    assert Policy.model_validate_json(carried) == with_own
    alone = with_own.model_copy(update={"calendars": ()}).model_dump_json()
    assert len(carried) - len(alone) < 400
    assert len(carried) - len(SHIPPED.policy_at(AT).model_dump_json()) < 1_500


def test_the_pages_calendar_of_another_country_has_its_own_zone_and_days(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8")
    (europe,) = [block for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "[calendar.europe]" in block]
    folder = edited(tmp_path, "departments.toml", 'calendar = "plant"', 'calendar = "europe"')
    for file, old, new in (
        ("calendar.toml", "[calendar.plant]", f"{europe}\n[calendar.plant]"),
        ("rules.toml", 'response = "4 hours"', 'response = "4 working_hours"'),
    ):
        text = (folder / file).read_text(encoding="utf-8").replace(old, new)
        (folder / file).write_text(text, encoding="utf-8")
    calendar = load(folder).policy_at(AT).calendar_of("manufacturing")
    assert (calendar.zone, calendar.years) == ("Europe/Berlin", (2026,))
    assert calendar.is_workday(date(2026, 10, 1))
    assert not calendar.is_workday(date(2026, 12, 25))
    assert calendar == load(folder).calendar_at(AT, department="manufacturing")
