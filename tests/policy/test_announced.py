"""Days off as others write them down, and calendar.toml with them in it."""

from datetime import date
from pathlib import Path

import pytest

from policy.announced import UnreadableDaysError, read_year, with_year
from policy.reading import load
from policy.sources import SHIPPED
from tests.policy.folders import a_copy

OURS = """{"year": 2027, "holidays": [
  {"zh": "元旦", "en": "New Year", "first": "2026-12-31", "last": "2027-01-02"},
  {"zh": "春节", "en": "Spring Festival", "first": "2027-02-05", "last": "2027-02-06"}], "workdays": ["2027-02-07"]}"""
HOLIDAY_CN = """{"year": 2027, "papers": [], "days": [
  {"name": "元旦", "date": "2026-12-31", "isOffDay": true}, {"name": "元旦", "date": "2027-01-01", "isOffDay": true},
  {"name": "元旦", "date": "2027-01-02", "isOffDay": true}, {"name": "春节", "date": "2027-02-05", "isOffDay": true},
  {"name": "春节", "date": "2027-02-06", "isOffDay": true},
  {"name": "春节", "date": "2027-02-07", "isOffDay": false}]}"""
CSV = """date,kind,zh,en
2026-12-31,off,元旦,
2027-01-01,off,元旦,
2027-01-02,off,元旦,
2027-02-05,off,春节,Spring Festival
2027-02-06,off,春节,Spring Festival
2027-02-07,work,春节,
"""
ICS = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
SUMMARY:元旦 假期\r
DTSTART;VALUE=DATE:20261231\r
DTEND;VALUE=DATE:20270103\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:春节（休）\r
DTSTART;VALUE=DATE:20270205\r
DTEND;VALUE=DATE:20270207\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:春节（班）\r
DTSTART;VALUE=DATE:20270207\r
END:VEVENT\r
END:VCALENDAR\r
"""
TEXT = (SHIPPED / "calendar.toml").read_text(encoding="utf-8")
YEAR = read_year(OURS)


@pytest.mark.parametrize("text", [OURS, HOLIDAY_CN, CSV, ICS, "\ufeff" + CSV], ids=["ours", "cn", "csv", "ics", "bom"])
def test_every_shape_gives_the_same_year(text: str) -> None:
    assert read_year(text) == read_year(text, year=2027) == YEAR


def test_workers_day_is_no_make_up_day() -> None:
    event = "BEGIN:VEVENT\nSUMMARY:International Workers' Day\nDTSTART;VALUE=DATE:20270501\nEND:VEVENT"
    year = read_year(f"BEGIN:VCALENDAR\n{event}\nEND:VCALENDAR")
    assert (year.days_off(), year.workdays) == ((date(2027, 5, 1),), ())


@pytest.mark.parametrize(
    ("text", "year", "words"),
    [
        ("", None, "date,kind,zh,en"),
        ("{", None, "cannot be read"),
        ('{"year": 2027}', None, "holidays"),
        (OURS, 2028, "about 2027, not 2028"),
        (CSV, 2029, "no day off in 2029"),
        (CSV.replace(",off,", ",maybe,"), None, "Line 2: a kind is off or work"),
        (CSV.replace("2027-02-05", "5.2.2027"), None, "cannot be read"),
        ("date,kind,zh,en\n", None, "names no day"),
        (ICS.replace("DTSTART", "DTEND"), None, "cannot be read"),
    ],
)
def test_what_is_no_year_is_refused_in_a_sentence(text: str, year: int | None, words: str) -> None:
    with pytest.raises(UnreadableDaysError, match=words):
        read_year(text, year=year)


def test_a_new_year_comes_after_the_last_and_every_other_line_stays() -> None:
    added = with_year(TEXT, YEAR)
    kept = iter(added.splitlines())
    assert all(line in kept for line in TEXT.splitlines())
    assert added.index("year = 2026") < added.index("year = 2027") < added.index("[calendar.plant]")


def test_writing_a_year_twice_is_writing_it_once() -> None:
    once = with_year(TEXT, YEAR)
    assert with_year(once, YEAR) == once
    changed = with_year(once, YEAR.model_copy(update={"workdays": ()}))
    assert (changed.count("year = 2027"), "2027-02-07]" in changed) == (1, False)


def test_a_year_that_was_there_keeps_its_comments(tmp_path: Path) -> None:
    text = TEXT.replace("year = 2026\n", "year = 2026\n# as of 2025-11-04\n")
    (entry,) = [each for each in load().sheets.calendar.table.year if each.year == 2026]
    again = with_year(text, entry)
    assert sorted(again.splitlines()) == sorted(text.splitlines())


@pytest.mark.parametrize("calendar", ["", "plant"])
def test_what_is_written_is_what_is_read(tmp_path: Path, calendar: str) -> None:
    folder = a_copy(tmp_path)
    (folder / "calendar.toml").write_text(with_year(TEXT, YEAR, calendar=calendar), encoding="utf-8")
    table = load(folder).sheets.calendar.table
    years = table.calendar[calendar].year if calendar else table.year
    assert years is not None
    assert years[-1] == YEAR
    assert len(table.year) == (3 if calendar else 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"year": 2027, "days": [{"name": "a", "date": "2027-01-01", "isOffDay": "false"}]}', "without quotes"),
        (
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270101\nDTEND;VALUE=DATE:99991231\nEND:VEVENT\n",
            "2027-01-01 lasts for more than 60 days",
        ),
    ],
)
def test_nonsense_is_refused_rather_than_guessed_at(text: str, said: str) -> None:
    with pytest.raises(UnreadableDaysError, match=said):
        read_year(text)
