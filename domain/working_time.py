"""Working time: when the company works, and how to add and measure it.

Periods are half-open. A working day's spans are local wall time in the calendar's zone; they may not cross midnight,
a night shift is two spans. A holiday has no spans; a make-up day has the spans of a weekday that works.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from domain.durations import Duration, Unit

_DAY = timedelta(days=1)
_LOOKAHEAD_DAYS = 3660  # a calendar that never works again is not searched for ever


class WorkingCalendar(BaseModel):
    """`week` maps ISO weekday 1–7 to spans like ("08:30-12:00", "13:00-17:30")."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    zone: str
    week: dict[int, tuple[str, ...]]
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()  # make-up working days on a weekend (调休)

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, OSError) as error:  # what zoneinfo raises for a name that is none, or is a folder
            raise ValueError("no such time zone; write one like Asia/Shanghai") from error
        return zone

    @model_validator(mode="after")
    def _spans_are_ordered(self) -> Self:
        for weekday, spans in self.week.items():
            if weekday not in range(1, 8):
                raise ValueError(f"a weekday is 1 (Monday) to 7 (Sunday), not {weekday}")
            bounds = [_bounds(span, date(2026, 1, 1), ZoneInfo("UTC")) for span in spans]
            if any(begin >= end for begin, end in bounds):
                raise ValueError(f"a working span ends after it begins: {', '.join(spans)}")
            if any(end > begin for (_, end), (begin, _) in pairwise(bounds)):
                raise ValueError(f"working spans stand in order and do not overlap: {', '.join(spans)}")
        return self

    def add(self, start: datetime, length: Duration) -> datetime:
        """The instant `length` after `start`, in UTC.

        Days keep the local time of day; a working day counts each day that works, the first one after `start`.
        Where the calendar holds no working time for ten years, elapsed time is counted: late is better than never.
        """
        start = start.astimezone(UTC)  # within a zone, Python adds on the wall clock and misses the change of time
        match length.unit:
            case Unit.HOURS:
                return start + timedelta(hours=length.amount)
            case Unit.LEGAL_DAYS:
                return start + timedelta(days=length.amount)
            case Unit.CALENDAR_DAYS:
                return self._same_time(start, start.astimezone(self._tz()).date() + timedelta(days=length.amount))
            case Unit.WORKING_HOURS:
                return self.add_working(start, timedelta(hours=length.amount))
            case Unit.WORKING_DAYS:
                return self._add_working_days(start, length.amount)

    def measure(self, start: datetime, end: datetime, unit: Unit) -> timedelta:
        """How much of [start, end) a clock in `unit` counts; never negative."""
        if end <= start:
            return timedelta()
        if not unit.is_working:
            return end - start
        worked = timedelta()
        for begin, finish in self._spans_from(start):
            if begin >= end:
                break
            worked += max(min(finish, end) - max(begin, start), timedelta())
        return worked

    def extend(self, due: datetime, by: timedelta, unit: Unit) -> datetime:
        """`due` moved by an amount measured with `measure` in the same unit."""
        return self.add_working(due, by) if unit.is_working else due + by

    def add_working(self, start: datetime, worked: timedelta) -> datetime:
        """The first instant at which `worked` working time has gone by since `start`."""
        if worked <= timedelta():
            return start
        left = worked
        for begin, finish in self._spans_from(start):
            begin = max(begin, start)
            if finish - begin >= left:
                return begin + left
            left -= max(finish - begin, timedelta())
        return start + worked

    @property
    def works(self) -> bool:
        """Whether any weekday has a span."""
        return any(self.week.values())

    def is_workday(self, day: date) -> bool:
        return day in self.workdays or (day not in self.holidays and bool(self.week.get(day.isoweekday())))

    def _add_working_days(self, start: datetime, amount: int) -> datetime:
        day, left = start.astimezone(self._tz()).date(), amount
        for _ in range(_LOOKAHEAD_DAYS):
            day += _DAY
            left -= self.is_workday(day)
            if left == 0:
                return self._same_time(start, day)
        return start + amount * _DAY

    def _same_time(self, start: datetime, day: date) -> datetime:
        local = start.astimezone(self._tz())
        return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)

    def _spans_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        tz = self._tz()
        day = start.astimezone(tz).date()
        for _ in range(_LOOKAHEAD_DAYS):
            for span in self._spans_on(day):
                begin, end = _bounds(span, day, tz)
                if end > start:
                    yield begin, end
            day += _DAY

    def _spans_on(self, day: date) -> tuple[str, ...]:
        if day in self.workdays:
            return next((spans for spans in self.week.values() if spans), ())
        return () if day in self.holidays else self.week.get(day.isoweekday(), ())

    def _tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def _bounds(span: str, day: date, tz: ZoneInfo) -> tuple[datetime, datetime]:
    opens, _, closes = span.partition("-")
    # 24:00 is the next midnight: an end at 23:59 loses a minute every night.
    closing_day, closing = (day + _DAY, time()) if closes == "24:00" else (day, time.fromisoformat(closes))
    begin = datetime.combine(day, time.fromisoformat(opens), tz)
    return begin.astimezone(UTC), datetime.combine(closing_day, closing, tz).astimezone(UTC)
