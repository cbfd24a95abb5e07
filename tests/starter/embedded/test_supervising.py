import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from starter.embedded.supervising import Supervisor
from starter.stopping import CannotGoOn
from tests.starter.processes import READY, child_environment, python_part, runs, wait_until

SLEEP = f"{READY} import time; time.sleep(60)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
PARENT = (
    "import subprocess, sys, pathlib, os;"
    "g = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "pathlib.Path(os.environ['MARKER'] + '.grandchild').write_text(str(g.pid));"
)


async def eventually(holds: Callable[[], object]) -> None:
    await asyncio.to_thread(wait_until, holds)


async def test_a_child_that_dies_is_started_again_and_one_line_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor, marker = Supervisor(tmp_path, say=said.append), tmp_path / "marker"
    await supervisor.start(python_part(SLEEP, marker=marker))
    first = int(marker.read_text())
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: "child is ready again." in said)
    second = int(marker.read_text())
    await supervisor.stop()
    assert said[0].startswith("child stopped (exit -9); starting it again in 1 s, see ")
    assert second != first
    assert not runs(second)


async def test_a_deaf_child_and_all_it_started_are_killed(tmp_path: Path) -> None:
    supervisor, marker = Supervisor(tmp_path, say=print), tmp_path / "marker"
    code = f"{DEAF} {PARENT} {SLEEP}"
    await supervisor.start(python_part(code, marker=marker, grace=timedelta(seconds=0.3)))
    child, grandchild = int(marker.read_text()), int((tmp_path / "marker.grandchild").read_text())
    await supervisor.stop()
    assert not runs(child)
    await eventually(lambda: not runs(grandchild))


@pytest.mark.parametrize(
    ("code", "patience", "last_words"),
    [
        ("print('the cupboard is bare'); raise SystemExit(2)", 20.0, "the cupboard is bare"),  # it ended
        ("import time; time.sleep(60)", 0.3, "it said nothing"),  # it never became ready
    ],
)
async def test_a_child_that_does_not_start_is_told_with_its_last_words(
    tmp_path: Path, code: str, patience: float, last_words: str
) -> None:
    supervisor = Supervisor(tmp_path, say=print)
    part = python_part(code, marker=tmp_path / "marker", patience=timedelta(seconds=patience))
    with pytest.raises(CannotGoOn, match=last_words):
        await supervisor.start(part)
    await supervisor.stop()


@pytest.mark.parametrize(("starts", "is_started"), [(3, True), (2, False)])
async def test_a_child_that_may_is_started_again_when_it_ended_while_it_started(
    tmp_path: Path, starts: int, is_started: bool
) -> None:
    ends_twice = (
        "import os, pathlib, sys; tried = pathlib.Path(os.environ['MARKER'] + '.tried');"
        "times = len(tried.read_text()) if tried.exists() else 0; tried.write_text('x' * (times + 1));"
        "times < 2 and sys.exit('lost my port');"
    )
    supervisor, marker = Supervisor(tmp_path, say=print), tmp_path / "marker"
    with nullcontext() if is_started else pytest.raises(CannotGoOn, match="lost my port"):
        await supervisor.start(python_part(ends_twice + SLEEP, marker=marker, starts=starts))
    await supervisor.stop()
    assert marker.exists() == is_started
    assert len((tmp_path / "marker.tried").read_text()) == starts


async def test_stopping_does_not_wait_for_a_child_that_was_never_started(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, say=print)
    part = python_part(SLEEP, marker=tmp_path / "marker")
    start = asyncio.create_task(supervisor.start(part))
    await asyncio.sleep(0)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    await supervisor.stop()
    assert not (tmp_path / "marker").exists()


def test_when_we_are_killed_outright_no_child_is_left_behind(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    code = (
        "import asyncio, pathlib; from starter.embedded.supervising import Supervisor;"
        "from tests.starter.processes import python_part; from tests.starter.embedded.test_supervising import SLEEP;"
        f"part = python_part(SLEEP, marker=pathlib.Path({str(marker)!r}));"
        "loop = asyncio.new_event_loop();"
        f"loop.run_until_complete(Supervisor(pathlib.Path({str(tmp_path)!r}), say=print).start(part));"
        "print('started', flush=True); loop.run_forever()"
    )
    with subprocess.Popen([sys.executable, "-c", code], env=child_environment(), stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"started\n"
        child = int(marker.read_text())
        assert runs(child)
        parent.kill()
    wait_until(lambda: not runs(child))
