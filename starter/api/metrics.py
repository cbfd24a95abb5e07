"""`GET /metrics`: how much stands and waits, in Prometheus's words. A worker's own figures are at its own address."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from domain.access import Permission
from ledger.database import LedgerUnavailable
from ledger.gauges import Gauges, gauges
from starter.api.answers import At
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import needs
from starter.http.problems import ACCESS, documented

router = APIRouter(tags=["health"])
T = TypeVar("T")

FRESH_FOR = timedelta(seconds=10)  # however many scrape, the ledger is read so often
_PATIENCE = timedelta(seconds=2)
_QUEUES = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}
_PROBLEMS = "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running' AND TaskQueue = '{}'"


class Backlog(NamedTuple):
    """Tasks of one kind that no worker has taken yet."""

    kind: str
    tasks: int
    age: timedelta


class Scrape:
    """One reading for all who scrape within FRESH_FOR."""

    def __init__(self, behind: Behind) -> None:
        self._behind = behind
        self._reading = asyncio.Lock()
        self._read_at: datetime | None = None
        self._text = b""

    async def text(self, at: datetime) -> bytes:
        async with self._reading:
            if self._read_at is None or at - self._read_at >= FRESH_FOR:
                self._text, self._read_at = await self._read(at), at
            return self._text

    async def _read(self, at: datetime) -> bytes:
        registry, client, queue = CollectorRegistry(), self._behind.client, self._behind.settings.task_queue
        stands, backlogs, problems = await asyncio.gather(
            _ledger(self._behind, at), _asked(lambda: _backlogs(client, queue)), _asked(lambda: _stuck(client, queue))
        )
        up = Gauge("vocloop_up", "Whether it answers", ["part"], registry=registry)
        up.labels("ledger").set(stands is not None)
        up.labels("temporal").set(backlogs is not None)
        if stands is not None:
            _tell_ledger(registry, stands)
        if backlogs is not None and problems is not None:
            _tell_temporal(registry, backlogs, problems)
        return generate_latest(registry)


@router.get(
    "/metrics",
    dependencies=[needs(Permission.READ)],
    summary="Counts and ages for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **documented(*ACCESS)},
)
async def metrics(request: Request, behind: BehindRoutes, at: At) -> Response:
    """Nothing here is of one complaint. What cannot be read now is left out, and `vocloop_up` says so."""
    state = request.app.state
    if not hasattr(state, "scrape"):
        state.scrape = Scrape(behind)
    scrape: Scrape = state.scrape
    return Response(await scrape.text(at), media_type=CONTENT_TYPE_PLAIN_1_0_0)


async def _ledger(behind: Behind, at: datetime) -> Gauges | None:
    try:
        return await gauges(behind.engine, at=at)
    except LedgerUnavailable:
        return None


async def _asked(ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            return await ask()
    except (RPCError, RuntimeError, TimeoutError):  # RuntimeError is the SDK's word for no connection
        return None


async def _backlogs(client: Client, queue: str) -> list[Backlog]:
    found = []
    for kind, number in _QUEUES.items():
        request = DescribeTaskQueueRequest(
            namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=number, report_stats=True
        )
        stats = (await client.workflow_service.describe_task_queue(request, timeout=_PATIENCE)).stats
        age = stats.approximate_backlog_age.ToTimedelta()
        found.append(Backlog(kind, stats.approximate_backlog_count, age))
    return found


async def _stuck(client: Client, queue: str) -> int:
    return (await client.count_workflows(_PROBLEMS.format(queue), rpc_timeout=_PATIENCE)).count


def _tell_ledger(registry: CollectorRegistry, stands: Gauges) -> None:
    open_ = Gauge("vocloop_open_complaints", "Open complaints", ["department", "light"], registry=registry)
    for each in stands.standing:
        open_.labels(each.desk, each.light).set(each.count)
    for name, about, value in (
        ("overdue_unhandled", "Deadlines that have passed and that no workflow has handled", stands.overdue_unhandled),
        ("inbox_waiting", "Tickets and commands taken and not yet with Temporal", stands.inbox.count),
        ("inbox_oldest_seconds", "Age of the oldest of them", stands.inbox.oldest.total_seconds()),
        ("webhooks_waiting", "Webhook deliveries that are due", stands.webhooks.count),
        ("webhooks_oldest_seconds", "Age of the oldest of them", stands.webhooks.oldest.total_seconds()),
        ("crm_refused", "States that the CRM refused and does not have", stands.crm_refused),
        ("evidence_faulty", "Files of evidence that are missing, damaged or were to be erased", stands.evidence_faulty),
    ):
        Gauge(f"vocloop_{name}", about, registry=registry).set(value)


def _tell_temporal(registry: CollectorRegistry, backlogs: list[Backlog], problems: int) -> None:
    count = Gauge("vocloop_task_queue_backlog", "Tasks no worker has taken yet", ["kind"], registry=registry)
    age = Gauge("vocloop_task_queue_age_seconds", "Age of the oldest of them", ["kind"], registry=registry)
    for backlog in backlogs:
        count.labels(backlog.kind).set(backlog.tasks)
        age.labels(backlog.kind).set(backlog.age.total_seconds())
    stuck = Gauge("vocloop_workflows_with_problems", "Workflows whose code fails again and again", registry=registry)
    stuck.set(problems)
