"""Child processes: started in their own session, waited for, started again when they die, and never left behind."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from starter.stopping import CannotGoOn

_FIRST_BACK_OFF_S, _LAST_BACK_OFF_S = 1.0, 30.0
_SETTLED_S = 60.0  # a child that lived this long begins its back-off anew
_POLL_S = 0.1
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Part:
    """One process of the stack. `is_ready` takes its process id and must not raise."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[int], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: timedelta = timedelta(seconds=60)  # to become ready
    grace: timedelta = timedelta(seconds=10)  # to stop by itself
    starts: int = 1  # of one that may end while it starts by no fault of ours


class Supervisor:
    """Keeps the parts alive. `say` gets one line for each thing a person should know."""

    def __init__(self, logs: Path, *, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        self._children: list[_Child] = []
        self._watches: list[asyncio.Task[None]] = []

    async def start(self, part: Part) -> None:
        """Start it and wait until it is ready. Raises CannotGoOn when it ends too often, or is not ready in time."""
        child = _Child(part, self._logs / f"{part.name}.log")
        self._children.append(child)
        for starts_left in reversed(range(part.starts)):
            await child.spawn()
            if await child.becomes_ready():
                break
            if child.is_alive or not starts_left:
                raise CannotGoOn(f"{part.name} did not start ({child.last_words()}): see {child.log}.")
        self._watches.append(asyncio.create_task(self._watch(child)))

    async def stop(self) -> None:
        """Stop everything, the last started first; what does not stop by itself is killed with all it started."""
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)
        for child in reversed(self._children):
            await child.stop()

    def kill(self) -> None:
        """Do not wait for anyone any longer."""
        for child in self._children:
            child.signal(signal.SIGKILL)

    async def _watch(self, child: "_Child") -> None:
        back_off = _FIRST_BACK_OFF_S
        while True:
            lived_s, code = await child.ended()
            back_off = _FIRST_BACK_OFF_S if lived_s > _SETTLED_S else back_off
            self._say(
                f"{child.part.name} stopped (exit {code}); starting it again in {back_off:.0f} s, see {child.log}."
            )
            await asyncio.sleep(back_off)
            back_off = min(back_off * 2, _LAST_BACK_OFF_S)
            await child.spawn()
            if await child.becomes_ready():
                self._say(f"{child.part.name} is ready again.")
            else:
                child.signal(signal.SIGKILL)  # alive but not ready: the next turn starts another


class _Child:
    def __init__(self, part: Part, log: Path) -> None:
        self.part = part
        self.log = log
        self._process: asyncio.subprocess.Process | None = None
        self._since = 0.0
        self._log_offset = 0

    async def spawn(self) -> None:
        self._since = asyncio.get_running_loop().time()
        with self.log.open("ab") as log:
            self._log_offset = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *self.part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, **self.part.environment},
                # A session of its own: the terminal's Ctrl-C reaches us alone, and one kill reaches all it started.
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    async def becomes_ready(self) -> bool:
        """False when it ended, or its patience did, before it was ready."""
        process = self._running()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.part.patience.total_seconds()):
                while process.returncode is None:
                    if await self.part.is_ready(process.pid):
                        return True
                    await asyncio.sleep(_POLL_S)
        return False

    @property
    def is_alive(self) -> bool:
        return self._running().returncode is None

    async def ended(self) -> tuple[float, int]:
        """Wait for its end: how many seconds it lived, and its exit code."""
        code = await self._running().wait()
        self.signal(signal.SIGKILL)  # whatever it started must not outlive it
        return asyncio.get_running_loop().time() - self._since, code

    async def stop(self) -> None:
        process = self._process
        if process is None:
            return  # we were stopped before it was started
        if process.returncode is None:
            self.signal(signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.part.grace.total_seconds()):
                    await process.wait()
        self.signal(signal.SIGKILL)
        await process.wait()

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def last_words(self) -> str:
        """The last line it wrote since it was started last."""
        with self.log.open("rb") as log:
            log.seek(self._log_offset)
            lines = log.read().decode(errors="replace").split("\n")
        return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "it said nothing")

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError(f"{self.part.name} was never started")
        return self._process


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """Linux ends the child when we are killed outright, so that even then nothing is left holding a port."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
