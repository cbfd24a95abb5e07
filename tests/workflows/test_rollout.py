"""A new release: open complaints move from one version of the worker to the next, each where its run ends."""

import gc
import secrets
from collections.abc import Iterator
from functools import partial

import pytest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.service import RPCError
from temporalio.worker import Worker

import worker
from settings import Settings
from starter.demo.theatre import World
from tests.workflows.cases import Case, begin, until

OPEN = 3

# A worker that stops drops the open complaints of its cache, and Python closes what they waited in: a task group, which
# cannot be closed in silence. Nothing is lost by it; the next worker has the history.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def dropped_here() -> Iterator[None]:
    """Not in the middle of another test."""
    yield
    gc.collect()


def a_version(world: World, queue: str, build_id: str) -> Worker:
    config = worker.deployment_config(Settings(deployment=queue, build_id=build_id))
    return Worker(world.env.client, task_queue=queue, deployment_config=config)


async def make_current(world: World, queue: str, build_id: str) -> None:
    """As `temporal worker deployment set-current-version` does, once the server knows the version."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace="default", deployment_name=queue, build_id=build_id, ignore_missing_task_queues=True
    )

    async def is_set() -> bool:
        try:
            await world.env.client.workflow_service.set_worker_deployment_current_version(request)
        except RPCError:
            return False
        return True

    await until(is_set, True)


async def versions(case: Case) -> list[str]:
    """The build that each run of the complaint worked with, the first run first."""
    found = []
    for run in await case.runs():
        described = await case.world.env.client.get_workflow_handle(case.handle.id, run_id=run).describe()
        found.append(described.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id)
    return found


async def nudged(case: Case) -> list[str]:
    """Something happens to it; its versions then. The server tells its queues of a new version a moment later."""
    await case.send("post_progress", await case.owner(), note_id=await case.note())
    return await versions(case)


async def overdue(case: Case) -> list[str]:
    """Time passes, and with it a deadline or two; its versions then."""
    await case.pass_time(hours=12)
    return await versions(case)


async def test_open_complaints_move_to_the_new_version_with_their_next_task_and_lose_nothing(world: World) -> None:
    queue = f"rollout-{secrets.token_hex(4)}"
    async with a_version(world, queue, "1"):
        await make_current(world, queue, "1")
        cases = [await begin(world, queue=queue) for _ in range(OPEN)]
        for case in cases:
            await case.settled()
        async with a_version(world, queue, "2"):
            await make_current(world, queue, "2")
            for case in cases:
                assert (await case.accept()).accepted
            for case in cases:
                await until(partial(nudged, case), ["1", "2"])
    async with a_version(world, queue, "2"):  # the first is gone
        for case in cases:
            await case.pass_time(days=4)
            await case.claim()
            await case.reply("confirm")
            await until(case.is_closed, True)
            assert await case.check() == ()


async def test_a_complaint_that_nothing_happens_to_stays_where_it_is(world: World) -> None:
    queue = f"rollout-{secrets.token_hex(4)}"
    async with a_version(world, queue, "1"):
        await make_current(world, queue, "1")
        case = await begin(world, queue=queue)
        await case.settled()
        async with a_version(world, queue, "2"):
            await make_current(world, queue, "2")
            assert await versions(case) == ["1"]
            await until(partial(overdue, case), ["1", "2"])
