"""What a question about working time costs over ten years, against over one day.

.venv/bin/python -m bench.calendars
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from domain.durations import Duration, Unit
from domain.working_time import WorkingCalendar
from policy.reading import load

REPEATS, ROUNDS = 2_000, 7
START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
DAY, TEN_YEARS = timedelta(days=1), timedelta(days=3652)


def cost(ask: Callable[[], object]) -> float:
    """Microseconds for one question: the median of a few rounds, the first of them thrown away."""
    rounds = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        for _ in range(REPEATS):
            ask()
        rounds.append((time.perf_counter() - began) / REPEATS * 1e6)
    return statistics.median(rounds[1:])


def questions(calendar: WorkingCalendar, *, length: timedelta) -> dict[str, Callable[[], object]]:
    end = START + length
    worked = calendar.measure(START, end, Unit.WORKING_HOURS)
    hours = Duration(amount=max(1, min(10_000, worked // timedelta(hours=1))), unit=Unit.WORKING_HOURS)
    days = Duration(amount=max(1, length.days * 5 // 7), unit=Unit.WORKING_DAYS)
    return {
        "measure": lambda: calendar.measure(START, end, Unit.WORKING_HOURS),
        "add working_hours": lambda: calendar.add(START, hours),
        "add working_days": lambda: calendar.add(START, days),
    }


def main() -> None:
    company = load().sheets.calendar.table.company()
    berlin = company.model_copy(update={"zone": "Europe/Berlin"})
    for name, calendar in (("Asia/Shanghai", company), ("Europe/Berlin", berlin)):
        began = time.perf_counter()
        calendar.measure(START, START + DAY, Unit.WORKING_HOURS)
        print(f"{name}: first question {1000 * (time.perf_counter() - began):.1f} ms, once a process")
        short, long = questions(calendar, length=DAY), questions(calendar, length=TEN_YEARS)
        for question, ask in short.items():
            day, decade = cost(ask), cost(long[question])
            print(f"  {question}: 1 day {day:.1f} µs, 10 years {decade:.1f} µs, ratio {decade / day:.2f}")


if __name__ == "__main__":
    main()
