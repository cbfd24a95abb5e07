"""`python -m tests.workflows.authority_history NAME` plays a region's month on a real server and keeps its history.

As with complaints (tests/histories/README.md) a history that is there is never written again.
"""

import asyncio
import sys
from datetime import timedelta

from temporalio.client import WorkflowHistory

from domain.commands import Actor, Role
from domain.goodwill import GoodwillKind
from policy.authorities import load_authorities
from settings import utc_now
from starter.demo.theatre import World
from starter.goodwill import Goodwill
from tests.ledger.building import a_whole_ticket
from tests.workflows.recording import HISTORIES, record_alone
from workflows.names import TASK_QUEUE, authority_id

FOLDER = HISTORIES / "authority"
MANAGER = Actor(role=Role.MANAGER, department="powertrain", id="manager-1")
DESK = Actor(role=Role.DIRECTOR, department="service", id="director-1")


async def played(stage: World) -> WorkflowHistory:
    """Held, made good, given back, nonsense, overdue at the desk, granted in part, refused, and expired."""
    door = Goodwill(stage.env.client, stage.engine, load_authorities(), task_queue=TASK_QUEUE, secret="s" * 32)
    at = utc_now()
    handle = stage.env.client.get_workflow_handle(authority_id("east", door.month(at)))
    for number, fen in enumerate((100_000, 50_000, 600_000, 700_000, 20_000), start=1):
        ticket = a_whole_ticket(f"H-{number}", customer={"phone": f"1380000{number:04}"}, vehicle={})
        said = {"region": "east", "kind": GoodwillKind.MONEY, "fen": fen, "request_id": f"h-{number}"}
        await door.ask(ticket, by=MANAGER, at=at, **said)  # type: ignore[arg-type]
    await door.commit("h-1", by=MANAGER)
    await door.release("h-2", by=MANAGER)
    await handle.execute_update("commit", {"nonsense": True})
    await stage.env.fast_forward(handle, timedelta(hours=25))
    await door.rule("h-3", granted=400_000, by=DESK)
    await door.rule("h-4", granted=0, by=DESK)
    await stage.env.fast_forward(handle, timedelta(hours=73))
    return await handle.fetch_history()


if __name__ == "__main__":
    asyncio.run(record_alone(played, FOLDER, *sys.argv[1:]))
