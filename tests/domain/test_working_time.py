"""Working time at its edges: nights, weekends, holidays, make-up days, and the nights the clocks change."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.durations import Duration, Unit
from domain.working_time import WorkingCalendar

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OFFICE = dict.fromkeys(range(1, 6), ("09:00-12:00", "13:00-18:00"))
NIGHT = dict.fromkeys(range(1, 8), ("00:00-06:00", "22:00-24:00"))


def a_calendar(
    week: Mapping[int, tuple[str, ...]] = OFFICE, zone: str = "Asia/Shanghai", **days: object
) -> WorkingCalendar:
    return WorkingCalendar.model_validate({"zone": zone, "week": week, **days})


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


CHINA_2026 = a_calendar(holidays=(date(2026, 10, 1), date(2026, 10, 2)), workdays=(date(2026, 10, 10),))


@pytest.mark.parametrize(
    ("start", "length", "due", "reason"),
    [
        ("2026-03-02 09:00", "4 hours", "2026-03-02 13:00", "elapsed hours know no lunch"),
        ("2026-03-02 09:00", "4 working_hours", "2026-03-02 14:00", "working hours do"),
        ("2026-03-02 09:00", "3 working_hours", "2026-03-02 12:00", "the last minute before lunch ends the clock"),
        ("2026-03-02 12:30", "1 working_hours", "2026-03-02 14:00", "a start at lunch waits for its end"),
        ("2026-03-06 17:00", "2 working_hours", "2026-03-09 10:00", "Friday evening goes on on Monday"),
        ("2026-03-07 10:00", "1 working_hours", "2026-03-09 10:00", "Saturday is nobody's"),
        ("2026-03-06 17:00", "1 calendar_days", "2026-03-07 17:00", "calendar days run through the weekend"),
        ("2026-03-06 17:00", "1 working_days", "2026-03-09 17:00", "a working day does not"),
        ("2026-03-07 17:00", "1 working_days", "2026-03-09 17:00", "from a Saturday, Monday is the first"),
        ("2026-01-31 10:00", "1 calendar_days", "2026-02-01 10:00", "month end"),
        ("2026-02-27 10:00", "3 calendar_days", "2026-03-02 10:00", "the end of a short February"),
        ("2026-09-30 17:00", "2 working_hours", "2026-10-05 10:00", "two holidays and a weekend between"),
        ("2026-10-09 17:00", "2 working_hours", "2026-10-10 10:00", "a make-up Saturday works like a weekday"),
        ("2026-10-09 17:00", "2 working_days", "2026-10-12 17:00", "and counts as a working day"),
        ("2026-03-06 17:00", "1 legal_days", "2026-03-07 17:00", "the law counts begun days of 24 hours"),
    ],
)
def test_the_due_instant(start: str, length: str, due: str, reason: str) -> None:
    found = CHINA_2026.add(local(start), Duration.model_validate(length))
    assert found == local(due), reason
    assert found.utcoffset() is not None


@pytest.mark.parametrize(
    ("start", "length", "due", "reason"),
    [
        ("2026-03-28 12:00", "1 calendar_days", "2026-03-29T10:00Z", "same wall time over the short night: 23 hours"),
        ("2026-10-24 12:00", "1 calendar_days", "2026-10-25T11:00Z", "and over the long one: 25 hours"),
        ("2026-03-28 12:00", "24 hours", "2026-03-29T11:00Z", "hours are hours"),
        ("2026-03-28 02:30", "1 calendar_days", "2026-03-29T01:30Z", "02:30 does not exist: 03:30 summer time"),
        ("2026-03-28 23:00", "4 working_hours", "2026-03-29T02:00Z", "22-24 and 00-06 lost an hour: 1 h + 3 h"),
        ("2026-10-24 23:00", "4 working_hours", "2026-10-25T01:00Z", "and gained one"),
    ],
)
def test_the_nights_the_clocks_change_in_berlin(start: str, length: str, due: str, reason: str) -> None:
    found = a_calendar(NIGHT, "Europe/Berlin").add(local(start, BERLIN), Duration.model_validate(length))
    assert found == datetime.fromisoformat(due), reason


def test_a_day_that_ends_at_24_loses_no_minute() -> None:
    always = a_calendar(dict.fromkeys(range(1, 8), ("00:00-24:00",)))
    week = always.measure(local("2026-03-02 00:00"), local("2026-03-09 00:00"), Unit.WORKING_HOURS)
    assert week == timedelta(days=7)


def test_a_night_shift_is_two_spans_without_a_seam() -> None:
    shift = a_calendar(NIGHT).measure(local("2026-03-02 21:00"), local("2026-03-03 07:00"), Unit.WORKING_HOURS)
    assert shift == timedelta(hours=8)


def test_a_span_over_midnight_is_the_same_night_and_belongs_to_the_day_it_begins_on() -> None:
    nights = {4: ("22:00-06:00",), 5: ("22:00-06:00",)}
    holiday = a_calendar(nights, holidays=(date(2026, 3, 6),))  # the Friday
    assert holiday.measure(local("2026-03-05 12:00"), local("2026-03-08 12:00"), Unit.WORKING_HOURS) == 8 * HOUR
    assert holiday.add(local("2026-03-05 23:00"), Duration.model_validate("7 working_hours")) == local(
        "2026-03-06 06:00"
    )
    assert (
        a_calendar(nights).measure(local("2026-03-05 22:00"), local("2026-03-07 06:00"), Unit.WORKING_HOURS)
        == 16 * HOUR
    )


@pytest.mark.parametrize(
    ("start", "end", "unit", "announced", "reason"),
    [
        ("2026-12-30 09:00", "2026-12-31 17:00", Unit.WORKING_DAYS, True, "within a year that is known"),
        ("2026-12-31 09:00", "2027-01-04 09:00", Unit.WORKING_HOURS, False, "into one that is not"),
        ("2026-12-31 09:00", "2027-01-04 09:00", Unit.CALENDAR_DAYS, True, "which asks for no days off"),
        ("2025-12-31 09:00", "2026-01-05 09:00", Unit.WORKING_DAYS, False, "out of one that is not"),
        ("2027-01-01 00:30", "2027-01-01 00:30", Unit.WORKING_HOURS, False, "by the company's wall clock"),
    ],
)
def test_a_year_that_is_not_announced(start: str, end: str, unit: Unit, announced: bool, reason: str) -> None:
    calendar = a_calendar(years=(2026,))
    assert calendar.is_announced(local(start), local(end), unit) is announced, reason
    assert a_calendar().is_announced(local(start), local(end), unit), "a calendar without years asks for none"


def test_a_calendar_frozen_before_years_is_written_as_it_was() -> None:
    frozen = {"zone": "UTC", "week": {"1": ["09:00-12:00"]}, "holidays": ["2026-10-01"], "workdays": []}
    assert WorkingCalendar.model_validate(frozen).model_dump(mode="json") == frozen


def test_a_holiday_that_is_also_a_make_up_day_works() -> None:
    calendar = a_calendar(holidays=(date(2026, 3, 7),), workdays=(date(2026, 3, 7),))
    assert calendar.is_workday(date(2026, 3, 7))
    assert calendar.add(local("2026-03-07 09:00"), Duration.model_validate("1 working_hours")) == local(
        "2026-03-07 10:00"
    )


@pytest.mark.parametrize(
    ("week", "reason"),
    [
        ({1: ("18:00-09:00", "10:00-12:00")}, "a night is the day's last span"),
        ({1: ("22:00-06:00",), 2: ("05:00-12:00",)}, "a night ends before the next day's first span begins"),
        ({7: ("22:00-06:00",), 1: ("05:00-12:00",)}, "and so does Sunday's, for after it comes Monday"),
        ({1: ("09:00-09:00",)}, "an empty span"),
        ({1: ("13:00-18:00", "09:00-12:00")}, "spans stand in order, or hours are found in the wrong order"),
        ({1: ("09:00-13:00", "12:00-18:00")}, "spans do not overlap, or an hour counts twice"),
        ({0: ("09:00-12:00",)}, "weekdays are 1 to 7"),
        ({8: ("09:00-12:00",)}, "weekdays are 1 to 7"),
        ({1: ("nine-to-five",)}, "no times at all"),
    ],
)
def test_a_week_that_cannot_be_counted_is_refused(week: dict[int, tuple[str, ...]], reason: str) -> None:
    with pytest.raises(ValidationError):
        a_calendar(week)


@pytest.mark.parametrize("zone", ["Nowhere/Land", "Asia", "../../etc/passwd", "", "x" * 300])
def test_a_zone_nobody_knows_is_a_refusal_and_no_crash(zone: str) -> None:
    with pytest.raises(ValidationError):
        a_calendar(zone=zone)


@pytest.mark.parametrize("length", ["1 working_hours", "1 working_days"])
def test_a_calendar_that_never_works_again_counts_elapsed_time_and_does_not_search_for_ever(length: str) -> None:
    start = local("2026-03-02 09:00")
    due = a_calendar({}).add(start, Duration.model_validate(length))
    assert due - start == (timedelta(days=1) if "days" in length else timedelta(hours=1))


ODD_WEEK = {
    1: ("09:00-12:00", "13:00-18:00"),
    3: ("00:00-02:30", "22:00-24:00"),
    6: ("10:00-11:01",),
    7: ("01:30-04:00",),
}
ODD = {zone: a_calendar(ODD_WEEK, zone, holidays=(date(2026, 3, 30),), workdays=(date(2026, 3, 27),))
       for zone in ("Asia/Shanghai", "Europe/Berlin")}  # fmt: skip
A_MINUTE = st.integers(0, 8 * 24 * 60).map(lambda n: datetime(2026, 3, 24, 0, 0, tzinfo=UTC) + n * MINUTE)


def works(calendar: WorkingCalendar, minute: datetime) -> bool:
    """Whether the minute that begins here is worked, by looking at the clock on the wall and nothing else."""
    wall = minute.astimezone(ZoneInfo(calendar.zone))
    if wall.date() in calendar.workdays:
        spans = ODD_WEEK[1]
    else:
        spans = () if wall.date() in calendar.holidays else ODD_WEEK.get(wall.isoweekday(), ())
    return any(span[:5] <= wall.strftime("%H:%M") < span[6:] for span in spans)


@settings(max_examples=60, deadline=None)
@given(zone=st.sampled_from(sorted(ODD)), start=A_MINUTE, minutes=st.integers(0, 4 * 24 * 60))
def test_measured_time_is_what_counting_minutes_gives(zone: str, start: datetime, minutes: int) -> None:
    counted = sum(works(ODD[zone], start + n * MINUTE) for n in range(minutes))
    assert ODD[zone].measure(start, start + minutes * MINUTE, Unit.WORKING_HOURS) == counted * MINUTE


@settings(max_examples=60, deadline=None)
@given(zone=st.sampled_from(sorted(ODD)), start=A_MINUTE, hours=st.integers(1, 12))
def test_the_due_instant_is_what_counting_minutes_gives(zone: str, start: datetime, hours: int) -> None:
    left, at = hours * 60, start
    while left:
        left -= works(ODD[zone], at)
        at += MINUTE
    assert ODD[zone].add(start, Duration(amount=hours, unit=Unit.WORKING_HOURS)) == at


@settings(max_examples=60, deadline=None)
@given(start=A_MINUTE, hours=st.integers(1, 30))
def test_what_was_added_is_what_is_measured(start: datetime, hours: int) -> None:
    due = CHINA_2026.add_working(start, timedelta(hours=hours))
    assert CHINA_2026.measure(start, due, Unit.WORKING_HOURS) == timedelta(hours=hours)
