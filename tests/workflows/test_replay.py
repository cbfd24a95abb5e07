"""Today's code still understands every history that was ever recorded; see tests/histories/README.md."""

import subprocess
import sys
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory

from tests.starter.processes import ROOT, child_environment
from tests.workflows import recording
from tests.workflows.divergent import Divergent
from tests.workflows.replaying import recorded, replay
from tests.workflows.scenarios import SCENARIOS


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    assert await replay(path) == []


async def test_a_workflow_that_asks_for_something_else_fails_on_every_history() -> None:
    histories = recorded()
    assert await replay(*histories, workflow=Divergent) == [path.stem for path in histories]


def test_every_scenario_has_its_history() -> None:
    assert {path.name.split(".")[0] for path in recorded()} == set(SCENARIOS)


def test_a_complaint_of_several_runs_is_there_run_by_run() -> None:
    runs = {path.stem for path in recorded()}
    assert runs >= {f"continued.run{number}{release}" for number in (1, 2, 3) for release in ("", ".3")}


def test_replay_does_not_hang_on_the_order_of_sets() -> None:
    """This process has a hash seed of its own; another one must come to the same."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.workflows.replaying"],
        env=child_environment(PYTHONHASHSEED="1"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_history_that_is_there_is_never_written_again(tmp_path: Path) -> None:
    history = WorkflowHistory("complaint-T-1", [])
    kept = recording.keep(tmp_path, "happy", history)
    before = kept.read_bytes()
    with pytest.raises(FileExistsError):
        recording.keep(tmp_path, "happy", history)
    assert kept.read_bytes() == before
