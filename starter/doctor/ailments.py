"""What can be wrong with a running Vocloop: each look finds one kind of trouble and says what to do about it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import combinations

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from domain.complaint import Stage
from ledger import inbox, queries
from starter.connecting import missing_search_attributes
from starter.stopping import CannotGoOn
from workflows.names import BLOCKED_ON, workflow_id
from workflows.outbox import OUTLETS

_LIMIT = 50  # complaints looked at, and named, per kind of trouble
_AT_ONCE = 5  # describe calls in flight: the server limits a namespace's calls per second
_INBOX_PATIENCE = timedelta(minutes=1)
_POLL_PATIENCE = timedelta(seconds=90)  # a live worker polls anew at least every 60 s
_MANY_ATTEMPTS = 5
_NAMED = 5  # complaints that a finding about many names
_MANY_ENDED = 1000
_ENDED_BADLY = (
    WorkflowExecutionStatus.FAILED,
    WorkflowExecutionStatus.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT,
    WorkflowExecutionStatus.CANCELED,
)
_ENDED = "WorkflowType = 'ComplaintWorkflow' AND ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')"


class Finding(BaseModel):
    """One trouble: what it is, where it is seen, and what to do. `code` stays the same between releases."""

    model_config = ConfigDict(frozen=True)

    code: str
    what: str
    where: str
    do: str


async def undelivered(engine: AsyncEngine, at: datetime) -> list[Finding]:
    """Tickets and commands that we took and Temporal does not have yet."""
    rows = await inbox.undelivered(engine, before=at - _INBOX_PATIENCE, limit=_LIMIT)
    return [
        Finding(
            code="undelivered",
            what=f"The inbox holds a {row.kind} of {row.received_at:%Y-%m-%d %H:%M} UTC that Temporal does not have.",
            where=row.ticket_no,
            do="See that the API runs and reaches Temporal; its sweep delivers it. Nothing is lost meanwhile.",
        )
        for row in rows
    ]


async def overdue(engine: AsyncEngine, at: datetime) -> list[Finding]:
    """Deadlines that have passed and that the complaint's workflow has not handled."""
    return [
        Finding(
            code="overdue",
            what=f"The deadline {row.next_rule} of {row.next_due_at:%Y-%m-%d %H:%M} UTC has passed unhandled.",
            where=row.ticket_no,
            do="See that a worker runs; then look at the workflow's last events in the Temporal UI.",
        )
        for row in await queries.overdue_unhandled(engine, at=at, limit=_LIMIT)
    ]


async def search_attributes(client: Client) -> list[Finding]:
    try:
        missing = await missing_search_attributes(client)
    except CannotGoOn as clash:
        return [_search_attribute_finding(client, str(clash))]
    return [_search_attribute_finding(client, f"{name} is not registered.") for name in missing]


def _search_attribute_finding(client: Client, what: str) -> Finding:
    return Finding(
        code="search_attribute",
        what=what,
        where=f"namespace {client.namespace}",
        do="Start `vocloop worker` once with the right to register it; workflows wait until it is there.",
    )


