"""A workflow task that is tried again decides anew, at another instant; nothing of the first try may have left."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from settings import utc_now
from starter.demo.theatre import World
from tests.starter.processes import ROOT, child_environment
from tests.workflows.cases import CUSTOMER, begin, until

QUEUE = "held-up"
GIVEN_UP = timedelta(seconds=3)  # a workflow task that was not answered
HELD_S = 5


@pytest.mark.long
async def test_a_worker_held_up_in_the_middle_of_its_tasks_forks_no_ledger(world: World, tmp_path: Path) -> None:
    with _worker_process(world, tmp_path) as process_id:
        cases = [await begin(world, queue=QUEUE, task_timeout=GIVEN_UP) for _ in range(4)]
        for case in cases:
            await until(case.backlog, lambda backlog: not any(backlog.values()), seconds=40)
        owner = await cases[0].owner()
        os.kill(process_id, signal.SIGSTOP)
        for case in cases:
            await case.signal("accept", owner)
        await asyncio.sleep(HELD_S)
        os.kill(process_id, signal.SIGCONT)
        for case in cases:
            assert "WORKFLOW_TASK_TIMED_OUT" in await case.history()
            await until(case.kinds, ["opened", "dispatched", "accepted"], seconds=40)
            assert await case.check() == ()


@pytest.mark.long
async def test_what_a_killed_worker_left_is_done_by_the_next_so_that_it_can_be_replayed(
    world: World, tmp_path: Path
) -> None:
    """Its sticky task is given up, a message comes meanwhile, and the next worker begins with the whole history."""
    with _worker_process(world, tmp_path) as process_id:
        cases = [await begin(world, queue=QUEUE, task_timeout=GIVEN_UP) for _ in range(3)]
        for case in cases:
            await until(case.backlog, lambda backlog: not any(backlog.values()), seconds=40)
        owners = [await case.owner() for case in cases]
        os.kill(process_id, signal.SIGKILL)
    asked = [
        asyncio.create_task(case.send("accept", owner, at=utc_now())) for case, owner in zip(cases, owners, strict=True)
    ]
    await asyncio.sleep(2)
    for case in cases:  # while the update's task waits for a worker that is gone
        await case.signal("withdraw", CUSTOMER, at=utc_now())
    await asyncio.sleep(10)
    with _worker_process(world, tmp_path):
        await asyncio.wait(asked, timeout=60)
        for case in cases:
            await until(case.is_closed, True, seconds=60)
            assert await case.check() == ()


@contextmanager
def _worker_process(world: World, home: Path) -> Iterator[int]:
    """A worker of its own, which can be held up without us."""
    settings = {
        "VOCLOOP_HOME": str(home),
        "VOCLOOP_TASK_QUEUE": QUEUE,
        "VOCLOOP_TEMPORAL_ADDRESS": world.env.client.service_client.config.target_host,
        "VOCLOOP_DATABASE_URL": str(world.engine.url),
        "VOCLOOP_CRM_URL": str(world.crm.base_url),
        "VOCLOOP_SECRET_KEY": "demo" * 8,
    }
    process = subprocess.Popen([sys.executable, "-m", "worker"], cwd=ROOT, env=child_environment(**settings))
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()
