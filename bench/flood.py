"""A flood of signals to one complaint, while its neighbours' deadlines fall due two a second.

    make bench ARGS="--only flood [--signals 10000] [--neighbours 120]"

The signals come as fast as two hundred senders get them in, past our API, by the plain client. The server's limit is
that of `vocloop up`. A sender that is told by the server that its signal was not taken sends it again half a second
later, until it is: so all of them come in, over several runs of the complaint, and each stands in its ledger, decided
or counted as refused. Neighbours are late by what their escalations' events say.
"""

import argparse
import asyncio
import json
import tempfile
import time
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from bench.deadlines import A_SECOND_HAS, all_told, every, fired, opened, percentile
from bench.stage import Stage, cpu_ms, staged
from ledger import notes
from ledger import tables as t
from settings import utc_now
from workflows.names import TASK_QUEUE, workflow_id

_SENDERS = 200
_PATIENCE_S = 900
_AGAIN_S = 0.5
_numbers = count(1)


async def play(asked: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        async with staged(Path(home), with_crm=False) as stage:
            return {"flood": await flooded(stage, asked)}


def figures(found: dict[str, Any]) -> dict[str, float]:
    return {"flood_neighbour_p99_ms": found["flood"]["neighbour_p99_ms"]}


async def flooded(stage: Stage, asked: argparse.Namespace) -> dict[str, Any]:
    """What became of the flood, and how late its neighbours were."""
    (victim,) = await opened(stage, [utc_now() + timedelta(days=4)])
    await all_told(stage, "dispatched", [victim], within=60)
    first = utc_now() + timedelta(seconds=asked.neighbours / 8 + 5)
    neighbours = await opened(stage, list(every(1 / A_SECOND_HAS, first, asked.neighbours)))
    await all_told(stage, "dispatched", neighbours, within=300)
    await asyncio.sleep(max(0.0, (first - utc_now()).total_seconds()))
    cpu, begun = cpu_ms(stage.workers[TASK_QUEUE]) + cpu_ms(stage.server), time.perf_counter()
    turned_away = await _send(stage, victim, asked.signals)
    sent_in = time.perf_counter() - begun
    decided, refused = await _settled(stage, victim, asked.signals)
    settled_in = time.perf_counter() - begun
    await all_told(stage, "escalation_raised", neighbours, within=_PATIENCE_S)
    late = [one.noticed_ms for one in await fired(stage, neighbours)]
    return {
        "signals": asked.signals,
        "sent_again": turned_away,
        "decided": decided,
        "counted_as_refused": refused,
        "runs": await _runs(stage, victim),
        "sent_in_s": sent_in,
        "settled_in_s": settled_in,
        "cpu_ms_a_signal": (cpu_ms(stage.workers[TASK_QUEUE]) + cpu_ms(stage.server) - cpu) / asked.signals,
        "neighbours": asked.neighbours,
        "neighbour_p50_ms": percentile(late, 50),
        "neighbour_p99_ms": percentile(late, 99),
        "neighbour_most_ms": max(late),
    }


async def _send(stage: Stage, victim: str, many: int) -> int:
    """Have so many taken; how often the server said no."""
    handle: WorkflowHandle[Any, Any] = stage.client.get_workflow_handle(workflow_id(victim))
    note_id = await notes.keep(stage.engine, ticket_no=victim, text="Seen to.", author="bench", at=utc_now())
    actor = {"role": "responder", "department": "powertrain", "id": "flooder"}
    gate = asyncio.Semaphore(_SENDERS)

    async def one() -> int:
        said = {"command_id": f"f{next(_numbers)}", "received_at": utc_now().isoformat(), "actor": actor}
        for refused in count():
            try:
                async with gate:
                    await handle.signal("post_progress", {**said, "note_id": note_id})
                return refused
            except RPCError:
                await asyncio.sleep(_AGAIN_S)
        raise AssertionError("unreachable")

    return sum(await asyncio.gather(*(one() for _ in range(many))))


async def _settled(stage: Stage, victim: str, taken: int) -> tuple[int, int]:
    """Wait until all that was taken stands in the ledger: decided, and refused with their number."""
    e = t.events.c
    query = select(e.kind, func.count()).where(e.ticket_no == victim).group_by(e.kind)
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            async with stage.engine.connect() as connection:
                kinds = {kind: many for kind, many in await connection.execute(query)}  # noqa: C416 - rows, not pairs
                told = select(e.body).where(e.ticket_no == victim, e.kind == "message_rejected")
                codes = [json.loads(body)["code"] for body in await connection.scalars(told)]
            decided = kinds.get("progress_posted", 0) + kinds.get("command_refused", 0)
            refused = sum(int(code.partition(": ")[2]) for code in codes if code.startswith("flooded"))
            if decided + refused >= taken:
                return decided, refused
            await asyncio.sleep(0.5)


async def _runs(stage: Stage, victim: str) -> int:
    query = f'WorkflowId = "{workflow_id(victim)}"'
    return len([each async for each in stage.client.list_workflows(query)])


def options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--signals", type=int, default=10_000, help="the flood")
    parser.add_argument("--neighbours", type=int, default=120, help="complaints with a deadline meanwhile")
    return parser
