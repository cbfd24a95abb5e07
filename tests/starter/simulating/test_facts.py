"""A history's own facts, by hand on small ones and by a second reckoning on the whole of the public log."""

import csv
from collections import defaultdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from starter.importing.rows import ImportFileError, Rejected
from starter.simulating.cases import LogEvent, cases_of
from starter.simulating.facts import LogFacts, facts_of
from starter.simulating.reading import LogFormat, read_log

SHARED = Path(__file__).parents[3] / "../shared/data/bpi2013_volvo_incidents/VINST_incidents.csv"
HEADER = "ticket,at,team,status\n"


def rows_of(folder: Path, text: str) -> list[LogEvent | Rejected]:
    path = folder / "log.csv"
    path.write_text(HEADER + text)
    return list(read_log(path, format=LogFormat.CSV))


def facts(folder: Path, *rows: str) -> LogFacts:
    """Of one ticket whose events are an hour apart; a row is "team status"."""
    lines = (f"T-1,2026-03-02T{hour:02}:00:00Z,{','.join(row.split())}\n" for hour, row in enumerate(rows))
    found = rows_of(folder, "".join(lines))
    return facts_of(cases_of(row for row in found if isinstance(row, LogEvent)))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("A queued", "A working"), {"handoffs": 0, "handed_cases": 0, "unfinished_cases": 1}),
        (("A queued", "B queued", "B working", "A closed"), {"handoffs": 2, "ping_pong_cases": 1, "returned_cases": 1}),
        (("A queued", "B queued", "C queued", "A closed"), {"handoffs": 3, "ping_pong_cases": 0, "returned_cases": 1}),
        (("A resolved", "A closed"), {"reopened_cases": 0, "unfinished_cases": 0}),
        (("A resolved", "B queued"), {"reopened_cases": 1}),
        (("A waiting_user", "A working", "A closed"), {"waiting_user_h": 1.0, "waiting_user_share": 0.5}),
    ],
)
def test_a_small_history_counted_by_hand(tmp_path: Path, rows: tuple[str, ...], expected: dict[str, Any]) -> None:
    found = facts(tmp_path, *rows).model_dump()
    assert {name: found[name] for name in expected} == expected


def test_events_are_in_order_of_utc_and_those_of_one_instant_as_in_the_file(tmp_path: Path) -> None:
    rows = ("10:00:00+02:00,B,queued", "08:00:00Z,C,queued", "08:30:00+01:00,A,queued")
    text = "".join(f"T-1,2026-03-02T{row}\n" for row in rows)
    (case,) = cases_of(row for row in rows_of(tmp_path, text) if isinstance(row, LogEvent))
    assert case.teams == ("A", "B", "C")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("T-1,yesterday,A,queued", "no instant that can be read"),
        ("T-1,2026-03-02T10:00:00,A,queued", "no offset from UTC"),
        ("T-1,2026-03-02T10:00:00Z,A,asleep", "status is none of"),
        (",2026-03-02T10:00:00Z,A,queued", "no ticket"),
        ("T-1,2026-03-02T10:00:00Z", "2 columns"),
    ],
)
def test_a_bad_row_is_named_and_the_rest_go_on(tmp_path: Path, row: str, reason: str) -> None:
    bad, good = rows_of(tmp_path, f"{row}\nT-2,2026-03-02T10:00:00Z,A,queued\n")
    assert isinstance(bad, Rejected)
    assert bad.line == 2
    assert reason in bad.reason
    assert isinstance(good, LogEvent)


@pytest.mark.parametrize("name", ["-", "nowhere.csv", "."])
def test_what_is_no_file_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(ImportFileError, match="path"):
        list(read_log(Path(name), format=LogFormat.CSV))


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/bpi2013_volvo_incidents is not here")
def test_the_public_log_counts_as_a_second_reckoning_does() -> None:
    rows = read_log(SHARED, format=LogFormat.BPI2013)
    found = facts_of(cases_of(row for row in rows if isinstance(row, LogEvent))).model_dump()
    expected = by_the_csv_module_alone()
    assert {name: found[name] for name in expected} == expected


def by_the_csv_module_alone() -> dict[str, int]:
    """Another way to the same figures: one global sort, `groupby` for the turns, the statuses as text."""
    with SHARED.open(encoding="utf-8-sig") as file:
        rows = [(datetime.fromisoformat(row["Change Date+Time"]).astimezone(UTC), row) for row in csv.DictReader(file)]
    cases = defaultdict(list)
    for _, row in sorted(rows, key=lambda each: each[0]):
        cases[row["SR Number"]].append(row)
    turns = [[team for team, _ in groupby(row["Involved ST"] for row in case)] for case in cases.values()]
    done = ["".join("d" if row["Status"] == "Completed" else "o" for row in case) for case in cases.values()]
    return {
        "cases": len(cases),
        "events": len(rows),
        "handoffs": sum(map(len, turns)) - len(turns),
        "ping_pong_cases": sum(any(a == c for a, c in zip(each, each[2:], strict=False)) for each in turns),
        "reopened_cases": sum("do" in each for each in done),
        "unfinished_cases": sum(each.endswith("o") for each in done),
        "waiting_user_cases": sum(any(row["Sub Status"] == "Wait - User" for row in case) for case in cases.values()),
    }
