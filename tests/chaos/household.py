"""The processes of a run: each is started again whenever it ends, and can be killed, stopped and starved of disk."""

import asyncio
import contextlib
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ledger.database import migrate
from settings import Settings, utc_now
from starter.embedded import parts
from starter.embedded.parts import LOOPBACK, Ports
from starter.embedded.supervising import Part
from starter.home import prepare
from starter.http.keys import make_local
from tests.chaos.proxy import Proxy
from tests.postgres import die_with_parent
from tests.starter.api_server import a_ledger
from tests.starter.processes import ROOT, child_environment, free_port

PATIENCE_S = 180.0  # for a part to be there again on a busy machine
_AGAIN_S = 0.5


class Member:
    """One process, and whoever takes its place when it ends."""

    def __init__(self, part: Part, logs: Path) -> None:
        self.part, self._log = part, logs / f"{part.name}.log"
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
                    cwd=ROOT,
                    env=child_environment(**self.part.environment),
                    start_new_session=True,
                    preexec_fn=die_with_parent,
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
    """`settings` reach Temporal and the ledger directly, as the judge does; the parts go through the proxies."""

    settings: Settings
    ports: Ports
    letters: Path
    members: dict[str, Member]
    proxies: dict[str, Proxy]


@contextlib.asynccontextmanager
async def a_household(
    home: Path, *, database_url: str = "", worker: Sequence[str] = (), others: Sequence[Part] = ()
) -> AsyncIterator[Household]:
    """Everything runs when this yields; nothing does afterwards. `worker` is another command for the worker."""
    prepare(home)
    ports = Ports(temporal=free_port(), temporal_http=free_port(), temporal_ui=free_port(), crm=free_port())
    settings = Settings(
        home=home,
        temporal_address=f"{LOOPBACK}:{ports.temporal}",
        temporal_namespace="default",
        api_port=free_port(),
        secret_key="chaos" * 8,
        database_url=database_url,
    )
    mail, letters = free_port(), home / "letters.jsonl"
    proxies = {"temporal": Proxy(ports.temporal), "crm": Proxy(ports.crm), "mail": Proxy(mail)}
    async with contextlib.AsyncExitStack() as stack:
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
        await migrate(settings.ledger_url)
        async with a_ledger(settings) as engine:
            await make_local(engine, home, at=utc_now())
        ours = replace(parts.worker(behind), command=tuple(worker) or parts.worker(behind).command)
        all_parts = (*others, parts.temporal(settings, ports), _post(mail, letters), ours, parts.api(behind))
        members = {part.name: Member(part, home / "logs") for part in (*all_parts, parts.crm_sim(behind, ports))}
        for member in members.values():
            stack.push_async_callback(member.end)
            await member.begin()
        yield Household(settings, ports, letters, members, proxies)


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
