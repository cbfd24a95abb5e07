"""`python -m tests.workflows.red_line_history NAME` plays a red line on a real server and keeps its history.

As with complaints (tests/histories/README.md) a history that is there is never written again.
"""

import asyncio
import sys
from datetime import timedelta

from temporalio.client import WorkflowHistory

from domain.commands import Actor, Role
from domain.red_line import Act, Containment, Review
from ledger import inbox, notes
from settings import utc_now
from starter.demo.theatre import World
from tests.ledger.building import a_whole_ticket
from tests.workflows.cases import until
from tests.workflows.recording import HISTORIES, record_alone
from tests.workflows.test_red_line import Line
from workflows.names import TASK_QUEUE, red_line_id

FOLDER = HISTORIES / "red_line"
ENGINEER = Actor(role=Role.VP, department="powertrain", id="vp-9")


async def played(stage: World) -> WorkflowHistory:
    """Nobody is reached, all are called again and again; a wrong one is refused, the right one decides and closes."""
    number = "RL-recorded"
    ticket = a_whole_ticket(number, created_at=utc_now())
    await inbox.take_ticket(stage.engine, ticket, received_at=utc_now(), key=f"ticket:{number}", matters=("fire",))
    line = Line(stage, number)
    await line.begin(TASK_QUEUE)
    await until(line.calls, lambda calls: len(calls) >= 4)
    await line.pass_time(timedelta(minutes=25))
    await line.order(Act.ACKNOWLEDGE, ENGINEER)
    await line.order(Act.ACKNOWLEDGE)
    await line.order(Act.DECIDE, containment=Containment.STOP_DRIVE)
    await line.pass_time(timedelta(hours=2))
    note_id = await notes.keep(stage.engine, ticket_no=number, text="Seen.", author="vp-1", at=utc_now())
    await line.order(Act.CLOSE, review=Review.HANDED_ON, note_id=note_id)
    handle = stage.env.client.get_workflow_handle(red_line_id(number))
    await handle.result()
    return await handle.fetch_history()


if __name__ == "__main__":
    asyncio.run(record_alone(played, FOLDER, *sys.argv[1:]))
