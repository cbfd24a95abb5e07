"""Thousands of open complaints, deadlines falling due among them, a worker that goes and comes back, and a storm.

    make bench ARGS="--only deadlines [--open 5000] [--due 300] [--away 60] [--storm 500] [--storms 3]"

Each complaint is made so long before its trigger that its escalation after five days falls due at a chosen instant, so
nothing is waited for but that. A deadline is late by what its event says (`noticed_at`), and by when it stood in the
ledger; both are told. No CRM is connected here. The instants are this machine's, and so is its load.
"""

import argparse
import asyncio
import json
import math
import os
import signal
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select
from temporalio.common import WorkflowIDConflictPolicy

from bench.shapes import QUEUE, Nothing
from bench.stage import Stage, a_worker, cpu_ms, memory_kib, staged
from domain.ticket import Ticket
from ledger import policies, tickets
from ledger import tables as t
from policy.reading import load
from settings import utc_now
from workflows.carrying import ComplaintStart
from workflows.complaint import ComplaintWorkflow
from workflows.names import TASK_QUEUE, workflow_id

AGE = timedelta(days=5)  # of the first escalation, by the shipped rules
A_SECOND_HAS = 2  # deadlines, in the steady part
_LEAD = timedelta(seconds=10)  # between the last complaint that is opened and the first deadline
_LANES = 16
_numbers = count(1)


@dataclass(frozen=True)
class Fired:
    """One deadline: in milliseconds, how late it was noticed, and how late it stood in the ledger."""

    noticed_ms: float
    recorded_ms: float
    recorded_at: datetime


