"""Whose turn it is to write to an SQLite file, when several processes want to.

SQLite keeps no queue: who waits looks again up to every 100 ms, and a process that writes without pause has the lock
again before anybody looks. So each writer first takes a second lock, beside the file, and lets it go when it has
SQLite's own. Who waits for SQLite's lock then is the only one to come for it, and its last holder has to stand behind.
"""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

_LOOK_AGAIN_S = 0.002


class Held(OSError):  # noqa: N818  It names what the others do.
    """Another process had the turn all the time."""


@asynccontextmanager
async def my_turn(database: Path, *, patience: timedelta) -> AsyncIterator[None]:
    """Stand in the turnstile: come out of it with SQLite's lock, or without when that one was not to be had.

    Raises Held after `patience`. The lock is on `<database>-turn`, an empty file; a process's end lets go of it. Where
    that cannot be opened nobody waits here: SQLite will say what is wrong.
    """
    try:
        lock = os.open(f"{database}-turn", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        await _take(lock, patience=patience)
        yield
    finally:
        os.close(lock)


async def _take(lock: int, *, patience: timedelta) -> None:
    clock = asyncio.get_running_loop()
    end = clock.time() + patience.total_seconds()
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock.time() >= end:
                raise Held("locked") from None
        else:
            return
        await asyncio.sleep(_LOOK_AGAIN_S)
