"""A history graded by two points tables, against what a person works out by hand."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from domain.durations import Duration
from domain.red_line_words import WordRule
from domain.ticket import Ticket
from policy.red_lines import load_red_lines
from policy.sources import SHIPPED
from starter.simulating.backtest import backtest
from starter.simulating.grading import Moved, Table, graded, moved, spread_of
from tests.builders import T0, a_policy
from tests.risks import RISK


def a_ticket(number: str, tag: str, tier: str = "ordinary", **fields: Any) -> Ticket:
    return Ticket.model_validate({"ticket_no": number, "created_at": T0, "tags": (tag,), "tier": tier, **fields})


HISTORY = (
    a_ticket("A", "brakes.noise"),
    a_ticket("B", "engine.stall", "vip"),
    a_ticket("C", "engine.stall", "key", case={"third_party": "hotline"}),
    a_ticket("D", "battery.fire"),
)


def without_red_lines() -> dict[str, Any]:
    """Safety weighs 30 instead of 18, and a red line is no floor any more."""
    table = deepcopy(RISK)
    table["points"]["severity"]["safety"] = 30
    del table["floors"]["red_line"]
    return table


NOW, THEN = Table(a_policy(risk=RISK)), Table(a_policy(risk=without_red_lines()))


def compared(first: Table, second: Table) -> Moved:
    grades = [[graded(ticket, table, age=None) for ticket in HISTORY] for table in (first, second)]
    return moved([ticket.ticket_no for ticket in HISTORY], *grades)


@pytest.mark.parametrize(
    ("table", "age", "levels", "mean", "reason"),
    [
        (NOW, None, [1, 2, 0, 0, 1], 20.25, "7, 18 + 6, 18 + 4 + 10, 18 and the floor"),
        (THEN, None, [1, 1, 2, 0, 0], 29.25, "7, 30 + 6, 30 + 4 + 10, 30 and no floor"),
        (NOW, "3 calendar_days", [1, 1, 1, 0, 1], 27.25, "seven points more each: C has 39"),
    ],
)
def test_levels_spread_as_worked_out_by_hand(
    table: Table, age: str | None, levels: list[int], mean: float, reason: str
) -> None:
    length = Duration.model_validate(age) if age else None
    spread = spread_of([graded(ticket, table, age=length) for ticket in HISTORY], policy="p", version="v")
    assert list(spread.levels.values()) == levels, reason
    assert spread.points_mean == mean


def test_the_farthest_mover_comes_first_and_says_why() -> None:
    found = compared(NOW, THEN)
    assert (found.up, found.down, found.same) == (2, 1, 1)
    assert [(each.tickets, each.before, each.after) for each in found.movers] == [
        (("D",), 5, 2),
        (("B",), 2, 3),
        (("C",), 2, 3),
    ]
    assert [(each.zh, each.en) for each in found.movers[0].reasons] == [
        ("故障类别：18 分变为 30 分", "how grave the fault is: 30 points instead of 18"),
        ("触及安全红线：取消下限", "a red line of safety: no longer a floor"),
    ]
    assert (found.movers[0].points_before, found.movers[0].points_after) == (18, 30)


def test_nothing_moves_under_the_same_table() -> None:
    assert compared(NOW, NOW) == Moved(up=0, down=0, same=4, movers=())


def test_other_limits_are_a_reason_of_their_own() -> None:
    lower = Table(a_policy(risk={**RISK, "levels": [7, 36, 51, 66]}))
    [mover] = compared(NOW, lower).movers
    assert (mover.tickets, mover.before, mover.after) == (("A",), 1, 2)
    assert [each.en for each in mover.reasons] == ["levels or floors ask for other amounts"]


def test_words_of_a_red_line_count_though_no_tag_says_so() -> None:
    words = load_red_lines().on(T0.date())
    assert isinstance(words, WordRule)
    told = a_ticket("E", "brakes.noise", words="高速行驶中车辆起火")
    assert graded(told, NOW._replace(words=words), age=None).level == 5
    assert graded(told, NOW, age=None).level == 1


MAP = '[columns]\nticket_no = "no"\ncreated_at = "at"\ntags = "fault"\n'
ROWS = "no,at,fault\nN-1,2026-03-02T09:00:00+08:00,{tag}\nN-2,never,{tag}\n"


def told(folder: Path, *more: str) -> Any:
    (folder / "map.toml").write_text(MAP)
    (folder / "log.csv").write_text(ROWS.format(tag="brakes.noise"))
    app = typer.Typer()
    app.command()(backtest)
    return CliRunner().invoke(
        app, [str(folder / "log.csv"), "--format", "csv", "--map", str(folder / "map.toml"), *more]
    )


def test_the_command_compares_two_folders(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for each in SHIPPED.glob("*.toml"):
        (other / each.name).write_bytes(each.read_bytes())
    risk = (other / "risk.toml").read_text(encoding="utf-8")
    (other / "risk.toml").write_text(risk.replace("levels = [21,", "levels = [1,"), encoding="utf-8")
    said = json.loads(told(tmp_path, "--against", str(other), "--json").stdout.splitlines()[-1])
    assert (said["complaints"], said["rejected_rows"]) == (1, 1)
    assert [each["levels"]["2"] for each in said["policies"]] == [0, 1]
    assert [each["tickets"] for each in said["moved"]["movers"]] == [["N-1"]]
    shown = told(tmp_path, "--against", str(other)).stdout
    assert "1 rise, 0 fall, 0 stay" in shown
    assert "█" in shown


def test_a_length_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    result = told(tmp_path, "--age", "a while")
    assert (result.exit_code, "a number and a unit" in result.stderr) == (2, True)
