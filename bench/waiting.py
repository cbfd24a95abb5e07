"""How long a writer of the SQLite ledger waits while another process writes without pause.

    .venv/bin/python -m bench.waiting [--transaction-ms 50] [--writes 20]

The other process is this module too: `--flood FILE` writes until its parent ends it.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import tables as t
from ledger.database import connect, migrate, writing
from tests.builders import T0

_HERE = Path(__file__).parents[1]
PAUSE_S = 0.02  # between two writes of who waits, as an API's requests come


async def flood(url: str, *, each_s: float) -> None:
    """Write without pause, `each_s` seconds in every transaction; says a line when the first one is done."""
    engine, number = connect(url), 0
    while True:
        await _write(engine, f"flood-{number}", takes_s=each_s)
        if number == 0:
            print("begun", flush=True)
        number += 1


async def waits(url: str, *, writes: int, patience: timedelta) -> list[float]:
    """Seconds that each of so many writes took. Raises LedgerUnavailable when one was not let in for `patience`."""
    engine, took = connect(url, patience=patience), []
    try:
        for number in range(writes):
            await asyncio.sleep(PAUSE_S)
            begun = time.perf_counter()
            await _write(engine, f"wait-{number}")
            took.append(time.perf_counter() - begun)
    finally:
        await engine.dispose()
    return took


async def beside_a_flood(url: str, *, each_s: float, writes: int, patience: timedelta) -> list[float]:
    """`waits`, while another process floods the ledger."""
    command = [sys.executable, "-m", "bench.waiting", "--flood", url, "--transaction-ms", str(1000 * each_s)]
    other = await asyncio.create_subprocess_exec(*command, cwd=_HERE, stdout=subprocess.PIPE)
    try:
        assert other.stdout
        assert await other.stdout.readline() == b"begun\n"
        return await waits(url, writes=writes, patience=patience)
    finally:
        other.kill()
        await other.wait()


async def _write(engine: AsyncEngine, key: str, *, takes_s: float = 0.0) -> None:
    async with writing(engine) as connection:
        await connection.execute(insert(t.notes).values(note_id=key, ticket_no="T-1", at=T0))
        await asyncio.sleep(takes_s)


async def measure(*, each_s: float, writes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'ledger.db'}"
        await migrate(url)
        took = await beside_a_flood(url, each_s=each_s, writes=writes, patience=timedelta(seconds=15))
    print(f"{writes} writes waited {sum(took) / writes:.3f} s on average, {max(took):.3f} s at most")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flood", metavar="URL", default="")
    parser.add_argument("--transaction-ms", type=float, default=50.0)
    parser.add_argument("--writes", type=int, default=20)
    asked = parser.parse_args()
    each_s = asked.transaction_ms / 1000
    asyncio.run(
        flood(asked.flood, each_s=each_s) if asked.flood else measure(each_s=each_s, writes=asked.writes),
    )
