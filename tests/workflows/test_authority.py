"""A region's month on a real server: whatever is asked at once and whoever dies meanwhile, not one fen too much."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError
from temporalio.worker import Worker

from domain.commands import Actor, Role
from domain.goodwill import GoodwillKind, GoodwillState, NotDone
from domain.goodwill_outlets import GoodwillReceipt
from ledger import goodwill, notices
from ledger.database import writing
from ledger.notices import PostedNotice
from policy.authorities import load_authorities
from settings import utc_now
from starter.demo.theatre import World
from starter.goodwill import LOST_AFTER, Goodwill, UnknownRegion
from tests.ledger.building import a_whole_ticket
from tests.starter.processes import free_port
from tests.workflows.cases import until
from workflows.names import TASK_QUEUE, authority_id

LIMIT = 600_000
MANAGER = Actor(role=Role.MANAGER, department="powertrain", id="manager-1")
DESK = Actor(role=Role.DIRECTOR, department="service", id="director-1")
_numbers = itertools.count(1)
_regions = iter(("east", "south", "central", "north", "west"))


class Desk:
    """The door to one region's month that nobody else in these tests asks."""

    def __init__(self, world: World, *, region: str = "", queue: str = TASK_QUEUE) -> None:
        self.world, self.region, self.at = world, region or next(_regions), utc_now()
        self.door = Goodwill(world.env.client, world.engine, load_authorities(), task_queue=queue, secret="s" * 32)

    async def ask(self, fen: int, *, request_id: str = "", ticket_no: str = "") -> GoodwillReceipt:
        number = next(_numbers)
        return await self.door.ask(
            a_whole_ticket(ticket_no or f"G-{number}", customer={"phone": f"1390000{number:04d}"}, vehicle={}),
            region=self.region,
            kind=GoodwillKind.MONEY,
            fen=fen,
            by=MANAGER,
            request_id=request_id or f"req-{self.region}-{number}",
            at=self.at,
        )

    async def rows(self) -> dict[str, goodwill.GoodwillRow]:
        month = f"{self.at + timedelta(hours=8):%Y-%m}"
        return {row.request_id: row for row in await goodwill.of_month(self.world.engine, self.region, month)}

    async def pass_time(self, length: timedelta) -> None:
        month = f"{self.at + timedelta(hours=8):%Y-%m}"
        handle = self.world.env.client.get_workflow_handle(authority_id(self.region, month))
        await self.world.env.fast_forward(handle, length)


def states(receipts: Sequence[GoodwillReceipt]) -> list[str]:
    return [str(receipt.refused or (receipt.entry and receipt.entry.state)) for receipt in receipts]


