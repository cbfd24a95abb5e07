"""`vocloop policy import-holidays`, as a person types it."""

import json
from pathlib import Path

from typer.testing import CliRunner

from policy.reading import load
from starter.verbs.policy import app
from tests.policy.folders import a_copy
from tests.policy.test_announced import OURS

RUNNER = CliRunner()


def imported(tmp_path: Path, text: str, *options: str) -> tuple[int, str]:
    if not (tmp_path / "policy").exists():
        a_copy(tmp_path / "policy")
    (tmp_path / "days.json").write_text(text, encoding="utf-8")
    asked = ["import-holidays", str(tmp_path / "days.json"), "--folder", str(tmp_path / "policy"), *options]
    found = RUNNER.invoke(app, asked)
    return found.exit_code, found.output


def years(tmp_path: Path) -> list[int]:
    return [entry.year for entry in load(tmp_path / "policy").sheets.calendar.table.year]


def test_a_dry_run_shows_the_year_and_writes_nothing(tmp_path: Path) -> None:
    code, said = imported(tmp_path, OURS, "--dry-run")
    assert (code, years(tmp_path)) == (0, [2024, 2025, 2026])
    assert "Days off and make-up days in 2027: not announced → 5 and 1." in said
    assert "2026-12-31 – 2027-01-02  元旦" in said


def test_an_import_writes_the_year_once(tmp_path: Path) -> None:
    assert imported(tmp_path, OURS)[0] == 0
    assert years(tmp_path) == [2024, 2025, 2026, 2027]
    code, said = imported(tmp_path, OURS, "--json")
    assert (code, json.loads(said)["changes"], json.loads(said)["written"]) == (0, [], False)


def test_a_year_that_would_not_hold_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    code, said = imported(tmp_path, OURS.replace('"workdays": ["2027-02-07"]', '"workdays": ["2027-02-08"]'))
    assert code == 2
    assert "calendar.toml:" in said
    assert "2027-02-08 is a Monday, which works anyway" in said
    assert years(tmp_path) == [2024, 2025, 2026]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert imported(tmp_path, "{")[0] == 2
    assert "has no calendar 'moon'" in imported(tmp_path, OURS, "--calendar", "moon")[1]
