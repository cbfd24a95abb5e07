"""A burst of thousands of signals to one complaint: decided in slices, the rest refused and counted, nothing wedged."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.service import RPCError

from domain.commands import Actor
from starter.demo import theatre
from starter.demo.theatre import World
from tests.workflows.cases import CUSTOMER, Case, a_worker, begin, responder, until
from workflows.intake import MOST_WAITING, SLICE

MOST_SIGNALS = 1_000  # few enough for the test to meet the server's own bound, and more than wait
FLOOD = 1_300
pytestmark = pytest.mark.timeout(500)  # seconds: it took 40 to 95 alone, on two cores that were faster and slower
OWNER = responder("powertrain")


@pytest.fixture(scope="module")
async def bounded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    option = f"history.maximumSignalsPerExecution={MOST_SIGNALS}"
    home = tmp_path_factory.mktemp("bounded")
    async with theatre.world(home, server_options=("--dynamic-config-value", option)) as stage:
        yield stage


async def test_each_message_of_a_flood_is_decided_or_counted_or_turned_away(bounded: World) -> None:
    """It comes while no worker is there, so that all of it meets the complaint in one workflow task."""
    case, neighbour = await begin(bounded, queue="flooded"), await begin(bounded)
    said = await _news(case, FLOOD)
    assert await _turned_away(case, said) == FLOOD - MOST_SIGNALS  # by the server, which tells each sender so
    async with a_worker(bounded, "flooded"):
        assert (await neighbour.accept()).accepted
        await until(case.kinds, lambda kinds: "message_rejected" in kinds, seconds=200)
        assert (await case.kinds()).count("progress_posted") == SLICE + MOST_WAITING
        refused = await case.events_of("message_rejected")
        assert [event.code for event in refused] == [f"flooded: {MOST_SIGNALS - SLICE - MOST_WAITING}"]
        assert await case.check() == ()
        assert "WORKFLOW_TASK_FAILED" not in await case.history()


async def test_a_burst_that_fits_is_decided_whole_and_in_order(bounded: World) -> None:
    case = await begin(bounded, queue="bursts")
    said = await _news(case, 3 * SLICE)
    for each in said:
        await case.handle.signal("post_progress", each)
    async with a_worker(bounded, "bursts"):
        await until(case.kinds, lambda kinds: kinds.count("progress_posted") == len(said), seconds=200)
        posted = [event.cause for event in await case.events() if event.kind == "progress_posted"]
        assert posted == [each["command_id"] for each in said]
        assert "message_rejected" not in await case.kinds()


async def test_who_waits_for_an_answer_goes_before_a_burst_of_signals(bounded: World) -> None:
    case = await begin(bounded, queue="hurried")
    await _turned_away(case, await _news(case, 3 * SLICE))
    withdraw = await case.envelope(CUSTOMER)
    async with a_worker(bounded, "hurried"):
        assert (await case.ask("withdraw", withdraw)).accepted
        await until(case.is_closed, True)
        kinds = await case.kinds()
    assert kinds.count("progress_posted") + kinds.count("command_refused") == 3 * SLICE


async def _news(case: Case, count: int, by: Actor = OWNER) -> list[dict[str, object]]:
    """Envelopes of that many commands, taken now."""
    now, note_id = await case.envelope(by), await case.note()
    return [{**now, "command_id": f"f{number}", "note_id": note_id} for number in range(count)]


async def _turned_away(case: Case, said: list[dict[str, object]]) -> int:
    """Send them all at once; returns how many the server did not take."""
    gate = asyncio.Semaphore(200)

    async def send(envelope: dict[str, object]) -> bool:
        async with gate:
            try:
                await case.handle.signal("post_progress", envelope)
            except RPCError:
                return True
        return False

    return sum(await asyncio.gather(*map(send, said)))
