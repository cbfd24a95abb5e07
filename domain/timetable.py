"""Worked time counted by the day: what every week holds, and the days that are otherwise, summed up beforehand.

So a question costs the same over ten years as over a day. Instants are microseconds since 1970 in UTC; days are
ordinals (`date.toordinal`); a span is microseconds from the local midnight of the day it begins on, over 24 hours where
it ends on the next. A wall time that a change of the clocks leaves out counts from the offset before it, one that comes
twice is the first; where such a night pushes two spans over each other, the time they share counts once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

Span = tuple[int, int]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1) // MICROSECOND

_WEEK = 7
_LAST_DAY = date.max.toordinal() - 7
_CHANGES_FROM, _CHANGES_UNTIL = date(1970, 1, 1).toordinal(), date(2101, 1, 1).toordinal()
# Since 1970 the shortest time between two changes of a zone's clocks is a few hours less than seven days.
_STRIDE = timedelta(days=3)


class Timetable:
    """`week` is each weekday's spans from Monday on. `off` days have none; `on` days, which win, have `made_up`."""

    def __init__(
        self,
        zone: str,
        *,
        week: tuple[tuple[Span, ...], ...],
        made_up: tuple[Span, ...],
        off: Iterable[int],
        on: Iterable[int],
    ) -> None:
        self._tz, self._week, self._made_up = ZoneInfo(zone), week, made_up
        self._off, self._on = frozenset(off), frozenset(on)
        self._by_weekday = _sums(sum(end - begin for begin, end in spans) for spans in week)
        self._workdays = _sums(bool(spans) for spans in week)
        self._sum_exceptions(zone)

    def worked(self, start: int, end: int) -> int:
        """How much of [start, end) is worked."""
        return self._before(end) - self._before(start)

    def reached(self, start: int, worked: int) -> int | None:
        """The first instant at which `worked` has gone by since `start`; None when time ends before that."""
        weekly = self._by_weekday[-1]
        if not weekly:
            return None
        target, first = self._before(start) + worked, self.day_of(start) - 3
        last = first + _WEEK * ((worked + self._missing) // weekly + 4)
        if last > _LAST_DAY:
            return None
        first += _WEEK * max(0, (worked - self._extra) // weekly - 1)  # so the search is no longer for a longer time
        day = first + bisect_left(range(first, last), target, key=self._before_day) - 1
        left = target - self._before_day(day - 2)
        for begin, end in self._around(day):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        return None

    def workday_after(self, day: int, amount: int) -> int | None:
        """The `amount`-th day after `day` that works; None when there is none."""
        target, weekly = self._days_before(day + 1) + amount, self._workdays[-1]
        last = day + _WEEK * ((amount + len(self._off)) // weekly + 2) if weekly else max(self._on, default=day)
        found = day + bisect_left(range(day + 1, last + 2), target, key=self._days_before)
        return found if last < _LAST_DAY and found <= last else None

    def works_on(self, day: int) -> bool:
        return day in self._on or (day not in self._off and bool(self._week[(day - 1) % _WEEK]))

    def day_of(self, instant: int) -> int:
        """The local day of an instant."""
        return _wall(instant, self._tz).toordinal()

    def _sum_exceptions(self, zone: str) -> None:
        marked = sorted(self._off | self._on)
        self._marked = marked
        self._days_beside = _sums(self.works_on(day) - bool(self._week[(day - 1) % _WEEK]) for day in marked)
        odd = self._off | self._on | {day + 1 for day in self._on}
        if any(self._week):
            odd |= {change + n for change in _changes(zone) for n in (-1, 0, 1, 2)}
        raw: dict[int, list[Span]] = {}
        self._odd = {day: self._disjoint(day, raw) for day in sorted(odd)}
        beside = [_length(spans) - self._usual(day) for day, spans in self._odd.items()]
        self._odd_days, self._beside = list(self._odd), _sums(beside)
        self._missing, self._extra = -sum(min(each, 0) for each in beside), sum(max(each, 0) for each in beside)

    def _disjoint(self, day: int, raw: dict[int, list[Span]]) -> tuple[Span, ...]:
        """The day's spans in UTC, without what an earlier span has taken, be it of this day or of one beside it."""
        for each in range(day - 2, day + 3):
            if each not in raw:
                raw[each] = [(self._instant(each, begin), self._instant(each, end)) for begin, end in self._plan(each)]
        found, reached = [], -_LAST_DAY * DAY
        for begin, end, whose in sorted((*span, each) for each in range(day - 2, day + 3) for span in raw[each]):
            if whose == day and end > max(begin, reached):
                found.append((max(begin, reached), end))
            reached = max(reached, end)
        return tuple(found)

    def _plan(self, day: int) -> tuple[Span, ...]:
        if day in self._on:
            return self._made_up
        return () if day in self._off else self._week[(day - 1) % _WEEK]

    def _instant(self, day: int, offset: int) -> int:
        later, rest = divmod(offset, DAY)
        wall = datetime.combine(date.fromordinal(day + later), time(), self._tz) + rest * MICROSECOND
        return (wall - EPOCH) // MICROSECOND

    def _before(self, instant: int) -> int:
        """Worked time from the first day on until the instant."""
        day = self.day_of(instant)
        near = sum(min(end, instant) - begin for begin, end in self._around(day) if begin < instant)
        return self._before_day(day - 2) + near

    def _around(self, day: int) -> list[Span]:
        """The spans of the day and of two on either side, in order of time."""
        return sorted(span for each in range(day - 2, day + 3) for span in self._on_day(each))

    def _on_day(self, day: int) -> Iterator[Span]:
        if day in self._odd:
            yield from self._odd[day]
        elif spans := self._week[(day - 1) % _WEEK]:
            midnight = self._instant(day, 0)
            yield from ((midnight + begin, midnight + end) for begin, end in spans)

    def _usual(self, day: int) -> int:
        return _length(self._week[(day - 1) % _WEEK])

    def _before_day(self, day: int) -> int:
        return _regular(self._by_weekday, day) + self._beside[bisect_left(self._odd_days, day)]

    def _days_before(self, day: int) -> int:
        return _regular(self._workdays, day) + self._days_beside[bisect_left(self._marked, day)]


def _sums(amounts: Iterable[int]) -> list[int]:
    return list(accumulate(amounts, initial=0))


def _regular(sums: list[int], day: int) -> int:
    """What the weeks hold from day 1, a Monday, until `day`."""
    weeks, days = divmod(day - 1, _WEEK)
    return weeks * sums[-1] + sums[days]


def _length(spans: Iterable[Span]) -> int:
    return sum(end - begin for begin, end in spans)


def _wall(instant: int, tz: ZoneInfo) -> datetime:
    return (EPOCH + instant * MICROSECOND).astimezone(tz)


@lru_cache(maxsize=32)
def _changes(zone: str) -> tuple[int, ...]:
    """The local days on which the zone's clocks change, or its offset does for any other reason."""
    tz = ZoneInfo(zone)
    at, until = (EPOCH + timedelta(days=day - EPOCH.toordinal()) for day in (_CHANGES_FROM, _CHANGES_UNTIL))
    found: list[int] = []
    while at < until:
        following = at + _STRIDE
        if _offset(at, tz) != _offset(following, tz):
            change = _change_between(at, following, tz)
            found += {(change - MICROSECOND).astimezone(tz).toordinal(), change.astimezone(tz).toordinal()}
        at = following
    return tuple(found)


def _change_between(before: datetime, after: datetime, tz: ZoneInfo) -> datetime:
    seconds = range((after - before) // timedelta(seconds=1) + 1)
    old = _offset(before, tz)
    return before + timedelta(
        seconds=bisect_right(seconds, False, key=lambda n: _offset(before + timedelta(seconds=n), tz) != old)
    )


def _offset(at: datetime, tz: ZoneInfo) -> timedelta | None:
    return at.astimezone(tz).utcoffset()
