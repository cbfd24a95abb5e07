"""One reading of the ledger every few seconds for all who watch, however many they are, and for as long as they may."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from typing import Generic, NamedTuple, TypeVar

from ledger.database import LedgerUnavailable

EVERY = timedelta(seconds=2)
T = TypeVar("T")

_log = logging.getLogger("vocloop.live")


class Watcher(NamedTuple):
    """`held` is what admits them, a session or a key of the ledger's; `subject` is what they look at."""

    held: str
    subject: str = ""


class LiveFeed(Generic[T]):
    """Reads while anybody watches and rests when nobody does.

    `read` makes the present tick of the subjects that are watched. `admitted` says who of those watching may go on, by
    what they hold; it is asked once a tick for all.
    """

    def __init__(
        self,
        read: Callable[[frozenset[str]], Awaitable[T]],
        admitted: Callable[[frozenset[str]], Awaitable[frozenset[str]]],
        *,
        every: timedelta = EVERY,
    ) -> None:
        self._read, self._admitted, self._every = read, admitted, every
        self._latest: T | None = None
        self._over: frozenset[str] = frozenset()
        self._number = 0
        self._turned = asyncio.Condition()
        self._watching: dict[object, Watcher] = {}
        self._reading: asyncio.Task[None] | None = None

    @property
    def watchers(self) -> int:
        return len(self._watching)

    async def watch(self, watcher: Watcher) -> AsyncGenerator[T | None]:
        """Every new tick; None while the ledger cannot be read. It ends when they may watch no longer.

        Whoever is slow misses ticks and sees the newest.
        """
        me = object()
        self._watching[me] = watcher
        seen = 0
        try:
            self._wake()
            while True:
                async with self._turned:
                    while self._number in (0, seen):
                        await self._turned.wait()
                    seen, latest = self._number, self._latest
                if watcher.held in self._over:
                    return
                yield latest
        finally:
            del self._watching[me]
            await self._rest()

    def _wake(self) -> None:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_on())

    async def _rest(self) -> None:
        if self._watching or self._reading is None:
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

    async def _now(self) -> T | None:
        held = frozenset(each.held for each in self._watching.values())
        subjects = frozenset(each.subject for each in self._watching.values())
        try:
            self._over = held - await self._admitted(held)
            return await self._read(subjects)
        except LedgerUnavailable:
            return None
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive every error
            _log.warning("what is watched could not be read and is tried again: %s", type(error).__name__)
            return None

    async def _turn(self, tick: T | None) -> None:
        async with self._turned:
            self._number += 1
            self._latest = tick
            self._turned.notify_all()
