"""What every peer runs on and is measured by: one PostgreSQL, processes of its own, CPU by the operating system."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from tests import postgres
from tests.starter.processes import ROOT

VERBS = ("create", "assign", "transfer", "resolve", "reopen", "close")
BUILD = ROOT / "build" / "peers"
_TICK = os.sysconf("SC_CLK_TCK")


class CannotRunHere(Exception):  # noqa: N818  It names what this machine lacks.
    """The message says what is missing and the command that brings it."""


class Running(Protocol):
    """A peer that is up. `processes` are the roots of all that it runs, the database aside, which counts as well."""

    processes: Sequence[int]

    async def do(self, verb: str, number: int) -> None:
        """One verb on the ticket of that number, by the peer's own door. Raises RuntimeError when it is refused."""

    async def overdue(self, many: int, /) -> list[float]:
        """Seconds from when each of so many tickets fell due to when the peer's own record says so; empty where it has
        no such record. They fall due evenly over a minute.
        """


@dataclass(frozen=True)
class Peer:
    """`door` is how it is asked, `verbs` what stands for each verb, `clock` how it comes to know of what is overdue."""

    name: str
    version: Callable[[], str]
    settings: str
    door: str
    verbs: Mapping[str, str]
    clock: str
    run: Callable[["Database", Path], AbstractAsyncContextManager[Running]]


@dataclass(frozen=True)
class Database:
    """A PostgreSQL of its own for each run of each peer; trusts everybody on its socket."""

    folder: Path
    process: int

    async def ask(self, statement: str, *, name: str = "postgres") -> list[Any]:
        """The rows, past the peer's own code."""
        connection = await asyncpg.connect(host=str(self.folder), user="postgres", database=name)
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()


@contextlib.asynccontextmanager
async def a_database() -> AsyncIterator[Database]:
    folder = postgres.a_cluster()
    # As in production: it waits for the disk, and has memory to work with.
    durable = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
    with process(postgres.server_command(folder, **durable), folder / "log", **postgres.as_its_user()) as number:
        async with asyncio.timeout(60):
            while not await postgres.answers(folder):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
        yield Database(folder, number)


@contextlib.contextmanager
def process(command: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None, **how: object) -> Iterator[int]:
    """Run it until the block ends; yields its process id."""
    with log.open("ab") as file:
        told = {**os.environ, **(env or {})}
        started = subprocess.Popen(command, stdout=file, stderr=file, env=told, **how)  # type: ignore[call-overload]
    try:
        yield started.pid
    finally:
        started.terminate()
        try:
            started.wait(30)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def finish(*command: str, env: Mapping[str, str] | None = None, timeout: float = 600) -> str:
    """What it printed. Raises CannotRunHere with its last words when it fails."""
    told = {**os.environ, **(env or {})}
    done = subprocess.run(command, env=told, capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise CannotRunHere(f"{' '.join(command)[:200]} failed: {(done.stderr or done.stdout).strip()[-800:]}")
    return done.stdout


def cpu_ms(roots: Sequence[int]) -> float:
    """User and system time so far of these processes, of those below them, and of those below that ended."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            ticks[int(folder.name)] = sum(map(int, fields[11:15]))
            children.setdefault(int(fields[1]), []).append(int(folder.name))

    def below(one: int) -> int:
        return ticks.get(one, 0) + sum(below(child) for child in children.get(one, ()))

    return sum(below(root) for root in roots) / _TICK * 1000
