"""How long it takes until `vocloop --help` has answered and until a worker says that it is ready.

The worker starts beside one that runs already, on the stage's server and a ledger that is migrated; CPU is the
operating system's, of the process that starts.
"""

import asyncio
import os
import statistics
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.stage import Stage, cpu_ms, ours, running
from settings import Settings
from tests.starter.processes import ROOT, wait_until

HELPS, WORKERS = 15, 7


@dataclass(frozen=True)
class Started:
    """Seconds: the median, and all of them in turn."""

    seconds: float
    cpu_ms: float
    all_seconds: list[float]


async def play(stage: Stage) -> dict[str, Any]:
    helps, workers = await asyncio.to_thread(_helps), await asyncio.to_thread(_workers, stage)
    return {"help": asdict(helps), "worker": asdict(workers)}


def figures(found: dict[str, Any]) -> dict[str, float]:
    return {"help_seconds": found["help"]["seconds"], "worker_start_seconds": found["worker"]["seconds"]}


def _helps() -> Started:
    return _started([_help() for _ in range(HELPS + 1)][1:])  # the first one compiles and reads the disk


def _help() -> tuple[float, float]:
    before, began = os.times(), time.perf_counter()
    subprocess.run(ours("--help"), cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    took, after = time.perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return took, cpu * 1000


def _workers(stage: Stage) -> Started:
    return _started([_worker(stage) for _ in range(WORKERS + 1)][1:])


def _worker(stage: Stage) -> tuple[float, float]:
    address = stage.client.service_client.config.target_host
    ledger = stage.engine.url.render_as_string(hide_password=False)
    with TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home, temporal_address=address, database_url=ledger, secret_key="bench" * 8)
        began = time.perf_counter()
        with running(ours("worker"), home / "worker.log", settings) as process_id:
            wait_until((home / "worker.ready").exists)  # looked for every 50 ms
            return time.perf_counter() - began, cpu_ms(process_id)


def _started(rounds: list[tuple[float, float]]) -> Started:
    seconds = [took for took, _ in rounds]
    return Started(statistics.median(seconds), statistics.median(cpu for _, cpu in rounds), seconds)
