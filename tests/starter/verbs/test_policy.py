import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from policy.sources import SHIPPED
from starter.verbs.policy import app
from tests.policy.folders import edited, line_of

RUN = CliRunner()
RESPONSE = 'response = "4 hours"'


def test_a_policy_that_holds_is_said_to_hold() -> None:
    result = RUN.invoke(app, ["check", str(SHIPPED)])
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, "The policy holds.")
    assert "  vip × rescue: response 1 hours of rescue, not 2 hours of vip." in result.stdout.splitlines()


def test_a_fault_is_told_with_file_and_line_and_fails(tmp_path: Path) -> None:
    folder = edited(tmp_path, "rules.toml", RESPONSE, "response = 4")
    file, line = folder / "rules.toml", line_of(folder / "rules.toml", "response = 4")
    result = RUN.invoke(app, ["check", str(folder)])
    assert result.exit_code == 1
    assert f"{file}:{line}: version.0.clocks.response" in result.stdout


def test_faults_are_told_to_machines_too(tmp_path: Path) -> None:
    folder = edited(tmp_path, "rules.toml", RESPONSE, "response = 4")
    result = RUN.invoke(app, ["check", str(folder), "--json"])
    (fault,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert fault["line"] == line_of(folder / "rules.toml", "response = 4")


def test_a_difference_is_a_sentence(tmp_path: Path) -> None:
    folder = edited(tmp_path, "rules.toml", RESPONSE, 'response = "6 hours"')
    said = RUN.invoke(app, ["diff", str(SHIPPED), str(folder)])
    assert said.stdout.strip() == "Response clock: 4 hours → 6 hours."
    listed = RUN.invoke(app, ["diff", str(SHIPPED), str(folder), "--json"])
    assert json.loads(listed.stdout) == ["Response clock: 4 hours → 6 hours."]


def test_no_difference_is_said_as_well() -> None:
    assert "Nothing changes." in RUN.invoke(app, ["diff", str(SHIPPED), str(SHIPPED)]).stdout


def test_a_folder_that_does_not_hold_cannot_be_compared(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["diff", str(SHIPPED), str(tmp_path)])
    assert result.exit_code == 1
    assert "rules.toml:0: The file is missing" in result.stdout


def test_the_policy_of_a_day_is_shown() -> None:
    result = RUN.invoke(app, ["show", str(SHIPPED), "--at", "2026-03-02", "--json"])
    assert json.loads(result.stdout)["clocks"]["response"] == "4 hours"
    assert "底盘工程部" in RUN.invoke(app, ["show", str(SHIPPED)]).stdout


@pytest.mark.parametrize("arguments", [["show", str(SHIPPED)], ["diff", str(SHIPPED), str(SHIPPED)]])
def test_before_the_first_version_there_is_nothing_to_show(arguments: list[str]) -> None:
    result = RUN.invoke(app, [*arguments, "--at", "2019-03-02"])
    assert result.exit_code == 1
    assert "No rules are in force on 2019-03-02" in result.stdout
