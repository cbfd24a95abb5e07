"""What the benchmarks run on: an in-memory Temporal server, our worker, the shapes' worker and the reference CRM, each
a process of its own on loopback, so that the operating system says what each of them used.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from bench.shapes import QUEUE
from ledger.database import connect as connect_ledger
from ledger.database import migrate
from policy.reading import load
from settings import Settings
from starter.commands import Complaints
from starter.connecting import connect
from starter.converting import convert
from starter.embedded.temporal_server import LIMITS, binary
from tests.starter.processes import ROOT, free_port, wait_until
from workflows.names import SEARCH_ATTRIBUTES, TASK_QUEUE

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Stage:
    """What is running. `workers` are process ids by task queue."""

    home: Path
    settings: Settings
    client: Client
    complaints: Complaints
    engine: AsyncEngine
    crm: httpx2.AsyncClient  # of nobody where the stage has no CRM
    server: int
    workers: Mapping[str, int]


def cpu_ms(process_id: int) -> float:
    """User and system time so far, of all its threads."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK * 1000


def memory_kib(process_id: int) -> int:
    """What it has in memory and shares with nobody, and its part of what it shares."""
    told = Path(f"/proc/{process_id}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in told.splitlines() if line.startswith("Pss:"))


@contextlib.contextmanager
def a_worker(home: Path, settings: Settings) -> Iterator[int]:
    """Yields its process id once it is ready."""
    with running(ours("worker"), home / "worker.log", settings) as process_id:
        wait_until((home / "worker.ready").exists)
        yield process_id


@contextlib.asynccontextmanager
async def staged(home: Path, *, with_crm: bool = True, **more: Any) -> AsyncIterator[Stage]:
    """Everything is up and has been asked once when this yields; all of it stops at the end. `more` are settings."""
    async with contextlib.AsyncExitStack() as stack:
        address, crm_port = f"127.0.0.1:{free_port()}", free_port()
        crm_url = f"http://127.0.0.1:{crm_port}"
        settings = Settings(
            home=home, temporal_address=address, crm_url=crm_url if with_crm else "", secret_key="bench" * 8, **more
        )
        await migrate(settings.ledger_url)
        server = stack.enter_context(running(_server(address), home / "server.log"))
        await _answering(settings)
        if with_crm:
            stack.enter_context(running(ours("crm-sim", "--port", str(crm_port)), home / "crm.log", settings))
        worker = await asyncio.to_thread(stack.enter_context, a_worker(home, settings))
        shapes = stack.enter_context(running([sys.executable, "-m", "bench.shapes", address], home / "shapes.log"))
        await asyncio.to_thread(wait_until, lambda: "ready" in (home / "shapes.log").read_text())
        crm = await stack.enter_async_context(httpx2.AsyncClient(base_url=crm_url))
        engine = connect_ledger(settings.ledger_url)
        stack.push_async_callback(engine.dispose)
        client = await Client.connect(address, data_converter=convert(None, codec=None))
        complaints = Complaints(client, engine, load(None), task_queue=TASK_QUEUE)
        yield Stage(home, settings, client, complaints, engine, crm, server, {TASK_QUEUE: worker, QUEUE: shapes})


def _server(address: str) -> list[str]:
    attributes = [f"--search-attribute={key.name}={key.indexed_value_type.name.title()}" for key in SEARCH_ATTRIBUTES]
    host, port = address.split(":")
    where = ["--ip", host, "--port", port, "--http-port", str(free_port()), "--headless", "--log-level", "never"]
    return [binary(), "server", "start-dev", *where, *LIMITS, *attributes]


def ours(*arguments: str) -> list[str]:
    """The command line's command with these arguments."""
    return [sys.executable, "-m", "starter.cli", *arguments]


@contextlib.contextmanager
def running(command: list[str], log: Path, settings: Settings | None = None) -> Iterator[int]:
    """Run it until the block ends, told these settings; yields its process id."""
    said = settings.model_dump().items() if settings else ()
    ours = {f"VOCLOOP_{key.upper()}": str(value) for key, value in said if value is not None}
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, cwd=ROOT, env={**os.environ, **ours})
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _answering(settings: Settings) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(Exception):  # whatever keeps it from answering yet
                await connect(settings, plugins=[])
                return
            await asyncio.sleep(0.1)