@pytest.mark.long
async def test_two_hundred_at_once_never_overspend_by_one_fen_though_the_worker_dies(world: World) -> None:
    desk = Desk(world, queue="authority-storm")
    amounts = [1_000 + 37 * number for number in range(200)]

    def storm(number: int, fen: int) -> Coroutine[Any, Any, GoodwillReceipt]:
        return desk.ask(fen, request_id=f"storm-{number}", ticket_no=f"G-storm-{number}")

    async with Worker(world.env.client, task_queue="authority-storm"):
        asked = [asyncio.create_task(storm(n, fen)) for n, fen in enumerate(amounts)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    # The worker is gone in the middle; another comes, and whoever got no answer asks again.
    async with Worker(world.env.client, task_queue="authority-storm"):
        await asyncio.wait(asked)
        again = await asyncio.gather(*(answered(partial(storm, n, fen)) for n, fen in enumerate(amounts)))
        assert set(states(again)) == {GoodwillState.HELD, GoodwillState.AT_DESK}
        held = [receipt.entry.fen for receipt in again if receipt.entry and receipt.entry.state is GoodwillState.HELD]
        assert LIMIT - max(amounts) < sum(held) <= LIMIT
        rows = await until(desk.rows, lambda rows: all(row.entry for row in rows.values()) and len(rows) == 200)
        told = {each.entry.request.request_id: (each.entry.state, each.entry.fen) for each in again if each.entry}
        assert {request_id: (row.entry.state, row.entry.fen) for request_id, row in rows.items() if row.entry} == told


async def answered(asking: Callable[[], Coroutine[Any, Any, GoodwillReceipt]]) -> GoodwillReceipt:
    """Asked until there is an answer: what the dead worker had begun is only given to another after ten seconds."""
    for _ in range(6):
        with contextlib.suppress(WorkflowUpdateRPCTimeoutOrCancelledError, RPCError, TimeoutError):
            return await asking()
    return await asking()


async def test_held_committed_given_back_and_ruled_on(world: World) -> None:
    desk = Desk(world)
    assert states([await desk.ask(500_000, request_id="big"), await desk.ask(200_000, request_id="over")]) == [
        *("held", "at_desk"),
    ]
    assert states([await desk.door.commit("big", by=MANAGER), await desk.door.commit("big", by=MANAGER)]) == [
        "committed",
        "committed",
    ]
    granted = await desk.door.rule("over", granted=150_000, by=DESK)
    assert (states([granted]), granted.remaining) == (["held"], LIMIT - 500_000)
    assert states([await desk.door.release("over", by=MANAGER)]) == ["released"]
    assert (await desk.door.release("big", by=MANAGER)).refused is NotDone.ALREADY_COMMITTED
    rows = await until(desk.rows, lambda rows: rows["over"].entry and rows["over"].entry.state == "released")
    assert rows["big"].entry
    assert rows["big"].entry.state is GoodwillState.COMMITTED


async def test_a_hold_that_nobody_makes_good_is_given_back_by_itself(world: World) -> None:
    desk = Desk(world)
    await desk.ask(LIMIT, request_id="forgotten")
    await desk.pass_time(timedelta(hours=73))
    await until(desk.rows, lambda rows: rows["forgotten"].entry and rows["forgotten"].entry.state == "expired")
    assert (await desk.door.commit("forgotten", by=MANAGER)).refused is NotDone.NOT_HELD


async def test_the_desk_is_written_to_when_something_comes_and_when_it_is_overdue_once_each(world: World) -> None:
    desk = Desk(world, region="south")  # whoever else asked there is settled
    await desk.ask(LIMIT + 1, request_id="heavy", ticket_no="G-heavy")
    await desk.ask(LIMIT + 1, request_id="heavy", ticket_no="G-heavy")

    async def letters() -> list[PostedNotice]:
        return list(await notices.of_ticket(world.engine, "G-heavy"))

    (first,) = await until(letters, lambda found: found)
    assert "6,000.01" in first.subject + first.body
    await desk.pass_time(timedelta(hours=25))
    await until(letters, lambda found: len(found) == 3)  # the desk's manager again, and its VP
    await desk.pass_time(timedelta(hours=25))
    told = sorted((each.kind, each.audience, "Overdue" in each.subject) for each in await letters())
    assert told == [("goodwill", "manager", False), ("goodwill", "manager", True), ("goodwill", "vp", True)]


async def test_small_ones_in_one_matter_are_flagged_and_not_refused(world: World) -> None:
    desk = Desk(world)
    first = await desk.ask(400_000, request_id="part-1", ticket_no="G-split")
    await until(desk.rows, lambda rows: rows["part-1"].entry)
    second = await desk.ask(200_001, request_id="part-2", ticket_no="G-split")
    assert (first.entry and first.entry.split_with, second.entry and second.entry.split_with) == ((), ("part-1",))


async def test_the_same_id_with_something_else_and_a_region_nobody_knows_are_turned_away(world: World) -> None:
    desk = Desk(world)
    await desk.ask(100, request_id="once", ticket_no="G-once")
    assert (await desk.ask(101, request_id="once", ticket_no="G-once")).refused is NotDone.ID_USED
    desk.region = "atlantis"
    with pytest.raises(UnknownRegion):
        await desk.ask(100)


async def test_what_temporal_could_not_take_is_brought_by_the_sweep_and_a_lost_answer_changes_nothing(
    world: World,
) -> None:
    desk = Desk(world, region="south")
    door, desk.door = desk.door, await away(world)
    with pytest.raises(RuntimeError, match="connect"):
        await desk.ask(700, request_id="lost", ticket_no="G-lost")
    assert (await desk.rows())["lost"].entry is None
    later = utc_now() + LOST_AFTER + timedelta(seconds=1)
    assert await door.sweep(at=utc_now()) == 0, "its own door may still be bringing it"
    assert await door.sweep(at=later) == 1
    found = (await desk.rows())["lost"].entry
    assert found
    assert found.state is GoodwillState.HELD
    await forget_the_answer(world, "lost")
    assert await door.sweep(at=later) == 1
    again = (await desk.rows())["lost"].entry
    assert again == found, "it was one request all along"
    assert await door.sweep(at=later) == 0


async def away(world: World) -> Goodwill:
    """A door whose Temporal is not there."""
    nobody = await Client.connect(f"127.0.0.1:{free_port()}", lazy=True, data_converter=world.env.client.data_converter)
    return Goodwill(nobody, world.engine, load_authorities(), task_queue=TASK_QUEUE, secret="s" * 32)


async def forget_the_answer(world: World, request_id: str) -> None:
    """As if the process had ended between the workflow's answer and the ledger's row."""
    async with writing(world.engine) as connection:
        mine = goodwill.goodwill.c.request_id == request_id
        await connection.execute(update(goodwill.goodwill).where(mine).values(state="", seq=0, entry=None))


async def test_nonsense_by_name_changes_nothing(world: World) -> None:
    handle = world.env.client.get_workflow_handle(await _some_account(world))
    nonsense: list[tuple[str, Any]] = [("ask", {"fen": "much"}), ("commit", {}), ("rule", {"request_id": "x"})]
    for name, given in nonsense:
        receipt = await handle.execute_update(name, given, result_type=GoodwillReceipt)
        assert receipt.refused is NotDone.MALFORMED


async def _some_account(world: World) -> str:
    """Of the account that the tests before this one asked."""
    rows = [row async for row in world.env.client.list_workflows("WorkflowType = 'Authority'")]
    return rows[0].id
