"""A command ends with the exit code it means, though native threads of Temporal's still hold Python."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
import typer

from ledger import database
from ledger.database import LedgerUnavailable
from settings import Settings
from starter.stopping import CannotGoOn, run
from tests.starter.processes import ROOT, child_environment

TIMES, AT_ONCE = 6, 2


async def doctor(home: Path, address: str) -> tuple[int | None, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.cli", "doctor", "--json"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env=child_environment(VOCLOOP_HOME=str(home), VOCLOOP_TEMPORAL_ADDRESS=address, VOCLOOP_TASK_QUEUE="nobodys"),
    )
    said, complained = await process.communicate()
    return process.returncode, said.decode(), complained.decode()


@pytest.mark.long
async def test_a_command_that_asked_temporal_never_aborts_after_its_answer(
    tmp_path: Path, temporal_address: str
) -> None:
    await database.migrate(Settings(home=tmp_path).ledger_url)
    for _ in range(TIMES // AT_ONCE):
        together = [doctor(tmp_path, temporal_address) for _ in range(AT_ONCE)]
        for code, said, complained in await asyncio.gather(*together):
            assert (code, complained) == (1, "")
            assert [finding["code"] for finding in json.loads(said)["findings"]][:1] == ["no_worker"]


async def gives(answer: int) -> int:
    return answer


async def stops(why: Exception) -> None:
    raise why


def test_what_the_work_gives_is_given_back() -> None:
    assert run(gives(7)) == 7


@pytest.mark.parametrize("why", [CannotGoOn("Do that."), LedgerUnavailable("Do that.")])
def test_what_stops_it_is_said_in_a_sentence(why: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stopped:
        run(stops(why))
    assert (stopped.value.exit_code, capsys.readouterr().err) == (2, "Do that.\n")


def test_a_fault_stays_a_fault() -> None:
    with pytest.raises(ZeroDivisionError):
        run(stops(ZeroDivisionError()))
