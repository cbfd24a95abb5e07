"""A complaint's happy path beside a bare skeleton and a workflow that does nothing, in turns, on one in-memory server.

CPU is the operating system's, of the server and the worker together; the client and the reference CRM are
processes of their own and are not counted. Without a pause before each message what is to be sent gathers into fewer
batches than in life, and both the complaint and its skeleton look cheaper. Rates depend on who else uses the machine;
CPU does so far less.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from temporalio.client import WorkflowHandle, WorkflowHistory

from bench import histories
from bench.histories import Script
from bench.shapes import QUEUE, Nothing, Skeleton
from bench.stage import Stage, cpu_ms
from domain.commands import Actor
from ledger import notes
from settings import utc_now
from tests.workflows.cases import CUSTOMER, a_ticket, responder
from workflows.names import TASK_QUEUE, workflow_id

_numbers = count(1)
Shape = Callable[[Stage, Script, float], Awaitable[WorkflowHandle[Any, Any]]]


@dataclass(frozen=True)
class Measured:
    """One round of one shape; CPU in milliseconds for each workflow."""

    server_ms: float
    worker_ms: float
    per_second: float

    @property
    def cpu_ms(self) -> float:
        return self.server_ms + self.worker_ms


async def nothing(stage: Stage, _script: Script, _pause: float) -> WorkflowHandle[Any, Any]:
    handle = await stage.client.start_workflow(Nothing.run, id=f"nothing-{next(_numbers)}", task_queue=QUEUE)
    await handle.result()
    return handle


async def skeleton(stage: Stage, script: Script, pause: float) -> WorkflowHandle[Any, Any]:
    number = f"skeleton-{next(_numbers)}"
    handle = await stage.client.start_workflow(Skeleton.run, script, id=number, task_queue=QUEUE)
    for _ in range(script.beats - 1):
        await asyncio.sleep(pause)
        await handle.execute_update(Skeleton.beat)
    await handle.result()
    return handle


async def complaint(stage: Stage, _script: Script, pause: float) -> WorkflowHandle[Any, Any]:
    """Trigger, accept, claim, confirmed, closed; everything it has to send has left when it is back."""
    ticket = a_ticket()
    number = ticket.ticket_no
    (await stage.crm.post("/tickets", json=ticket.model_dump(mode="json"))).raise_for_status()
    await stage.complaints.open(ticket, received_at=utc_now())
    owner, engine = responder("powertrain"), stage.engine
    note_id = await notes.keep(engine, ticket_no=number, text="Replaced.", author="bench", at=utc_now())
    handle: WorkflowHandle[Any, Any] = stage.client.get_workflow_handle(workflow_id(number))
    steps: list[tuple[str, Actor, dict[str, Any]]] = [
        ("accept", owner, {}),
        ("claim", owner, {"note_id": note_id, "root_cause": "supplier_part"}),
        ("customer_reply", CUSTOMER, {"answer": "confirm", "round": 1}),
    ]
    for name, by, body in steps:
        await asyncio.sleep(pause)
        said = {"command_id": name, "received_at": utc_now().isoformat(), "actor": by.model_dump(mode="json"), **body}
        receipt = await handle.execute_update(name, said)
        if not receipt["accepted"]:
            raise RuntimeError(f"{name} was refused: {receipt}")
    await handle.result()
    return handle


_SHAPES: dict[str, tuple[Shape, str]] = {
    "noop": (nothing, QUEUE),
    "skeleton": (skeleton, QUEUE),
    "complaint": (complaint, TASK_QUEUE),
}


async def measured(stage: Stage, name: str, script: Script, *, asked: argparse.Namespace, each: int) -> Measured:
    """One round: `each` workflows, `asked.at_once` at a time."""
    shape, queue = _SHAPES[name]
    lanes = asyncio.Semaphore(asked.at_once)

    async def one() -> None:
        async with lanes:
            await shape(stage, script, asked.pause)

    server, worker, began = cpu_ms(stage.server), cpu_ms(stage.workers[queue]), time.perf_counter()
    await asyncio.gather(*(one() for _ in range(each)))
    took = time.perf_counter() - began
    server, worker = cpu_ms(stage.server) - server, cpu_ms(stage.workers[queue]) - worker
    return Measured(server_ms=server / each, worker_ms=worker / each, per_second=each / took)


async def play(stage: Stage, asked: argparse.Namespace) -> dict[str, Any]:
    """The script is read off a complaint of this run, so it cannot be another than today's."""
    empty = Script(outlets={}, upserts=[0], timers=[0], patches=[0])
    sample: WorkflowHistory = await (await complaint(stage, empty, asked.pause)).fetch_history()
    script = histories.script_of(sample)
    bare = await (await skeleton(stage, script, asked.pause)).fetch_history()
    await measured(stage, "noop", script, asked=asked, each=asked.each * 4)  # the first tasks warm caches
    found: dict[str, list[Measured]] = {name: [] for name in _SHAPES}
    for _ in range(asked.rounds):
        for name in _SHAPES:
            many = asked.each * 4 if name == "noop" else asked.each  # the clock of CPU ticks every 10 ms
            found[name].append(await measured(stage, name, script, asked=asked, each=many))
    return {
        "asked": vars(asked),
        "script": asdict(script),
        "skeleton_kinds": histories.kinds(bare),
        **_figures(found, sample),
    }


def _figures(found: dict[str, list[Measured]], sample: WorkflowHistory) -> dict[str, Any]:
    """The ratios are medians of the rounds' own ratios: each round's three stood beside each other in time."""
    rounds = list(zip(found["noop"], found["skeleton"], found["complaint"], strict=True))
    return {
        "complaint_to_noop_cpu": statistics.median(ours.cpu_ms / noop.cpu_ms for noop, _, ours in rounds),
        "complaint_to_skeleton_cpu": statistics.median(ours.cpu_ms / bare.cpu_ms for _, bare, ours in rounds),
        "history_events": len(sample.events),
        "history_bytes": histories.size(sample),
        "billable_actions": histories.billable_actions(sample),
        "kinds": histories.kinds(sample),
        "bytes_by_kind": histories.sizes(sample),
        "medians": {name: _median(each) for name, each in found.items()},
        "rounds": {name: [asdict(one) for one in each] for name, each in found.items()},
    }


def _median(rounds: list[Measured]) -> dict[str, float]:
    return {
        "server_ms": statistics.median(one.server_ms for one in rounds),
        "worker_ms": statistics.median(one.worker_ms for one in rounds),
        "cpu_ms": statistics.median(one.cpu_ms for one in rounds),
        "per_second": statistics.median(one.per_second for one in rounds),
    }


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--each", type=int, default=8)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds before each message, as people take longer")
    return parser
