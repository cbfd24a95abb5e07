"""The processes of a run: each is started again whenever it ends, and can be killed, stopped and starved of disk."""

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from settings import Settings, utc_now
from starter.embedded import parts
from starter.embedded.parts import Ports
from starter.embedded.supervising import Part
from starter.embedded.temporal_server import LOOPBACK
from starter.home import prepare
from starter.http.keys import make_local
from tests import postgres
from tests.chaos.proxy import Proxy
from tests.postgres import as_its_user, die_with_parent
from tests.starter.api_server import a_ledger
from tests.starter.processes import ROOT, child_environment, free_port

SQLITE, POSTGRESQL = "sqlite", "postgresql"
PATIENCE_S = 180.0  # for a part to be there again on a busy machine
_AGAIN_S = 0.5


class Member:
    """One process, and whoever takes its place when it ends."""

    def __init__(self, part: Part, logs: Path) -> None:
        self.part, self._log = part, logs / f"{part.name}.log"
        # PostgreSQL refuses to be root.
        self._how = as_its_user() if part.name == POSTGRESQL else {"cwd": ROOT}
        self._process: asyncio.subprocess.Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        self._keeping = asyncio.create_task(self._keep())
        await self.ready()

    async def end(self) -> None:
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        self.signal(signal.SIGKILL)
        if self._process:
            await self._process.wait()

    async def retire(self) -> None:
        """Asked to stop, as an operator does, and waited for; nobody takes its place."""
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        self.signal(signal.SIGTERM)
        if self._process:
            async with asyncio.timeout(PATIENCE_S):
                await self._process.wait()

    async def ready(self) -> None:
        """Raises TimeoutError when it is not there within the patience."""
        async with asyncio.timeout(PATIENCE_S):
            while not (self._lives() and await self.part.is_ready(self._running().pid)):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.2)

    def signal(self, number: signal.Signals) -> None:
        if self._lives():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running().pid, number)

    def limit_files(self, size: int) -> None:
        """No file of it grows beyond so many bytes: what a full disk or quota looks like from inside. -1 lifts it."""
        if self._lives():
            with contextlib.suppress(ProcessLookupError):
                hard = resource.prlimit(self._running().pid, resource.RLIMIT_FSIZE)[1]
                resource.prlimit(self._running().pid, resource.RLIMIT_FSIZE, (size, hard))

    async def _keep(self) -> None:
        while True:
            with self._log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *self.part.command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=child_environment(**self.part.environment),
                    start_new_session=True,
                    preexec_fn=die_with_parent,
                    **self._how,
                )
            await self._process.wait()
            await asyncio.sleep(_AGAIN_S)

    def _lives(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process
        return self._process


@dataclass(frozen=True)
class Household:
    """`settings` reach Temporal and the ledger directly, as the judge does; the parts have `behind`: proxies."""

    settings: Settings
    behind: Settings
    ports: Ports
    letters: Path
    members: dict[str, Member]
    proxies: dict[str, Proxy]


def by_code_of(folder: Path, part: Part) -> Part:
    """The same part, run by the code in that folder: another release's."""
    return replace(part, environment={**part.environment, "PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"})


@contextlib.asynccontextmanager
async def a_household(
    home: Path, *, database: str = SQLITE, worker: Sequence[str] = (), code: Path = ROOT
) -> AsyncIterator[Household]:
    """Everything runs when this yields; nothing does afterwards. `worker` is another command for the worker; `code` is
    where the release is that migrates, works and answers.
    """
    prepare(home)
    ports = Ports(temporal=free_port(), temporal_http=free_port(), temporal_ui=free_port(), crm=free_port())
    settings = Settings(
        home=home,
        temporal_address=f"{LOOPBACK}:{ports.temporal}",
        temporal_namespace="default",
        api_port=free_port(),
        secret_key="chaos" * 8,
    )
    mail, letters = free_port(), home / "letters.jsonl"
    proxies = {"temporal": Proxy(ports.temporal), "crm": Proxy(ports.crm), "mail": Proxy(mail)}
    members: dict[str, Member] = {}

    async def begin(part: Part) -> None:
        members[part.name] = Member(part, home / "logs")
        stack.push_async_callback(members[part.name].end)
        await members[part.name].begin()

    async with contextlib.AsyncExitStack() as stack:
        if database == POSTGRESQL:
            folder = postgres.a_cluster()
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            await begin(_postgresql(folder))
            settings = settings.model_copy(
                update={"database_url": f"postgresql+asyncpg://postgres@/postgres?host={folder}"}
            )
        for proxy in proxies.values():
            await proxy.start()
            stack.push_async_callback(proxy.stop)
        behind = settings.model_copy(
            update={
                "temporal_address": f"{LOOPBACK}:{proxies['temporal'].port}",
                "crm_url": f"http://{LOOPBACK}:{proxies['crm'].port}",
                "smtp_url": f"smtp://{LOOPBACK}:{proxies['mail'].port}",
            }
        )
        await _migrate(settings, code)
        async with a_ledger(settings) as engine:
            await make_local(engine, home, at=utc_now())
        ours = replace(parts.worker(behind), command=tuple(worker) or parts.worker(behind).command)
        released = (by_code_of(code, part) for part in (ours, parts.api(behind)))
        for part in (parts.temporal(settings, ports), _post(mail, letters), *released, parts.crm_sim(behind, ports)):
            await begin(part)
        yield Household(settings, behind, ports, letters, members, proxies)


async def _migrate(settings: Settings, code: Path) -> None:
    """By that release's own command; raises CalledProcessError with what it says."""
    part = by_code_of(code, parts.worker(settings))
    command = (*part.command[:-1], "migrate")
    await asyncio.to_thread(
        subprocess.run, command, env=child_environment(**part.environment), check=True, stdout=subprocess.DEVNULL
    )


def _postgresql(folder: Path) -> Part:
    async def is_ready(_process_id: int) -> bool:
        return await postgres.answers(folder)

    # A killed server keeps what it said was committed only if it had written it; it need not have reached the disk.
    command = postgres.server_command(folder, synchronous_commit="on")
    return Part(name=POSTGRESQL, command=tuple(command), is_ready=is_ready)


def _post(port: int, letters: Path) -> Part:
    async def is_ready(_process_id: int) -> bool:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            return False
        writer.close()
        return True

    command = (sys.executable, "-m", "tests.chaos.post", str(port), str(letters))
    return Part(name="mail", command=command, is_ready=is_ready)
