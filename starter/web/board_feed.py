"""One reading of the ledger every few seconds for all who watch the board, however many they are."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta

from ledger.database import LedgerUnavailable
from ledger.wall import Tick

EVERY = timedelta(seconds=2)

_log = logging.getLogger("vocloop.board")


class BoardFeed:
    """Reads while anybody watches and rests when nobody does. `read` makes the present tick."""

    def __init__(self, read: Callable[[], Awaitable[Tick]], *, every: timedelta = EVERY) -> None:
        self._read, self._every = read, every
        self._latest: Tick | None = None
        self._number = 0
        self._turned = asyncio.Condition()
        self._watchers = 0
        self._reading: asyncio.Task[None] | None = None

    @property
    def watchers(self) -> int:
        return self._watchers

    async def watch(self) -> AsyncGenerator[Tick | None]:
        """Every new tick; None while the ledger cannot be read. Whoever is slow misses ticks and sees the newest."""
        self._watchers += 1
        seen = 0
        try:
            self._wake()
            while True:
                async with self._turned:
                    while self._number in (0, seen):
                        await self._turned.wait()
                    seen, latest = self._number, self._latest
                yield latest
        finally:
            self._watchers -= 1
            await self._rest()

    def _wake(self) -> None:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_on())

    async def _rest(self) -> None:
        if self._watchers or self._reading is None:
            return
        reading, self._reading = self._reading, None
        self._number, self._latest = 0, None  # who comes next must not be shown what was true an hour ago
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading

    async def _read_on(self) -> None:
        while True:
            await self._turn(await self._now())
            await asyncio.sleep(self._every.total_seconds())

    async def _now(self) -> Tick | None:
        try:
            return await self._read()
        except LedgerUnavailable:
            return None
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive every error
            _log.warning("the board could not be read and is tried again: %s", type(error).__name__)
            return None

    async def _turn(self, tick: Tick | None) -> None:
        async with self._turned:
            self._number += 1
            self._latest = tick
            self._turned.notify_all()
