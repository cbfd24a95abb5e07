"""The door to red lines: begin those that are owed, and bring what a decision-maker orders.

A row of the ledger says what is owed (ledger/red_lines.py). Any number of workers may begin it: the workflow's id lets
it begin once, for ever.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.red_line import Calling, Order, Origin
from domain.red_line_outlets import RedLineReceipt
from ledger import database, red_lines
from ledger.red_lines import RedLineRow
from policy.red_line_calling import load_calling
from settings import Settings, utc_now
from workflows import names
from workflows.red_line import RedLineStart, RedLineWorkflow

LOOK_EVERY = timedelta(seconds=1)
ANSWER_WITHIN = timedelta(seconds=5)

_log = logging.getLogger("vocloop.red_lines")


async def begin_owed(client: Client, engine: AsyncEngine, calling: Calling, *, task_queue: str) -> int:
    """Begin each that Temporal does not have yet; how many. Raises what a call to Temporal raises."""
    owed = await red_lines.owed(engine)
    for row in owed:
        await _begin(client, row, calling, task_queue=task_queue)
        await red_lines.started(engine, row.red_line_id, at=utc_now())
    return len(owed)


@contextlib.asynccontextmanager
async def begun(client: Client, settings: Settings) -> AsyncIterator[None]:
    """What is owed is begun within a second or two for as long as this lasts. Raises PolicyError."""
    engine, calling = database.connect(settings.ledger_url), load_calling(settings.policy)
    going = asyncio.create_task(_begin_for_ever(client, engine, calling, settings.task_queue))
    try:
        yield
    finally:
        going.cancel()
        await asyncio.wait([going])
        await engine.dispose()


async def order(client: Client, red_line_id: str, given: Order) -> RedLineReceipt:
    """Raises TimeoutError, RPCError or RuntimeError while Temporal is away, and RPCError when it has ended."""
    handle = client.get_workflow_handle(names.red_line_id(red_line_id))
    try:
        async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
            receipt: RedLineReceipt = await handle.execute_update(
                RedLineWorkflow.order, given.model_dump(mode="json"), id=given.command_id, rpc_timeout=ANSWER_WITHIN
            )
            return receipt
    except (WorkflowUpdateRPCTimeoutOrCancelledError, WorkflowUpdateFailedError) as error:
        raise TimeoutError("nobody answered in time, or it ended meanwhile") from error


async def _begin_for_ever(client: Client, engine: AsyncEngine, calling: Calling, task_queue: str) -> None:
    while True:
        try:
            await begin_owed(client, engine, calling, task_queue=task_queue)
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive every error
            _log.warning("red lines wait to be begun: %s", type(error).__name__)
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def _begin(client: Client, row: RedLineRow, calling: Calling, *, task_queue: str) -> None:
    with contextlib.suppress(WorkflowAlreadyStartedError):
        await client.start_workflow(
            RedLineWorkflow.run,
            RedLineStart(origin=_origin(row, calling, at=row.told_at)),
            id=names.red_line_id(row.red_line_id),
            task_queue=task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"{row.red_line_id}: {', '.join(row.matters) or row.source.value}"[:200],
            rpc_timeout=ANSWER_WITHIN,
        )


def _origin(row: RedLineRow, calling: Calling, *, at: datetime) -> Origin:
    return Origin(
        id=row.red_line_id,
        ticket_no=row.ticket_no,
        source=row.source,
        matters=row.matters,
        opened_at=at,
        calling=calling,
    )
