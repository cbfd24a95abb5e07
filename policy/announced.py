"""A year's days off as somebody else wrote them down, and calendar.toml with that year in it.

What can be read, by what the file holds:

* JSON: `{"year", "holidays": [{"zh", "en", "first", "last"}], "workdays": [day]}`, the words of calendar.toml; or
  `{"year", "days": [{"name", "date", "isOffDay"}]}`, as the open table holiday-cn has it.
* CSV with a head: `date,kind,zh,en`, a line a day; kind is `off` or `work`; en may be left out.
* iCalendar: an event a holiday, DTEND not included; one whose SUMMARY says 班, "make-up" or "workday" is a make-up day.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from pydantic import ValidationError

from policy.calendars import HolidayEntry, YearEntry

_DAY = timedelta(days=1)
_LONGEST = 60  # days of one event: no holiday lasts longer
_ENGLISH = {
    "元旦": "New Year",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "国庆节、中秋节": "National Day and Mid-Autumn Festival",
}
_AT_WORK = re.compile(r"班|\bmake-?up\b|\bwork(ing)?[ -]?day", re.IGNORECASE)
_DECORATION = re.compile(r"[（(]?(假期|放假|休息?)[）)]?$|\s*第\d+天.*$")


class UnreadableDaysError(ValueError):
    """The file holds no year's days off. The text is one sentence that says what to do."""


class Marked(NamedTuple):
    """A day off, or a make-up day when `is_off` is false."""

    day: date
    is_off: bool
    zh: str
    en: str = ""


def read_year(text: str, *, year: int | None = None) -> YearEntry:
    """The days of `year`, or of the year the file is about. Raises UnreadableDaysError."""
    text = text.lstrip("\ufeff").strip()
    try:
        if text.startswith("{"):
            return _from_json(json.loads(text), year)
        marked = list(_in_ics(text) if text.startswith("BEGIN:VCALENDAR") else _in_csv(text))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise UnreadableDaysError(f"{where}: {first['msg']}; correct it.") from None
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, UnreadableDaysError):
            raise
        raise UnreadableDaysError(f"The file cannot be read ({error}); see docs/policy.md for its shapes.") from None
    return _year_of(marked, year)


def with_year(text: str, entry: YearEntry, *, calendar: str = "") -> str:
    """calendar.toml's text with the year in the place of what it said of it, or in its order; all else as it was.

    `calendar` names one of its calendars; "" is the company's.
    """
    header = f"[[calendar.{calendar}.year]]" if calendar else "[[year]]"
    lines = text.rstrip("\n").split("\n")
    blocks = [(n, _year_in(lines, n), _end_of(lines, n)) for n, line in enumerate(lines) if _head(line) == header]
    block = [header, *_body(entry)]
    for begin, year, end in blocks:
        if year == entry.year:
            comments = [line for line in lines[begin:end] if line.startswith("#")]
            return _joined(lines[:begin], [*comments, *block], lines[end:])
    later = [begin for begin, year, _ in blocks if year > entry.year]
    if later:
        return _joined(lines[: later[0]], [*block, ""], lines[later[0] :])
    place = blocks[-1][2] if blocks else _place(lines, calendar)
    return _joined(lines[:place], ["", *block], lines[place:])


def _from_json(found: dict[str, Any], year: int | None) -> YearEntry:
    if "days" in found:
        days = [Marked(date.fromisoformat(day["date"]), _flag(day["isOffDay"]), day["name"]) for day in found["days"]]
        return _year_of(days, year or found["year"])
    entry = YearEntry.model_validate({"year": year, **found})
    if year not in (None, entry.year):
        raise UnreadableDaysError(f"The file is about {entry.year}, not {year}; name its year or another file.")
    return entry


def _flag(value: object) -> bool:
    if not isinstance(value, bool):  # "false" in quotes would be a day off
        raise UnreadableDaysError("isOffDay is true or false, without quotes; correct it.")
    return value


