"""How many events a second the ledger takes, in batches of ten as the workflow sends them.

    .venv/bin/python -m bench.append [--url postgresql+asyncpg://...]

Without a URL it makes an SQLite file. A database that is given keeps what was appended.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.outlets import LedgerBatch
from ledger import policies
from ledger.database import connect, migrate
from ledger.events import append
from tests.builders import T0, Played, a_policy
from tests.ledger.building import eventful

COMPLAINTS, BATCH, AT_ONCE = 200, 10, 8
PREFIX = "APPENDED-"  # of the numbers of what was appended


def batches_of(played: Played) -> list[LedgerBatch]:
    """Its events ten at a time, each batch with the messages that came with it."""
    events, messages = played.events, list(played.messages)
    made = []
    for first in range(0, len(events) - BATCH + 1, BATCH):
        some, of_batch = events[first : first + BATCH], len(messages) // (len(events) // BATCH)
        mine, messages = messages[:of_batch], messages[of_batch:]
        made.append(
            LedgerBatch(
                ticket_no=played.complaint.ticket.ticket_no,
                policy_version=played.policy.version,
                events=tuple(some),
                messages=tuple(mine),
            )
        )
    return made


class Appended(NamedTuple):
    """One round; CPU is this process's alone."""

    events: int
    per_second: float
    cpu_ms_an_event: float


async def measure(url: str) -> None:
    await migrate(url)
    engine = connect(url)
    for at_once in (1, AT_ONCE):
        found = await one_round(engine, at_once=at_once)
        print(f"{at_once} at once: {found.per_second:,.0f} events/s, {found.cpu_ms_an_event:.3f} CPU ms an event")
    await engine.dispose()


async def one_round(engine: AsyncEngine, *, at_once: int, complaints: int = COMPLAINTS) -> Appended:
    """So many complaints from their opening to their end, of which `at_once` are appended to at any time."""
    await policies.keep(engine, a_policy())
    run = f"{PREFIX}{time.time_ns():x}"
    work = [batches_of(eventful(f"{run}-{at_once}-{number}")) for number in range(complaints)]
    events = sum(len(batch.events) for mine in work for batch in mine)
    waiting = iter(work)
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_append_all(engine, waiting) for _ in range(at_once)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Appended(events, events / wall, 1000 * cpu / events)


async def _append_all(engine: AsyncEngine, waiting: Iterator[list[LedgerBatch]]) -> None:
    for mine in waiting:
        for batch in mine:
            await append(engine, batch, recorded_at=T0 + timedelta(days=30))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(asked.url or f"sqlite+aiosqlite:///{Path(folder) / 'ledger.db'}"))
