"""calendar.toml: when the company works, and departments that work otherwise; its days off, year by year."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from domain.working_time import WorkingCalendar, clash_in
from policy.faults import Fault
from policy.sheets import Sheet
from policy.toml_lines import Path as KeyPath

Name = Annotated[str, Field(min_length=1, max_length=64)]
CalendarId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'{value!r} is no time zone; write one like "Asia/Shanghai"') from None
    return value


def _span(value: str) -> str:
    try:
        WorkingCalendar(zone="UTC", week={1: (value,)})
    except ValueError:
        raise ValueError(f'{value!r} is no span of a day; write one like "08:30-12:00"') from None
    return value


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def iso(self) -> int:
        return list(Weekday).index(self) + 1


Zone = Annotated[str, AfterValidator(_zone)]
Week = dict[Weekday, tuple[Annotated[str, AfterValidator(_span)], ...]]


class HolidayEntry(_Table):
    """Days off, `first` and `last` both included; weekends inside do no harm."""

    zh: Name
    en: Name
    first: date
    last: date

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"{self.en} ends before it begins")
        return self

    def days(self) -> tuple[date, ...]:
        return tuple(self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


class YearEntry(_Table):
    """A year's days off as they were announced. A long weekend may begin in December before or end in January after."""

    year: int = Field(ge=1970, le=2100)
    holidays: tuple[HolidayEntry, ...]
    workdays: tuple[date, ...] = ()

    def days_off(self) -> tuple[date, ...]:
        return tuple(day for holiday in self.holidays for day in holiday.days())


class OwnCalendar(_Table):
    """What a named calendar has otherwise than the company's; what it does not say is as the company's."""

    zone: Zone | None = None
    week: Week | None = None
    year: tuple[YearEntry, ...] | None = None


class CalendarTable(_Table):
    """calendar.toml. `week` names the weekdays that work and their spans; `calendar` what departments may name."""

    zone: Zone
    week: Week
    year: tuple[YearEntry, ...] = ()
    calendar: dict[CalendarId, OwnCalendar] = {}

    def company(self, *, since: int = 0) -> WorkingCalendar:
        """The company's working calendar with the years from `since` on."""
        return WorkingCalendar(zone=self.zone, week=_by_number(self.week), **self._days(self.year, since=since))

    def state(self, *, zone: str, since: int = 0) -> WorkingCalendar:
        """The days on which the state works: Monday to Friday but for its days off, whatever the company does."""
        week = dict.fromkeys(range(1, 6), ("09:00-17:00",))
        return self.company(since=since).model_copy(update={"zone": zone, "week": week})

    def otherwise(self, name: str, *, since: int = 0) -> dict[str, Any]:
        """The fields of a WorkingCalendar that a named calendar has for itself."""
        own, found = self.calendar[name], dict[str, Any]()
        if own.zone is not None:
            found["zone"] = own.zone
        if own.week is not None:
            found["week"] = _by_number(own.week)
        if own.year is not None:
            found |= self._days(own.year, since=since)
        return found

    def _days(self, years: tuple[YearEntry, ...], *, since: int) -> dict[str, Any]:
        """Without days off that nobody would have worked: a snapshot travels inside every complaint."""
        kept = [entry for entry in years if entry.year >= since]
        weeks = [self.week, *(own.week for own in self.calendar.values() if own.week)]
        worked = {weekday.iso for week in weeks for weekday, spans in week.items() if spans}
        off = sorted({day for entry in kept for day in entry.days_off() if day.isoweekday() in worked})
        workdays = tuple(day for entry in kept for day in entry.workdays)
        return {"holidays": tuple(off), "workdays": workdays, "years": tuple(entry.year for entry in kept)}


def _by_number(week: Week) -> dict[int, tuple[str, ...]]:
    return {day.iso: spans for day, spans in week.items()}


def calendar_faults(sheet: Sheet[CalendarTable], *, counts_working_time: bool) -> Iterator[Fault]:
    """What keeps time from being counted, in the company's calendar and in each named one."""
    table = sheet.table
    parts: list[tuple[KeyPath, Week, tuple[YearEntry, ...] | None]] = [((), table.week, table.year)]
    for name, own in table.calendar.items():
        parts.append((("calendar", name), table.week if own.week is None else own.week, own.year))
    for path, week, years in parts:
        yield from _week_faults(sheet, path, week, counts_working_time=counts_working_time)
        yield from _year_faults(sheet, path, years or ())
        for index, entry in enumerate(years or ()):
            yield from _day_faults(sheet, (*path, "year", index), entry, week)


def _week_faults(
    sheet: Sheet[CalendarTable], path: KeyPath, week: Week, *, counts_working_time: bool
) -> Iterator[Fault]:
    if counts_working_time and not any(week.values()):
        yield sheet.fault((*path, "week"), "The rules count working time, but no day of the week works; name spans.")
    if clash := clash_in(_by_number(week)):
        weekday, why = clash
        day = list(Weekday)[weekday - 1]
        yield sheet.fault((*path, "week", day.value), f"{why[0].upper()}{why[1:]}; correct one of them.")


def _year_faults(sheet: Sheet[CalendarTable], path: KeyPath, years: tuple[YearEntry, ...]) -> Iterator[Fault]:
    for (_, before), (index, after) in pairwise(enumerate(years)):
        where = (*path, "year", index, "year")
        if after.year == before.year:
            yield sheet.fault(where, f"{after.year} is there twice; put its days together.")
        elif after.year < before.year:
            yield sheet.fault(where, f"{after.year} stands after {before.year}; put the years in order.")
        elif after.year > before.year + 1:
            yield sheet.fault(where, f"{before.year + 1} is missing before {after.year}; add its days off.")


def _day_faults(sheet: Sheet[CalendarTable], path: KeyPath, entry: YearEntry, week: Week) -> Iterator[Fault]:
    earliest, latest = date(entry.year - 1, 12, 1), date(entry.year + 1, 1, 31)
    for index, holiday in enumerate(entry.holidays):
        where = (*path, "holidays", index)
        if holiday.first < earliest or holiday.last > latest:
            yield sheet.fault(where, f"{holiday.en} is not in {entry.year}; correct its days or its year.")
        if index and holiday.first <= entry.holidays[index - 1].last:
            before = entry.holidays[index - 1].en
            yield sheet.fault(where, f"{holiday.en} begins before {before} is over; put them in order and apart.")
    off, seen = set(entry.days_off()), set[date]()
    for index, day in enumerate(entry.workdays):
        if why := _why_no_make_up(day, entry.year, week=week, off=off, seen=seen):
            yield sheet.fault((*path, "workdays", index), f"{day} {why}; correct it or take it out.")
        seen.add(day)


def _why_no_make_up(day: date, year: int, *, week: Week, off: set[date], seen: set[date]) -> str:
    weekday = list(Weekday)[day.isoweekday() - 1]
    if day.year != year:
        return f"is not in {year}"
    if day in off:
        return "is a day off and a make-up day at once"
    if day in seen:
        return "is there twice"
    return f"is a {weekday.value.capitalize()}, which works anyway" if week.get(weekday) else ""
