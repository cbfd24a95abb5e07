"""Every unit against a count of minutes: several spans a day, nights, holidays, and the nights the clocks change."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import timetable, working_time
from domain.durations import Duration, Unit
from domain.working_time import WorkingCalendar
from tests.domain.minutes import Minutes

BEFORE, DAYS = 7, 21  # days of minutes before the day of interest, and in all
# A zone and a day there around which something happens to the clocks, or to the month.
SCENES = [
    ("Asia/Shanghai", date(2026, 10, 1)),  # month end, holidays
    ("Asia/Shanghai", date(2027, 1, 1)),  # year end
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 11, 1)),  # month end as well
    ("America/Sao_Paulo", date(2018, 11, 4)),  # midnight is left out
    ("America/Havana", date(2026, 11, 1)),  # midnight comes twice
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # by half an hour
    ("Africa/Casablanca", date(2026, 3, 22)),  # back for one month
    ("Europe/Berlin", date(2028, 2, 29)),
]


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, tuple[str, ...]]:
    """Up to three spans a day anywhere in it, and on some days one over midnight."""
    nights = draw(st.tuples(*[st.booleans()] * 7))
    found = {}
    for weekday in range(1, 8):
        first, last = 360 if nights[weekday - 2] else 0, 1300 if nights[weekday - 1] else 1440
        bounds = sorted(draw(st.lists(st.integers(first, last), unique=True, max_size=6)))
        spans = [_span(begin, end) for begin, end in zip(bounds[::2], bounds[1::2], strict=False)]
        if nights[weekday - 1]:
            spans.append(_span(draw(st.integers(1300, 1439)), draw(st.integers(1, 360))))
        found[weekday] = tuple(spans)
    return found if any(found.values()) else {1: ("08:00-12:00",)}


def _span(begin: int, end: int) -> str:
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (begin, end))


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Minutes, int]:
    """A calendar by the minute, and a minute to begin at, within four days of the day of interest."""
    zone, day = draw(st.sampled_from(SCENES))
    near = st.integers(-4, 4).map(lambda n: day + timedelta(days=n))
    some = st.lists(near, max_size=3, unique=True).map(tuple)
    calendar = WorkingCalendar(zone=zone, week=draw(weeks()), holidays=draw(some), workdays=draw(some))
    start = draw(st.integers((BEFORE - 4) * 1440, (BEFORE + 4) * 1440))
    return Minutes(calendar, day - timedelta(days=BEFORE), DAYS), start


@settings(max_examples=60, deadline=None)
@given(scene=scenes(), minutes=st.integers(0, 5 * 1440))
def test_measured_time_is_what_counting_minutes_gives(scene: tuple[Minutes, int], minutes: int) -> None:
    by_minute, start = scene
    found = by_minute.calendar.measure(by_minute.at(start), by_minute.at(start + minutes), Unit.WORKING_HOURS)
    assert found == by_minute.measured(start, start + minutes)


@settings(max_examples=60, deadline=None)
@given(scene=scenes(), hours=st.integers(1, 30))
def test_working_hours_end_where_counting_minutes_ends(scene: tuple[Minutes, int], hours: int) -> None:
    by_minute, start = scene
    if sum(by_minute.worked[start:]) >= hours * 60:  # the rest would be beyond the minutes looked at
        assert _added(by_minute, start, hours, Unit.WORKING_HOURS) == by_minute.working_hours(start, hours)


@settings(max_examples=60, deadline=None)
@given(scene=scenes(), amount=st.integers(1, 6), unit=st.sampled_from(list(Unit)))
def test_days_end_where_looking_at_the_wall_ends(scene: tuple[Minutes, int], amount: int, unit: Unit) -> None:
    by_minute, start = scene
    minutes = {Unit.HOURS: 60, Unit.LEGAL_DAYS: 1440}
    if unit in minutes:
        expected = by_minute.at(start + amount * minutes[unit])
    elif unit is Unit.CALENDAR_DAYS:
        expected = by_minute.calendar_days(start, amount)
    elif unit is Unit.WORKING_DAYS and sum(map(bool, by_minute.calendar.week.values())) == 7:
        expected = by_minute.working_days(start, amount)
    else:
        return
    # Where the wall shows an hour twice, Python keeps which of the two it was; the wall alone cannot.
    assert abs(_added(by_minute, start, amount, unit) - expected) in (timedelta(), *_repeated(by_minute, start))


def _added(by_minute: Minutes, start: int, amount: int, unit: Unit) -> datetime:
    return by_minute.calendar.add(by_minute.at(start), Duration(amount=amount, unit=unit))


def _repeated(by_minute: Minutes, start: int) -> tuple[timedelta, ...]:
    is_second = by_minute.shown(by_minute.walls[start]) != start
    return (timedelta(hours=1), timedelta(minutes=30)) if is_second else ()


BERLIN = WorkingCalendar(
    zone="Europe/Berlin",
    week={1: ("08:00-12:00", "13:00-17:00"), 5: ("09:00-12:00", "22:00-06:00"), 6: ("21:00-05:00",)},
    holidays=(date(2026, 4, 6), date(2026, 10, 23)),
    workdays=(date(2026, 4, 8), date(2026, 10, 24)),
)
FAULTS: list[tuple[object, str, Callable[..., Any], str]] = [
    (timetable, "_changes", lambda zone: (), "the clocks never change"),
    (timetable, "bisect_left", bisect_right, "an exception counts from its own day on, not from the next"),
    (timetable.Timetable, "works_on", lambda self, day: bool(self._week[(day - 1) % 7]), "any Monday works"),
    (timetable.Timetable, "_usual", lambda self, day: 0, "what a holiday takes away is forgotten"),
    (timetable.Timetable, "_plan", lambda self, day: self._week[(day - 1) % 7], "neither holidays nor make-up days"),
    (
        timetable.Timetable,
        "_plan",
        lambda self, day: () if day in self._off else self._week[(day - 1) % 7],
        "no make-up days",
    ),
    (working_time, "_bounds", lambda span: _cut_at_midnight(span), "a night ends at midnight"),
]


def _cut_at_midnight(span: str, whole: Callable[[str], tuple[int, int]] = working_time._bounds) -> tuple[int, int]:
    begin, end = whole(span)
    return begin, min(end, timetable.DAY)


def _differences() -> int:
    """How many of a few hundred questions about BERLIN are answered otherwise than by counting minutes."""
    working_time._timetable.cache_clear()
    calendar, wrong = BERLIN.model_copy(), 0
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        by_minute = Minutes(calendar, day - timedelta(days=16), 46)
        for start in range(2 * 1440, 24 * 1440, 407):
            wrong += calendar.measure(by_minute.at(start), by_minute.at(start + 9000), Unit.WORKING_HOURS) != (
                by_minute.measured(start, start + 9000)
            )
            wrong += _added(by_minute, start, 7, Unit.WORKING_HOURS) != by_minute.working_hours(start, 7)
            wrong += _added(by_minute, start, 3, Unit.WORKING_DAYS) != by_minute.working_days(start, 3)
    working_time._timetable.cache_clear()
    return wrong


def test_counting_minutes_finds_nothing_wrong() -> None:
    assert _differences() == 0


@pytest.mark.parametrize(("where", "name", "faulty", "reason"), FAULTS)
def test_counting_minutes_finds_a_planted_fault(
    where: object, name: str, faulty: Callable[..., Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(where, name, faulty)
    assert _differences() > 0, reason


def test_a_year_is_what_counting_its_minutes_gives() -> None:
    by_minute = Minutes(BERLIN, date(2026, 1, 1), 368)
    begin, end = 2 * 1440, 362 * 1440
    assert BERLIN.measure(by_minute.at(begin), by_minute.at(end), Unit.WORKING_HOURS) == by_minute.measured(begin, end)
    hours = sum(by_minute.worked[begin:end]) // 60
    assert _added(by_minute, begin, hours, Unit.WORKING_HOURS) == by_minute.working_hours(begin, hours)


INSTANTS = st.integers(0, 20 * 366 * timetable.DAY).map(
    lambda n: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)
)


@settings(max_examples=100, deadline=None)
@given(points=st.lists(INSTANTS, min_size=3, max_size=3).map(sorted), calendar=st.sampled_from([BERLIN]))
def test_a_period_is_the_sum_of_its_parts_to_the_microsecond(points: list[datetime], calendar: WorkingCalendar) -> None:
    first, middle, last = points
    parts = [calendar.measure(*pair, Unit.WORKING_HOURS) for pair in ((first, middle), (middle, last))]
    whole = calendar.measure(first, last, Unit.WORKING_HOURS)
    assert sum(parts, timedelta()) == whole
    if whole:
        due = calendar.add_working(first, whole)
        assert due <= last
        assert calendar.measure(first, due, Unit.WORKING_HOURS) == whole
        assert calendar.measure(first, due - timedelta(microseconds=1), Unit.WORKING_HOURS) < whole
