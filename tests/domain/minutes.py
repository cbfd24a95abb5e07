"""What a calendar says, found by looking at the clock on the wall minute by minute, and by nothing cleverer."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.working_time import WorkingCalendar

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@lru_cache(maxsize=32)
def walls(zone: str, first: datetime, minutes: int) -> tuple[datetime, ...]:
    """What the wall shows at each minute."""
    tz = ZoneInfo(zone)
    return tuple((first + n * MINUTE).astimezone(tz).replace(tzinfo=None, fold=0) for n in range(minutes))


@lru_cache(maxsize=32)
def first_shown(zone: str, first: datetime, minutes: int) -> dict[datetime, int]:
    return {wall: n for n, wall in reversed(list(enumerate(walls(zone, first, minutes))))}


class Minutes:
    """The minutes of `days` days from midnight UTC of `first` on; spans that begin or end outside are not known."""

    def __init__(self, calendar: WorkingCalendar, first: date, days: int) -> None:
        self.calendar, self.first = calendar, datetime(first.year, first.month, first.day, tzinfo=UTC)
        self.walls = walls(calendar.zone, self.first, days * 24 * 60)
        self._shown = first_shown(calendar.zone, self.first, days * 24 * 60)
        self.worked = bytearray(len(self.walls))
        for day in (first + n * DAY for n in range(1, days - 2)):
            for span in self.plan(day):
                begin, end = self._of(day, span)
                self.worked[begin:end] = b"\1" * (end - begin)

    def plan(self, day: date) -> tuple[str, ...]:
        week = self.calendar.week
        if day in self.calendar.workdays:
            return next((spans for spans in week.values() if spans), ())
        return () if day in self.calendar.holidays else week.get(day.isoweekday(), ())

    def shown(self, wall: datetime) -> int:
        """The first minute at which the wall shows this; a time left out comes as long after the last one shown."""
        late = 0
        while wall - late * MINUTE not in self._shown:
            late += 1
        return self._shown[wall - late * MINUTE] + late

    def at(self, minute: int) -> datetime:
        return self.first + minute * MINUTE

    def measured(self, start: int, end: int) -> timedelta:
        return sum(self.worked[start:end]) * MINUTE

    def working_hours(self, start: int, hours: int) -> datetime:
        left, minute = hours * 60, start
        while left:
            left -= self.worked[minute]
            minute += 1
        return self.at(minute)

    def working_days(self, start: int, amount: int) -> datetime:
        day = self.walls[start]
        while amount:
            day += DAY
            amount -= bool(self.plan(day.date()))
        return self.at(self.shown(day))

    def calendar_days(self, start: int, amount: int) -> datetime:
        return self.at(self.shown(self.walls[start] + amount * DAY))

    def _of(self, day: date, span: str) -> tuple[int, int]:
        midnight = datetime.fromisoformat(f"{day}")
        begin, end = (midnight + timedelta(hours=int(each[:2]), minutes=int(each[3:])) for each in span.split("-"))
        return self.shown(begin), self.shown(end if end > begin else end + DAY)
