import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.core import open_complaint
from domain.outlets import LedgerBatch
from domain.ticket import Ticket
from ledger import database, events, inbox, policies
from settings import Settings, utc_now
from starter.connecting import client_plugin, connect
from starter.doctor.command import Diagnosis, examine, in_words
from tests.builders import a_policy, a_ticket
from tests.starter.processes import ROOT, child_environment
from workflows.names import BLOCKED_ON

DOCTOR = "import typer; from starter.doctor.command import doctor; typer.run(doctor)"


@activity.defn
async def never_succeed() -> None:
    raise ConnectionError


@workflow.defn
class TriesForEver:
    @workflow.run
    async def run(self) -> None:
        often = RetryPolicy(initial_interval=timedelta(milliseconds=5), backoff_coefficient=1.0)
        await workflow.execute_activity(never_succeed, start_to_close_timeout=timedelta(seconds=5), retry_policy=often)


@workflow.defn
class Breaks:
    @workflow.run
    async def run(self) -> None:
        raise ValueError


@workflow.defn
class IsRefused:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([BLOCKED_ON.value_set("crm,notices")])
        await workflow.wait_condition(lambda: False)


async def ready(tmp_path: Path, address: str, queue: str) -> Settings:
    settings = Settings(home=tmp_path, temporal_address=address, task_queue=queue)
    await database.migrate(settings.ledger_url)
    return settings


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[Client]:
    client = await connect(settings, plugins=[client_plugin()])
    worker = Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[TriesForEver, Breaks, IsRefused],
        activities=[never_succeed],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with worker:
        yield client


async def diagnosis(settings: Settings, holds: Callable[[Diagnosis], bool]) -> Diagnosis:
    """Examine until it is so: what Temporal lists and counts lags behind."""
    async with asyncio.timeout(30):
        while True:
            found = await examine(settings, at=utc_now())
            if holds(found):
                return found
            await asyncio.sleep(0.2)


async def stuck(settings: Settings, run: Callable[..., Awaitable[None]], code: str) -> list[tuple[str, str]]:
    """Run this workflow until the doctor finds it; what is found. It is ended afterwards."""
    async with working(settings) as client:
        handle: WorkflowHandle[object, None] = await client.start_workflow(
            run, id=settings.task_queue, task_queue=settings.task_queue
        )
        try:
            found = await diagnosis(settings, lambda found: any(one.code == code for one in found.findings))
        finally:
            await handle.terminate()
    return [(finding.where, finding.what) for finding in found.findings if finding.code == code]


async def test_nothing_is_found_where_all_is_well(tmp_path: Path, temporal_address: str) -> None:
    settings = await ready(tmp_path, temporal_address, "well")
    async with working(settings):
        found = await diagnosis(settings, lambda found: found.is_healthy)
    assert in_words(found) == "Healthy: nothing is stuck."


async def test_a_queue_nobody_polls_is_found(tmp_path: Path, temporal_address: str) -> None:
    settings = await ready(tmp_path, temporal_address, "deserted")
    found = await examine(settings, at=utc_now())
    assert [(finding.code, finding.where) for finding in found.findings] == [("no_worker", "task queue deserted")]


async def test_a_worker_that_polled_long_ago_is_no_worker(tmp_path: Path, temporal_address: str) -> None:
    settings = await ready(tmp_path, temporal_address, "left")
    async with working(settings):
        pass
    found = await examine(settings, at=utc_now() + timedelta(minutes=3))
    assert [finding.code for finding in found.findings] == ["no_worker"]


async def test_code_that_keeps_failing_is_found(tmp_path: Path, temporal_address: str) -> None:
    settings = await ready(tmp_path, temporal_address, "broken")
    [(where, _)] = await stuck(settings, Breaks.run, "failing_task")
    assert where == "broken"


async def test_an_outlet_that_refuses_is_found(tmp_path: Path, temporal_address: str) -> None:
    settings = await ready(tmp_path, temporal_address, "refused")
    assert await stuck(settings, IsRefused.run, "outlet_refuses") == [
        ("outlet crm", "It refuses what one complaint sends: refused."),
        ("outlet notices", "It refuses what one complaint sends: refused."),
    ]


async def test_an_activity_tried_again_and_again_is_found(tmp_path: Path, temporal_address: str) -> None:
    settings = await ready(tmp_path, temporal_address, "retried")
    [(where, what)] = await stuck(settings, TriesForEver.run, "old_backlog")
    assert where == "retried"
    assert what.startswith("never_succeed has failed ")


async def test_only_what_lies_in_the_inbox_for_a_minute_is_found(tmp_path: Path, temporal_address: str) -> None:
    settings, now = await ready(tmp_path, temporal_address, "inbox"), utc_now()
    engine = database.connect(settings.ledger_url)
    for number, age in (("T-OLD", timedelta(seconds=61)), ("T-NEW", timedelta(seconds=59))):
        ticket = Ticket(ticket_no=number, created_at=now - age)
        await inbox.take_ticket(engine, ticket, received_at=now - age, key=f"ticket:{number}")
    found = await examine(settings, at=now)
    await engine.dispose()
    assert [finding.where for finding in found.findings if finding.code == "undelivered"] == ["T-OLD"]


async def test_a_deadline_nobody_handled_is_found(tmp_path: Path, temporal_address: str) -> None:
    settings, opened_at = await ready(tmp_path, temporal_address, "overdue"), utc_now() - timedelta(hours=5)
    engine, policy = database.connect(settings.ledger_url), a_policy()
    outcome = open_complaint(a_ticket(at=opened_at), policy=policy, now=opened_at)
    await policies.keep(engine, policy)
    batch = LedgerBatch(ticket_no="T-1", policy_version=policy.version, events=outcome.events)
    await events.append(engine, batch, recorded_at=opened_at)
    found = await examine(settings, at=utc_now())
    await engine.dispose()
    assert [finding.where for finding in found.findings if finding.code == "overdue"] == ["T-1"]


def doctor(*arguments: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = child_environment(VOCLOOP_HOME=str(home), **settings)
    return subprocess.run(
        [sys.executable, "-c", DOCTOR, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=ROOT,
        timeout=60,
        check=False,
    )


def test_the_command_says_all_that_is_away_and_exits_with_1(tmp_path: Path) -> None:
    done = doctor("--json", home=tmp_path)
    found = Diagnosis.model_validate_json(done.stdout)
    assert (done.returncode, found.is_healthy) == (1, False)
    assert [finding.code for finding in found.findings] == ["ledger", "temporal"]


def test_the_command_exits_with_2_when_it_cannot_look(tmp_path: Path) -> None:
    done = doctor(home=tmp_path, VOCLOOP_DATABASE_URL="nonsense")
    assert done.returncode == 2
    assert done.stderr.startswith("VOCLOOP_DATABASE_URL cannot be read: give postgresql+asyncpg://")
