"""The two workflows a complaint is measured beside, and their worker: `python -m bench.shapes HOST:PORT`.

`Nothing` starts and ends. `Skeleton` asks the server for what a script says, which is read off a real complaint, with
payloads that are empty: what it costs is what the server and the SDK cost, without any of our own code.
"""

import asyncio
import sys
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from bench.histories import Script
    from workflows.names import HOPS

QUEUE = "bench-shapes"
_LONG = timedelta(days=2)


@activity.defn
async def nothing_done() -> None:
    """An activity without work."""


@workflow.defn(name="bench-nothing")
class Nothing:
    @workflow.run
    async def run(self) -> None:
        return


@workflow.defn(name="bench-skeleton")
class Skeleton:
    @workflow.init
    def __init__(self, script: Script) -> None:
        self._script, self._beat = script, 0

    @workflow.run
    async def run(self, script: Script) -> None:
        async with asyncio.TaskGroup() as group:
            for beats in script.outlets.values():
                group.create_task(self._outlet(beats))
            group.create_task(self._beats())

    @workflow.update
    async def beat(self) -> int:
        self._beat += 1
        return self._beat

    async def _outlet(self, beats: list[int]) -> None:
        for beat in beats:
            await workflow.wait_condition(lambda beat=beat: self._beat >= beat)  # type: ignore[misc]
            await workflow.execute_activity(
                nothing_done, start_to_close_timeout=timedelta(seconds=30), retry_policy=RetryPolicy()
            )

    async def _beats(self) -> None:
        for beat in range(self._script.beats):
            await workflow.wait_condition(lambda beat=beat: self._beat >= beat)  # type: ignore[misc]
            for number in range(self._script.patches[beat]):
                workflow.patched(f"{beat}-{number}")
            for number in range(self._script.upserts[beat]):
                workflow.upsert_search_attributes([HOPS.value_set(number)])
            if self._script.timers[beat]:
                await workflow.wait_condition(lambda beat=beat: self._beat > beat, timeout=_LONG)  # type: ignore[misc]


async def main(address: str) -> None:
    client = await Client.connect(address)
    async with Worker(client, task_queue=QUEUE, workflows=[Nothing, Skeleton], activities=[nothing_done]):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
