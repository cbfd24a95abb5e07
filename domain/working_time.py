"""Working time: when people work, and how to add and measure it.

Periods are half-open. A working day's spans are local wall time in the calendar's zone, several a day; one that ends no
later than it begins, like "22:00-06:00", runs over midnight and belongs to the day on which it begins. A holiday has no
spans; a make-up day has the spans of a weekday that works.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, field_validator, model_serializer, model_validator

from domain.durations import Duration, Unit
from domain.once import once
from domain.timetable import DAY, EPOCH, MICROSECOND, Span, Timetable


class WorkingCalendar(BaseModel):
    """`week` maps ISO weekday 1–7 to spans like ("08:30-12:00", "13:00-17:30").

    `years` are those whose days off are known; without any, the calendar does not ask for days off to be announced.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    zone: str
    week: dict[int, tuple[str, ...]]
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()  # make-up working days on a weekend (调休)
    years: tuple[int, ...] = ()

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
        for weekday in self.week:
            if weekday not in range(1, 8):
                raise ValueError(f"a weekday is 1 (Monday) to 7 (Sunday), not {weekday}")
        if clash := clash_in(self.week):
            raise ValueError(clash[1])
        return self

    @model_serializer(mode="wrap")
    def _as_it_always_was(self, rest: Callable[[Self], dict[str, Any]]) -> dict[str, Any]:
        """Without `years` where there are none: such a calendar keeps the digest it has always had."""
        said = rest(self)
        if not self.years:
            said.pop("years", None)
        return said

    def add(self, start: datetime, length: Duration) -> datetime:
        """The instant `length` after `start`, in UTC.

        Days keep the local time of day; a working day counts each day that works, the first one after `start`.
        Where the calendar never works again, elapsed time is counted: late is better than never.
        """
        start = (
            start if start.tzinfo is UTC else start.astimezone(UTC)
        )  # within a zone, Python adds on the wall clock and misses the change of time
        match length.unit:
            case Unit.HOURS:
                return start + timedelta(hours=length.amount)
            case Unit.LEGAL_DAYS:
                return start + timedelta(days=length.amount)
            case Unit.CALENDAR_DAYS:
                local = start.astimezone(self._tz())
                return _on(local, local.date() + timedelta(days=length.amount))
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
        return self._timetable.worked(_counted(start), _counted(end)) * MICROSECOND

    def extend(self, due: datetime, by: timedelta, unit: Unit) -> datetime:
        """`due` moved by an amount measured with `measure` in the same unit."""
        return self.add_working(due, by) if unit.is_working else due + by

    def add_working(self, start: datetime, worked: timedelta) -> datetime:
        """The first instant at which `worked` working time has gone by since `start`."""
        if worked <= timedelta():
            return start
        reached = self._timetable.reached(_counted(start), worked // MICROSECOND)
        return start + worked if reached is None else EPOCH + reached * MICROSECOND

    def is_announced(self, start: datetime, end: datetime, unit: Unit) -> bool:
        """Whether the days off of every year from `start` to `end` are known, as far as `unit` asks for them."""
        if not (unit.is_working and self.years):
            return True
        first, last = (at.astimezone(self._tz()).year for at in (start, end))
        return all(year in self.years for year in range(first, last + 1))

    @property
    def works(self) -> bool:
        """Whether any weekday has a span."""
        return any(self.week.values())

    def is_workday(self, day: date) -> bool:
        return self._timetable.works_on(day.toordinal())

    @property  # not cached here: a copy with other spans would keep it
    def _timetable(self) -> Timetable:
        return _timetable_of(self)

    def _add_working_days(self, start: datetime, amount: int) -> datetime:
        local = start.astimezone(self._tz())
        found = self._timetable.workday_after(local.toordinal(), amount)
        return start + timedelta(days=amount) if found is None else _on(local, date.fromordinal(found))

    def _tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def clash_in(week: dict[int, tuple[str, ...]]) -> tuple[int, str] | None:
    """The first weekday whose spans cannot be counted, and why; None when all can. The week comes round again."""
    for weekday in range(1, 8):
        written = week.get(weekday, ())
        spans = [_bounds(span) for span in written]
        if any(begin == end for begin, end in spans):
            return weekday, f"a working span takes some time: {', '.join(written)}"
        if any(end > begin for (_, end), (begin, _) in pairwise(spans)):
            return weekday, f"working spans stand in order and do not overlap: {', '.join(written)}"
        tomorrow = week.get(weekday % 7 + 1, ())
        if spans and tomorrow and spans[-1][1] - DAY > _bounds(tomorrow[0])[0]:
            return weekday, f"a working span ends before the next day's begins: {written[-1]}, then {tomorrow[0]}"
    return None


@once
def _timetable_of(calendar: WorkingCalendar) -> Timetable:
    return _timetable(calendar.zone, tuple(calendar.week.items()), calendar.holidays, calendar.workdays)


@lru_cache(maxsize=64)
def _timetable(
    zone: str, week: tuple[tuple[int, tuple[str, ...]], ...], holidays: tuple[date, ...], workdays: tuple[date, ...]
) -> Timetable:
    spans = {weekday: tuple(_bounds(span) for span in written) for weekday, written in week}
    return Timetable(
        zone,
        week=tuple(spans.get(weekday, ()) for weekday in range(1, 8)),
        made_up=next((each for each in spans.values() if each), ()),
        off=[day.toordinal() for day in holidays],
        on=[day.toordinal() for day in workdays],
    )


def _bounds(span: str) -> Span:
    opens, _, closes = span.partition("-")
    begin = _since_midnight(opens)
    # 24:00 is the next midnight: an end at 23:59 loses a minute every night.
    end = DAY if closes == "24:00" else _since_midnight(closes)
    return begin, end + DAY if end < begin else end


def _on(local: datetime, day: date) -> datetime:
    """The same local time of day on another day, in UTC."""
    return local.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)


def _since_midnight(text: str) -> int:
    return (datetime.combine(EPOCH, time.fromisoformat(text), UTC) - EPOCH) // MICROSECOND


def _counted(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