async def opened(stage: Stage, dues: Sequence[datetime]) -> list[str]:
    """A complaint for each of these instants, all of them open and told; returns their numbers."""
    policy = load(None).policy_at(utc_now())
    await policies.keep(stage.engine, policy)
    lanes = asyncio.Semaphore(_LANES)

    async def one(due: datetime) -> str:
        async with lanes:
            number = f"D-{next(_numbers)}"
            ticket = Ticket(ticket_no=number, created_at=due - AGE, tags=("engine.hard_start",))
            now = utc_now()
            await tickets.keep(stage.engine, ticket, received_at=now)
            facts = ticket.facts(received_at=now, matrix=policy.matrix)
            await stage.client.start_workflow(
                ComplaintWorkflow.run,
                ComplaintStart(ticket=facts, policy=policy, together=True),
                id=workflow_id(number),
                task_queue=TASK_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
            return number

    return await asyncio.gather(*map(one, dues))


async def all_told(stage: Stage, kind: str, numbers: Sequence[str], *, within: float) -> float:
    """Seconds until each of these has such an event in the ledger. Raises TimeoutError."""
    begun = time.perf_counter()
    async with asyncio.timeout(within):
        while len(await _events(stage, kind, numbers)) < len(numbers):  # noqa: ASYNC110 - written by the worker
            await asyncio.sleep(1)
    return time.perf_counter() - begun


async def fired(stage: Stage, numbers: Sequence[str]) -> list[Fired]:
    """The escalations of these, in the order in which they stood in the ledger."""
    found = [
        Fired(
            noticed_ms=_ms(datetime.fromisoformat(body["noticed_at"]) - datetime.fromisoformat(body["due_at"])),
            recorded_ms=_ms(recorded_at - datetime.fromisoformat(body["due_at"])),
            recorded_at=recorded_at,
        )
        for body, recorded_at in await _events(stage, "escalation_raised", numbers)
    ]
    return sorted(found, key=lambda one: one.recorded_at)


async def _events(stage: Stage, kind: str, numbers: Sequence[str]) -> list[tuple[dict[str, Any], datetime]]:
    found: list[tuple[dict[str, Any], datetime]] = []
    async with stage.engine.connect() as connection:
        for some in _slices(numbers):
            wanted = select(t.events.c.body, t.events.c.recorded_at).where(
                t.events.c.kind == kind, t.events.c.ticket_no.in_(some)
            )
            found += [(json.loads(row.body), row.recorded_at) for row in await connection.execute(wanted)]
    return found


def _slices(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[first : first + 500] for first in range(0, len(numbers), 500))


async def steadily(stage: Stage, asked: argparse.Namespace) -> dict[str, Any]:
    """With `asked.open` complaints open, `asked.due` deadlines two a second."""
    before = memory_kib(stage.workers[TASK_QUEUE])
    begun = time.perf_counter()
    far = [utc_now() + timedelta(days=4)] * (asked.open - asked.due)
    waiting = await opened(stage, far)
    await all_told(stage, "dispatched", waiting, within=3600)
    first = utc_now() + timedelta(seconds=asked.due / 4) + _LEAD  # opening these takes a while
    due = await opened(stage, list(every(1 / A_SECOND_HAS, first, asked.due)))
    await all_told(stage, "dispatched", due, within=600)
    took, slack = time.perf_counter() - begun, (first - utc_now()).total_seconds()
    held = memory_kib(stage.workers[TASK_QUEUE]) - before
    _tell(f"{asked.open} open after {took:.0f} s, {held / asked.open:.0f} KiB each; the first is due in {slack:.0f} s")
    cpu = cpu_ms(stage.workers[TASK_QUEUE]) + cpu_ms(stage.server)
    await asyncio.sleep(max(0.0, (first - utc_now()).total_seconds()) + asked.due / A_SECOND_HAS)
    await all_told(stage, "escalation_raised", due, within=300)
    cpu = cpu_ms(stage.workers[TASK_QUEUE]) + cpu_ms(stage.server) - cpu
    found = await fired(stage, due)
    return {
        "lateness_p50_ms": percentile([one.noticed_ms for one in found], 50),
        "lateness_p99_ms": percentile([one.noticed_ms for one in found], 99),
        "in_ledger_p99_ms": percentile([one.recorded_ms for one in found], 99),
        "worker_kib_per_open_complaint": held / asked.open,
        "deadline_cpu_ms": cpu / asked.due,
        "open_per_second": asked.open / took,
        "first_was_due_after_s": slack,
    }


async def away(stage: Stage, asked: argparse.Namespace) -> dict[str, Any]:
    """The worker is stopped, deadlines pass, it comes back: seconds until all of them are in the ledger."""
    first = utc_now() + timedelta(seconds=asked.due / 4) + _LEAD
    due = await opened(stage, list(every(1 / A_SECOND_HAS, first, A_SECOND_HAS * asked.away)))
    await all_told(stage, "dispatched", due, within=600)
    os.kill(stage.workers[TASK_QUEUE], signal.SIGTERM)
    await asyncio.sleep(max(0.0, (first - utc_now()).total_seconds()) + asked.away)
    begun = time.perf_counter()
    with a_worker(stage.home, stage.settings):
        await all_told(stage, "escalation_raised", due, within=900)
        return {"catch_up_s": time.perf_counter() - begun, "passed_meanwhile": len(due)}


async def storm(stage: Stage, asked: argparse.Namespace) -> dict[str, Any]:
    """So many deadlines in one second, beside as many no-op workflows started at once, in turns."""
    shares: list[float] = []
    rounds: list[dict[str, float]] = []
    for _ in range(asked.storms):
        begun = time.perf_counter()
        await asyncio.gather(*[_nothing(stage) for _ in range(asked.storm)])
        noop = asked.storm / (time.perf_counter() - begun)
        first = utc_now() + timedelta(seconds=asked.storm / 4) + _LEAD
        due = await opened(stage, list(every(1 / asked.storm, first, asked.storm)))
        await all_told(stage, "dispatched", due, within=600)
        await asyncio.sleep(max(0.0, (first - utc_now()).total_seconds()))
        await all_told(stage, "escalation_raised", due, within=600)
        found = await fired(stage, due)
        drained = asked.storm / (found[-1].recorded_at - first).total_seconds()
        shares.append(drained / noop)
        rounds.append({"noop_per_second": noop, "drained_per_second": drained})
        _tell(f"storm of {asked.storm}: {drained:.1f} a second, no-ops {noop:.1f}")
    return {"storm_to_noop_rate": statistics.median(shares), "storm_rounds": rounds}


async def _nothing(stage: Stage) -> None:
    await stage.client.execute_workflow(Nothing.run, id=f"storm-nothing-{next(_numbers)}", task_queue=QUEUE)


async def play(asked: argparse.Namespace) -> dict[str, Any]:
    async for stage in _fresh(asked.open + 1000):
        found = await steadily(stage, asked) | await away(stage, asked)
    async for stage in _fresh(asked.open + 1000):
        found |= await storm(stage, asked)
    return found | {"deadlines_asked": vars(asked)}


async def _fresh(cached: int) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory() as home:
        async with staged(Path(home), with_crm=False, max_cached_workflows=cached) as stage:
            yield stage


def every(seconds: float, first: datetime, many: int) -> Iterator[datetime]:
    return (first + timedelta(seconds=seconds * number) for number in range(many))


def percentile(values: Sequence[float], share: int) -> float:
    """The nearest rank: of 300 values the 99th percentile is the fourth largest."""
    return sorted(values)[math.ceil(len(values) * share / 100) - 1]


def _ms(length: timedelta) -> float:
    return length.total_seconds() * 1000


def _tell(line: str) -> None:
    print(line, flush=True)


def options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--open", type=int, default=5000, help="complaints that are open all the while")
    parser.add_argument("--due", type=int, default=300, help="of them, how many fall due, two a second")
    parser.add_argument("--away", type=int, default=60, help="seconds for which the worker is gone")
    parser.add_argument("--storm", type=int, default=500, help="deadlines in one second")
    parser.add_argument("--storms", type=int, default=3)
    return parser