async def unpolled(client: Client, task_queue: str, at: datetime) -> list[Finding]:
    """Whether a worker asks for work. The server lists a worker for minutes after its end, so its last poll counts."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    pollers = (await client.workflow_service.describe_task_queue(request)).pollers
    if any(at - poller.last_access_time.ToDatetime(at.tzinfo) < _POLL_PATIENCE for poller in pollers):
        return []
    return [
        Finding(
            code="no_worker",
            what="No worker asks for work, so no deadline is handled and no command decided.",
            where=f"task queue {task_queue}",
            do="Start one with `vocloop up` or `vocloop worker`; passed deadlines are caught up in due order.",
        )
    ]


async def failing_tasks(client: Client) -> list[Finding]:
    """Workflows whose code keeps failing: a bug of ours, or code that does not fit their history."""
    return [
        Finding(
            code="failing_task",
            what="The workflow's code fails again and again, so nothing happens in this complaint.",
            where=execution.id,
            do="Read the last WorkflowTaskFailed event in the Temporal UI, deploy the mended code, or roll back.",
        )
        async for execution in _listed(client, "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'")
    ]


async def refused_outlets(client: Client, task_queue: str) -> list[Finding]:
    """Outlets that said no for good: a fault of set-up that repeating does not cure. One finding each."""
    together = [",".join(some) for n in range(1, len(OUTLETS) + 1) for some in combinations(sorted(OUTLETS), n)]
    found = []
    for outlet in OUTLETS:
        with_it = ", ".join(repr(outlets) for outlets in together if outlet in outlets.split(","))
        query = f"ExecutionStatus = 'Running' AND TaskQueue = '{task_queue}' AND {BLOCKED_ON.name} IN ({with_it})"
        if count := (await client.count_workflows(query)).count:
            named = [execution.id async for execution in client.list_workflows(query, limit=_NAMED)]
            found.append(_refused(outlet, count, named))
    return found


def _refused(outlet: str, count: int, named: list[str]) -> Finding:
    what = "what one complaint sends" if count == 1 else f"what {count} complaints send"
    return Finding(
        code="outlet_refuses",
        what=f"It refuses {what}: {', '.join(named)}{', …' if count > len(named) else ''}.",
        where=f"outlet {outlet}",
        do="Read the failed activity in the Temporal UI and mend its set-up; it is asked again by itself.",
    )


async def ended_early(client: Client, engine: AsyncEngine, task_queue: str) -> list[Finding]:
    """Complaints that nobody works any more: their workflow is over, and by the ledger they are not closed."""
    found: dict[str, Finding] = {}
    async for execution in client.list_workflows(f"{_ENDED} AND TaskQueue = '{task_queue}'", limit=_MANY_ENDED):
        ticket_no = execution.id.removeprefix(workflow_id(""))
        if execution.id in found or len(found) == _LIMIT:
            continue
        complaint = await queries.complaint(engine, ticket_no)
        # An earlier run may have been ended by a reset: the last one counts.
        if (complaint is None or complaint.stage is not Stage.CLOSED) and (
            how := await _how_it_ended(client, execution)
        ):
            found[execution.id] = _ended(ticket_no, how, stage=complaint.stage if complaint else "unknown")
    return list(found.values())


async def _how_it_ended(client: Client, execution: WorkflowExecution) -> str:
    """ "" while the last run goes on."""
    status = (await client.get_workflow_handle(execution.id).describe()).status
    return status.name.lower().replace("_", " ") if status and status in _ENDED_BADLY else ""


def _ended(ticket_no: str, how: str, *, stage: str) -> Finding:
    return Finding(
        code="ended_early",
        what=f"Its workflow is {how} and its stage in the ledger {stage}: nobody is reminded and no command decided.",
        where=ticket_no,
        do="Tell operations, see `vocloop show` and work it by hand: it cannot be started again from the ledger yet.",
    )


async def old_backlogs(client: Client, task_queue: str) -> list[Finding]:
    """Pumps that try again and again. Looks at a bounded sample of the open complaints: each costs one call."""
    query = f"ExecutionStatus = 'Running' AND TaskQueue = '{task_queue}'"
    gate = asyncio.Semaphore(_AT_ONCE)

    async def look(execution: WorkflowExecution) -> list[Finding]:
        async with gate:
            handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
            pending = (await handle.describe()).raw_description.pending_activities
        return [
            Finding(
                code="old_backlog",
                what=f"{each.activity_type.name} has failed {each.attempt - 1} times and is still tried.",
                where=execution.id,
                do="Bring its other side (database, CRM, mail) back; what waits is then sent in order, once.",
            )
            for each in pending
            if each.attempt > _MANY_ATTEMPTS
        ]

    executions = [execution async for execution in _listed(client, query)]
    return [finding for found in await asyncio.gather(*map(look, executions)) for finding in found]


async def _listed(client: Client, query: str) -> AsyncIterator[WorkflowExecution]:
    async for execution in client.list_workflows(query, limit=_LIMIT):
        yield execution
