"""Our own ledger as a history: under the policy it was lived by it is lived again just as it was."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from domain import commands as cmd
from domain import events as e
from starter.importing.rows import ImportFileError
from starter.simulating.assumptions import Assumptions
from starter.simulating.cases import State
from starter.simulating.command import simulate
from starter.simulating.facts import facts_of
from starter.simulating.reading import LogFormat, read_log
from starter.simulating.recorded import case_of, commands_of, recorded_cases
from starter.simulating.replaying import replay
from tests.builders import HOUR, T0, Played, a_policy
from tests.domain import golden_scenarios as golden
from tests.domain.scenes import ENGINE, PROOF
from tests.ledger.building import a_ledger, recorded

LIVES: list[Callable[[], Played]] = [
    golden.the_straight_way,
    golden.nobody_ever_answers,
    golden.claimed_too_early,
    golden.pushed_away_and_refuted,
    golden.sent_back_to_the_sender,
    golden.a_grey_issue_from_triage,
    golden.never_reached,
]


def told(events: Sequence[e.Event]) -> list[tuple[object, ...]]:
    """What happened and when, without what nobody can ask again: what had been refused."""
    kept = [each for each in events if not isinstance(each, e.CommandRefused | e.MessageRejected)]
    return [(each.kind, each.at, getattr(each, "department", ""), getattr(each, "clock", "")) for each in kept]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_under_its_own_policy_it_is_lived_again_as_it_was(life: Callable[[], Played]) -> None:
    played = life()
    events = tuple(played.events)
    again = replay(case_of(events), policy=played.complaint.policy, assume=Assumptions(), until=events[-1].at)
    assert told(again) == told(events)


def test_under_a_shorter_clock_it_turns_red_where_it_was_not() -> None:
    straight = tuple(golden.the_straight_way().events)
    hasty = a_policy(clocks={**a_policy().clocks.model_dump(), "resolution_ordinary": "20 hours"})
    again = replay(case_of(straight), policy=hasty, assume=Assumptions(), until=straight[-1].at)
    [breach] = [each for each in again if isinstance(each, e.ClockBreached)]
    assert (breach.clock, breach.at) == ("resolution:ordinary", T0 + 20 * HOUR)
    assert not [each for each in straight if isinstance(each, e.ClockBreached)]


def test_the_owner_under_the_other_policy_says_what_the_owner_then_said() -> None:
    straight = tuple(golden.the_straight_way().events)
    matrix = a_policy().matrix
    swapped = matrix.owners | {"engine": matrix.owners["chassis"], "chassis": matrix.owners["engine"]}
    policy = a_policy(matrix=matrix.model_copy(update={"owners": swapped}).model_dump())
    again = replay(case_of(straight), policy=policy, assume=Assumptions(), until=straight[-1].at)
    assert [each.department for each in again if isinstance(each, e.Dispatched)] == ["chassis"]
    assert [each.kind for each in again] == [each.kind for each in straight]


def test_its_rows_are_who_had_it_and_how_it_stood() -> None:
    played = Played("engine.stall")
    played.send(cmd.Transfer, at=T0 + HOUR, by=ENGINE, to="chassis", **PROOF)
    case = case_of(tuple(played.events))
    assert case.teams == ("engine", "chassis")
    assert [each.state for each in case.events] == [State.QUEUED] * 3
    assert [type(each) for each in commands_of(played.events)] == [cmd.Transfer]


def simulated(*words: str) -> Any:
    app = typer.Typer()
    app.command()(simulate)
    return CliRunner().invoke(app, ["--format", "ledger", "--json", *words])


async def test_a_whole_ledger_is_read_by_its_file(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, golden.the_straight_way(), Played("brakes.noise", ticket_no="T-2"))
    first, second = await recorded_cases(str(tmp_path / "ledger.db"))
    assert (first, second.ticket) == (case_of(tuple(golden.the_straight_way().events)), "T-2")
    assert facts_of((first, second)).unfinished_cases == 1


@pytest.mark.parametrize("log", ["none.db", "sqlite+aiosqlite:////nowhere/secret-word.db"])
def test_what_is_no_ledger_is_refused_and_its_address_not_repeated(log: str) -> None:
    result = simulated("--log", log)
    assert result.exit_code == 2
    assert result.stderr
    assert "secret-word" not in result.stderr


@pytest.mark.parametrize("name", ["log.xes.gz", "log.XES", "log.csv.gz"])
def test_a_packed_log_is_refused_with_what_to_give_instead(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8b")
    with pytest.raises(ImportFileError, match="give the log's CSV"):
        next(read_log(tmp_path / name, format=LogFormat.BPI2013))