def _in_csv(text: str) -> Iterator[Marked]:
    rows = csv.DictReader(io.StringIO(text))
    if not {"date", "kind"} <= set(rows.fieldnames or ()):
        raise UnreadableDaysError("A CSV of days begins with the line date,kind,zh,en; add it.")
    for number, row in enumerate(rows, start=2):
        if row["kind"] not in ("off", "work"):
            raise UnreadableDaysError(f"Line {number}: a kind is off or work, not {row['kind']!r}; correct it.")
        yield Marked(date.fromisoformat(row["date"]), row["kind"] == "off", row.get("zh") or "", row.get("en") or "")


def _in_ics(text: str) -> Iterator[Marked]:
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    for event in re.findall(r"BEGIN:VEVENT(.*?)END:VEVENT", unfolded, re.DOTALL):
        lines = [re.match(r"([A-Z-]+)[^:]*:(.*)", line) for line in event.splitlines()]
        said = {found[1]: found[2].strip() for found in lines if found}
        first = _ics_day(said["DTSTART"])
        end = _ics_day(said["DTEND"]) if "DTEND" in said else first + _DAY
        if (end - first).days > _LONGEST:
            raise UnreadableDaysError(f"The event of {first} lasts for more than {_LONGEST} days; correct it.")
        name = said.get("SUMMARY", "")
        for n in range((end - first).days):
            yield Marked(first + n * _DAY, not _AT_WORK.search(name), _DECORATION.sub("", name).strip())


def _ics_day(text: str) -> date:
    return datetime.strptime(text[:8], "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone


def _year_of(marked: Iterable[Marked], year: int | None) -> YearEntry:
    """Days of one name that follow each other are one holiday; it is of the year that most of its days are in."""
    days = sorted(set(marked))
    if not days:
        raise UnreadableDaysError("The file names no day; see docs/policy.md for its shapes.")
    years = [each.day.year for each in days]
    year = year or max(sorted(set(years)), key=years.count)
    runs = [run for run in _runs(day for day in days if day.is_off) if _is_of(run, year)]
    if not runs:
        raise UnreadableDaysError(f"The file has no day off in {year}; name another year or another file.")
    holidays = tuple(
        HolidayEntry(zh=run[0].zh or "假期", en=_in_english(run[0]), first=run[0].day, last=run[-1].day) for run in runs
    )
    workdays = tuple(day.day for day in days if not day.is_off and day.day.year == year)
    return YearEntry(year=year, holidays=holidays, workdays=workdays)


def _runs(days: Iterable[Marked]) -> list[list[Marked]]:
    runs: list[list[Marked]] = []
    for day in days:
        if runs and runs[-1][-1].day + _DAY == day.day and runs[-1][0].zh == day.zh:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _is_of(run: list[Marked], year: int) -> bool:
    """New Year's long weekend may begin in December: it is of the year that it ends in."""
    return run[-1].day.year == year


def _in_english(day: Marked) -> str:
    return day.en or _ENGLISH.get(day.zh) or day.zh or "Holiday"


def _head(line: str) -> str:
    return re.sub(r"\s", "", line.partition("#")[0])


def _year_in(lines: list[str], begin: int) -> int:
    found = (re.match(r"\s*year\s*=\s*(\d+)", line) for line in lines[begin + 1 : _end_of(lines, begin)])
    return next((int(each[1]) for each in found if each), 0)


def _end_of(lines: list[str], begin: int) -> int:
    """Where a table ends: before the next header, and before the comments and blank lines that lead up to it."""
    end = next((n for n in range(begin + 1, len(lines)) if lines[n].startswith("[")), len(lines))
    while end > begin + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _place(lines: list[str], calendar: str) -> int:
    """Where a calendar's first year goes: after its tables; the company's stand before all named ones."""
    mine = [
        n for n, line in enumerate(lines) if _head(line).startswith(f"[calendar.{calendar}" if calendar else "[week")
    ]
    return _end_of(lines, mine[-1]) if mine else len(lines)


def _body(entry: YearEntry) -> list[str]:
    rows = [
        f"  {{ zh = {_quoted(each.zh)}, en = {_quoted(each.en)}, first = {each.first}, last = {each.last} }},"
        for each in entry.holidays
    ]
    workdays = ", ".join(map(str, entry.workdays))
    return [f"year = {entry.year}", "holidays = [", *rows, "]", f"workdays = [{workdays}]"]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _joined(*parts: list[str]) -> str:
    return "\n".join(line for part in parts for line in part) + "\n"
