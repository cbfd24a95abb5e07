"""What the doctor says of many complaints at once, and of those whose workflow is over."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from ledger import database
from settings import Settings, utc_now
from starter.connecting import client_plugin, connect
from starter.doctor.command import Diagnosis, examine
from tests.builders import Played
from tests.ledger.building import a_ledger, eventful, recorded
from workflows.names import BLOCKED_ON, workflow_id

MANY = 7
Said = list[tuple[str, str]]


@workflow.defn
class IsRefused:
    @workflow.run
    async def run(self) -> None:
        workflow.upsert_search_attributes([BLOCKED_ON.value_set("crm")])
        await workflow.wait_condition(lambda: False)


@workflow.defn(name="ComplaintWorkflow")
class Complaint:
    """Ends as it is told: `fail`, or not by itself."""

    @workflow.run
    async def run(self, how: str) -> None:
        if how == "fail":
            raise ApplicationError("it failed")
        await workflow.wait_condition(lambda: False)


@asynccontextmanager
async def working(tmp_path: Path, address: str) -> AsyncIterator[tuple[Client, Settings]]:
    """A worker on a queue of its own, and a ledger."""
    settings = Settings(home=tmp_path, temporal_address=address, task_queue=f"many-{secrets.token_hex(4)}")
    await database.migrate(settings.ledger_url)
    client = await connect(settings, plugins=[client_plugin()])
    worker = Worker(
        client,
        task_queue=settings.task_queue,
        workflows=[IsRefused, Complaint],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with worker:
        yield client, settings


async def found(settings: Settings, code: str, holds: Callable[[Said], object]) -> Said:
    """Examine until it is so: what Temporal lists and counts lags behind."""
    async with asyncio.timeout(30):
        while True:
            diagnosis: Diagnosis = await examine(settings, at=utc_now())
            said = [(each.where, each.what) for each in diagnosis.findings if each.code == code]
            if holds(said):
                return said
            await asyncio.sleep(0.2)


async def test_an_outlet_that_refuses_many_is_one_finding_that_names_a_few(
    tmp_path: Path, temporal_address: str
) -> None:
    async with working(tmp_path, temporal_address) as (client, settings):
        queue = settings.task_queue
        handles = [
            await client.start_workflow(IsRefused.run, id=f"{queue}-{number}", task_queue=queue)
            for number in range(MANY)
        ]
        try:
            [(where, what)] = await found(settings, "outlet_refuses", lambda said: f" {MANY} " in str(said))
        finally:
            for handle in handles:
                await handle.terminate()
    assert where == "outlet crm"
    assert what.startswith(f"It refuses what {MANY} complaints send: {queue}-")
    assert (what.count(queue), what.endswith(", ….")) == (5, True)


async def test_a_complaint_whose_workflow_is_over_though_it_is_not_closed_is_found(
    tmp_path: Path, temporal_address: str
) -> None:
    async with working(tmp_path, temporal_address) as (client, settings), a_ledger(tmp_path) as engine:
        queue = settings.task_queue

        async def began(name: str, how: str = "") -> WorkflowHandle[Any, None]:
            id_ = workflow_id(f"{queue}-{name}")
            return await client.start_workflow(Complaint.run, how, id=id_, task_queue=queue)

        await recorded(engine, Played(ticket_no=f"{queue}-open"), eventful(f"{queue}-closed"))
        for name in ("open", "closed", "reset"):
            await (await began(name)).terminate()
        again = await began("reset")  # its later run goes on
        await (await began("canceled")).cancel()
        await began("lost", "fail")
        try:
            said = dict(await found(settings, "ended_early", lambda said: len(said) >= 3))
        finally:
            await again.terminate()
    assert {name.removeprefix(f"{queue}-"): what.partition(":")[0] for name, what in said.items()} == {
        "open": "Its workflow is terminated and its stage in the ledger dispatched",
        "canceled": "Its workflow is canceled and its stage in the ledger unknown",
        "lost": "Its workflow is failed and its stage in the ledger unknown",
    }


async def test_without_a_ledger_nothing_is_said_of_what_may_have_ended(tmp_path: Path, temporal_address: str) -> None:
    async with working(tmp_path, temporal_address) as (_, settings):
        (tmp_path / "ledger.db").unlink()
        assert (await found(settings, "ledger", len))[0][0].endswith("ledger.db")
