"""A recorded case lived again under a policy: what would have been refused, arbitrated, red and copied."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from starter.importing.rows import ImportFileError
from starter.simulating.assumptions import assumed
from starter.simulating.cases import LogCase, LogEvent, State
from starter.simulating.command import simulate
from starter.simulating.outcomes import PolicyOutcome, Tally
from starter.simulating.replaying import replay
from tests.builders import HOUR, T0, a_policy


def lived(*rows: str, assume: tuple[str, ...] = (), waited: timedelta = HOUR) -> PolicyOutcome:
    """One case whose rows, "team status", come `HOUR` apart; the log ends `waited` after the last."""
    said = [row.split() for row in rows]
    events = tuple(LogEvent("T-1", T0 + number * HOUR, team, State(state)) for number, (team, state) in enumerate(said))
    tally, until = Tally(), events[-1].at + waited
    case = LogCase("T-1", events)
    tally.add(replay(case, policy=a_policy(), assume=assumed(assume), until=until))
    return tally.outcome(policy="p", version="test+1", since=T0, until=until)


def test_a_handoff_without_evidence_is_refused_and_the_first_team_keeps_it() -> None:
    found = lived("A queued", "B queued", waited=5 * HOUR)
    assert found.handoffs_refused == {"evidence_missing": 1}
    assert found.handoffs_made == 0
    assert found.red_by_team == {"A": 1}


def test_a_handoff_with_evidence_is_made_and_the_receiver_is_red_for_its_own_silence() -> None:
    found = lived("A queued", "B queued", assume=("evidence=always",), waited=5 * HOUR)
    assert found.handoffs_made == 1
    assert found.handoffs_refused == {}
    assert found.red_by_team == {"B": 1}


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (("A queued", "B queued", "A queued"), "sent_back"),  # A→B→A is the arbiter's
        (("A queued", "B queued", "C queued"), "hop_limit"),  # the test's policy allows two owners
    ],
)
def test_ping_pong_and_one_hop_too_many_go_to_arbitration(rows: tuple[str, ...], why: str) -> None:
    assert lived(*rows, assume=("evidence=always",)).arbitrations == {why: 1}


def test_the_ruling_goes_to_whom_it_is_assumed_to() -> None:
    rows = ("A queued", "B queued", "C queued")
    ruled = {
        who: lived(*rows, assume=("evidence=always", f"ruling={who}"), waited=timedelta(days=4)).red_by_team
        for who in ("receiver", "sender")
    }
    assert ruled == {"receiver": {"C": 1}, "sender": {"B": 1}}


def test_what_was_accepted_moves_by_arbitration_alone() -> None:
    rows = ("A working", "B queued")
    assert lived(*rows).handoffs_refused == {"only_arbitration_moves_it": 1}
    contested = lived(*rows, assume=("evidence=always", "accepted=contested"))
    assert contested.arbitrations == {"contested": 1}


def test_a_breach_of_a_department_copies_its_vp_and_age_escalates() -> None:
    found = lived("A working", "A waiting_user", waited=timedelta(days=11))
    assert (found.red_cases, found.breaches, found.vp_copies) == (1, {"resolution": 1}, 1)
    assert found.escalations == {"leadership": 1, "service": 1}
    assert lived("A working", assume=("unfinished=stop",), waited=timedelta(days=11)).red_cases == 0


def test_a_reopened_case_was_never_solved_and_one_that_is_closed_in_time_is_green() -> None:
    assert lived("A working", "A resolved", "A closed", waited=timedelta(days=30)).red_cases == 0
    reopened = lived("A working", "A resolved", "A working", waited=timedelta(days=4))
    assert reopened.breaches == {"resolution": 1}


def test_an_unknown_assumption_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ImportFileError, match=r"--assume luck=good .*evidence=none\|always"):
        assumed(["luck=good"])


def simulated(log: Path, *more: str) -> tuple[int, str, str]:
    app = typer.Typer()
    app.command()(simulate)
    result = CliRunner().invoke(app, ["--log", str(log), "--format", "csv", *more])
    return result.exit_code, result.stdout, result.stderr


def test_two_policies_stand_side_by_side_and_the_last_line_is_json(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(
        "ticket,at,team,status\nT-1,2026-03-02T08:00:00Z,A,queued\nbad\nT-1,2026-03-03T08:00:00Z,B,closed\n",
    )
    code, out, _ = simulated(
        log, "--policy", "shipped", "--against", "shipped", "--assume", "evidence=always", "--json"
    )
    told = json.loads(out.splitlines()[-1])
    assert code == 0
    assert (told["log"]["handoffs"], told["log"]["rejected_rows"]) == (1, 1)
    first, second = told["policies"]
    assert first == second
    assert first["breaches"]["response"] == 1
    assert first["assumed"]["evidence"] == "always"


def test_a_log_or_a_policy_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    assert simulated(log)[0] == 2
    log.write_text("ticket,at,team,status\n")
    assert simulated(log)[0] == 2
    assert simulated(log, "--policy", str(tmp_path / "nowhere"))[0] == 2
