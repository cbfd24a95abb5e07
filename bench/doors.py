"""What a ledger of some size costs those who ask the API, over HTTP of a real process, and those who write it.

    .venv/bin/python -m bench.doors [--complaints 1000 10000 100000] [--databases sqlite postgresql] [--samples 60]

Each page is asked for by somebody signed in who sees every complaint. Wall time is the client's, with whatever else the
machine does; CPU is the API process's own, without a database server's.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bench import append, filling, ledgers
from bench.stage import cpu_ms, ours, running
from domain.commands import Role
from ledger import tables as t
from ledger.database import connect, reading, writing
from ledger.rebuilding import rebuild_some
from settings import Settings
from tests.starter.api_server import RunningApi
from tests.starter.people import signed_in

SIZES, SAMPLES, WARM = (1_000, 10_000, 100_000), 60, 5
ROUNDS, APPENDED, REBUILT, AT_A_TIME = 5, 40, 400, 20  # of writing: rounds, complaints a round
_NOWHERE = "/queue?whose=all&q=幽灵"  # a few complaints say it, and none that is open
_NARROW = "/queue?department=quality&q=制动"  # of a thousand complaints it may find none
_PAGES = {
    "queue": "/queue?whose=all",
    "queue_of_a_department": "/queue?department=quality",
    "board": "/board",
    "search_common": "/queue?whose=all&q=制动",  # one in seven says it
    "search_half": "/queue?whose=all&q=异响",
    "search_rare": _NOWHERE,
    "search_two_words": "/queue?whose=all&q=制动+异响",
    "search_of_a_department": _NARROW,
}
_TIMELINE = "timeline"
READ = (*_PAGES, _TIMELINE)
WRITTEN = ("append", "append_at_once", "rebuild")


@dataclass(frozen=True)
class Asked:
    """Milliseconds for one request; the samples were taken one after another."""

    samples: int
    p50_ms: float
    p95_ms: float
    cpu_ms: float


@dataclass(frozen=True)
class Written:
    """The median of a few rounds, and all of them; CPU is this process's."""

    per_second: float
    rounds: list[float]
    cpu_ms_an_event: float


async def measure(settings: Settings, complaints: int, *, samples: int = SAMPLES) -> dict[str, Any]:
    """Every figure of this ledger, by its name."""
    found: dict[str, Any] = {}
    async with _api(settings) as (api, process_id):
        person = await signed_in(api, Role.LEADERSHIP)
        async with person:
            for name, path in _PAGES.items():
                found[name] = asdict(await _asked(person, process_id, _again(path), samples=samples))
            numbers = filling.sample(samples + WARM, of_all=complaints)
            paths = (f"/api/v1/complaints/{number}/timeline" for number in numbers)
            found[_TIMELINE] = asdict(await _asked(person, process_id, paths, samples=len(numbers) - WARM))
    engine = connect(settings.ledger_url)
    try:
        found["append"] = asdict(await _appended(engine, at_once=1))
        found["append_at_once"] = asdict(await _appended(engine, at_once=append.AT_ONCE))
        found["rebuild"] = asdict(await _rebuilt(engine, of_all=complaints))
    finally:
        await engine.dispose()
    return found


@contextlib.asynccontextmanager
async def _api(settings: Settings) -> AsyncIterator[tuple[RunningApi, int]]:
    with running(ours("api"), settings.home / "api.log", settings) as process_id:
        async with RunningApi(settings) as api:
            await _lives(api)
            yield api, process_id


async def _lives(api: RunningApi) -> None:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx2.TransportError):
                await api.http.get("/healthz")
                return
            await asyncio.sleep(0.1)


def _again(path: str) -> Iterator[str]:
    while True:
        yield path


async def _asked(http: httpx2.AsyncClient, process_id: int, paths: Iterator[str], *, samples: int) -> Asked:
    for _ in range(WARM):
        await _get(http, next(paths))
    took, cpu = [], cpu_ms(process_id)
    for _ in range(samples):
        path, began = next(paths), time.perf_counter()
        await _get(http, path)
        took.append((time.perf_counter() - began) * 1000)
    cpu = cpu_ms(process_id) - cpu
    return Asked(samples, statistics.median(took), statistics.quantiles(took, n=20)[-1], cpu / samples)


async def _get(http: httpx2.AsyncClient, path: str) -> None:
    response = await http.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}: {response.text[:500]}")
    if path not in (_NOWHERE, _NARROW) and filling.PREFIX not in response.text:
        raise RuntimeError(f"{path} shows no complaint, so it measures nothing")


async def _appended(engine: AsyncEngine, *, at_once: int) -> Written:
    """What was appended is taken out again, so that the ledger keeps its size."""
    try:
        rounds = [await append.one_round(engine, at_once=at_once, complaints=APPENDED) for _ in range(ROUNDS)]
    finally:
        async with writing(engine) as connection:
            for table in (t.complaints, t.events, t.messages):
                await connection.execute(delete(table).where(table.c.ticket_no.startswith(append.PREFIX)))
    rates = [each.per_second for each in rounds]
    return Written(statistics.median(rates), rates, statistics.median(each.cpu_ms_an_event for each in rounds))


async def _rebuilt(engine: AsyncEngine, *, of_all: int) -> Written:
    """Neighbours, twenty a transaction as `vocloop ledger rebuild` takes them, from one place a round."""
    each = min(REBUILT, of_all // ROUNDS)
    counted, rates, costs = await _counted(engine), [], []
    for first in range(0, of_all // ROUNDS * ROUNDS, of_all // ROUNDS):
        some = [filling.number_of(place) for place in range(first, first + each)]
        events, wall, cpu = sum(counted[number] for number in some), time.perf_counter(), time.process_time()
        for at in range(0, each, AT_A_TIME):
            if broken := await rebuild_some(engine, some[at : at + AT_A_TIME]):
                raise RuntimeError(f"these cannot be folded: {broken}")
        rates.append(events / (time.perf_counter() - wall))
        costs.append(1000 * (time.process_time() - cpu) / events)
    return Written(statistics.median(rates), rates, statistics.median(costs))


async def _counted(engine: AsyncEngine) -> dict[str, int]:
    """How many events each complaint has."""
    async with reading(engine) as connection:
        rows = await connection.execute(select(t.complaints.c.ticket_no, t.complaints.c.seq))
        return dict(rows.all())


async def play(asked: argparse.Namespace) -> dict[str, Any]:
    """Every size on every database: `{"sqlite": {"1000": {…}}}`, with the faults that a check of the chain found."""
    found: dict[str, Any] = {}
    for database in asked.databases:
        for complaints in asked.complaints:
            async with ledgers.filled(database, complaints, to=asked.to) as settings:
                events = ledgers.events_in(settings.home)
                figures = await measure(settings, complaints, samples=asked.samples)
            found.setdefault(database, {})[str(complaints)] = {"events": events, **figures}
    return found


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--complaints", type=int, nargs="+", default=list(SIZES), help="sizes of the ledgers")
    parser.add_argument("--databases", nargs="+", choices=ledgers.DATABASES, default=list(ledgers.DATABASES))
    parser.add_argument("--samples", type=int, default=SAMPLES, help="requests of each page")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options(parser)
    parser.add_argument("--to", type=Path, default=Path("build/bench"))
    print(json.dumps(asyncio.run(play(parser.parse_args())), indent=1))


if __name__ == "__main__":
    main()
