"""A red line on a real server: who is called when, who may end it, and that a crash in between loses none."""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from temporalio.worker import Worker

import worker
from domain.commands import Actor, Role
from domain.red_line import Act, Containment, Happening, Order, Review, What
from domain.red_line_outlets import RedLineReceipt
from ledger import holds, inbox, notices, red_lines
from ledger.database import writing
from policy.red_line_calling import load_calling
from settings import Settings, utc_now
from starter.demo.theatre import World
from starter.red_lines import begin_owed
from starter.red_lines import order as ordered
from tests.activities.mail_server import MailServer, a_mail_server
from tests.ledger.building import a_whole_ticket
from tests.workflows.cases import until
from workflows.names import TASK_QUEUE, red_line_id

CALLING = load_calling()
CUSTOMER = {"name": "王小明", "phone": "13800001111", "email": "wang@customer.example.com"}
VP = Actor(role=Role.VP, department="quality", id="vp-1")
MAILED = "red-lines"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
async def mailed(world: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MailServer]:
    """Letters of a worker that has a mail server, on a task queue of its own."""
    url = world.engine.url.render_as_string(hide_password=False)
    async with a_mail_server() as server:
        settings = Settings(home=tmp_path_factory.mktemp("mailed"), database_url=url, smtp_url=server.url)
        async with worker.outlets(settings) as outlets:
            client = await world.env.connect_client(plugins=[worker.complaint_plugin(outlets)])
            async with Worker(client, task_queue=MAILED):
                yield server


class Line:
    """One red line, owed by a ticket's words or begun as a drill, with a clock of its own."""

    def __init__(self, world: World, id_: str) -> None:
        self.world, self.id = world, id_

    async def begin(self, queue: str = MAILED) -> None:
        await begin_owed(self.world.env.client, self.world.engine, CALLING, task_queue=queue)

    async def pass_time(self, length: timedelta) -> None:
        await self.world.env.fast_forward(self.world.env.client.get_workflow_handle(red_line_id(self.id)), length)

    async def happened(self) -> tuple[Happening, ...]:
        return await red_lines.happened(self.world.engine, self.id)

    async def calls(self) -> list[tuple[str, ...]]:
        return [each.posts for each in await self.happened() if each.what is What.CALLED]

    async def order(self, act: Act, by: Actor = VP, **more: Any) -> RedLineReceipt:
        given = Order(command_id=f"c{next(_numbers)}", act=act, actor=by, **more)
        return await ordered(self.world.env.client, self.id, given)


async def by_words(world: World) -> Line:
    no = f"RL-{next(_numbers)}"
    ticket = a_whole_ticket(no, created_at=utc_now(), customer=CUSTOMER)
    await inbox.take_ticket(world.engine, ticket, received_at=utc_now(), key=f"ticket:{no}", matters=("fire",))
    return Line(world, no)


async def a_drill(world: World) -> Line:
    line = Line(world, f"drill-{next(_numbers)}")
    await red_lines.begin_drill(world.engine, line.id, at=utc_now(), by="ops-1")
    await line.begin()
    return line


async def test_the_second_acknowledges_after_ten_minutes_and_the_evidence_is_held(
    world: World, mailed: MailServer
) -> None:
    line = await by_words(world)
    await line.begin()
    await until(line.calls, lambda calls: calls == [("quality.director",)])
    await line.pass_time(timedelta(minutes=10))
    await until(line.calls, lambda calls: calls == [("quality.director",), ("quality.vp",)])
    assert (await line.order(Act.ACKNOWLEDGE)).refused == ""
    assert (await line.order(Act.DECIDE, containment=Containment.STOP_DRIVE)).refused == ""
    await line.pass_time(timedelta(hours=2))
    assert (await line.order(Act.CLOSE, review=Review.HANDED_ON, note_id="note-1")).refused == ""
    whats = await until(lambda: _whats(line), lambda whats: whats[-1] == What.CLOSED)
    assert whats.count(What.CALLED) == 2
    assert line.id in {hold.ticket_no for hold in await holds.every(world.engine)}
    told = {letter["To"] for letter in mailed.letters if line.id in str(letter["Subject"])}
    assert told == {
        "quality-director@carmaker.example.com",
        "quality-vp@carmaker.example.com",
        "wang@customer.example.com",
    }


async def test_nobody_acknowledges_so_each_is_called_and_then_all(world: World, mailed: MailServer) -> None:
    line = await by_words(world)
    await line.begin()
    await line.pass_time(timedelta(minutes=41))
    chain = CALLING.chain
    calls = await until(line.calls, lambda calls: len(calls) >= 5)
    assert calls[:5] == [(chain[0],), (chain[1],), (chain[2],), chain, chain]


async def test_where_nothing_rings_anybody_all_are_called_at_once_and_it_says_so(world: World) -> None:
    line = await by_words(world)
    await line.begin(TASK_QUEUE)  # this worker has a notice centre and no mail
    calls = await until(line.calls, lambda calls: len(calls) == 4)
    assert calls == [*((post,) for post in CALLING.chain), CALLING.chain]
    assert What.NOT_REACHED in await _whats(line)


async def test_the_department_can_neither_acknowledge_nor_close(world: World, mailed: MailServer) -> None:
    line = await by_words(world)
    await line.begin()
    engineer = Actor(role=Role.VP, department="powertrain", id="vp-9")
    assert (await line.order(Act.ACKNOWLEDGE, engineer)).refused == "not_a_decision_maker"
    receipt = await line.order(Act.CLOSE, engineer, review=Review.NO_DEFECT, note_id="note-1")
    assert receipt.refused == "not_a_decision_maker"


async def test_a_crash_before_or_after_the_start_loses_none_and_doubles_none(world: World, mailed: MailServer) -> None:
    line = await by_words(world)  # the row is there; whoever took the ticket is gone
    await line.begin()
    await until(line.calls, lambda calls: len(calls) == 1)
    async with writing(world.engine) as connection:  # as a worker leaves it that dies once Temporal has it
        await connection.execute(update(red_lines.red_lines).values(started_at=None))
    assert line.id in {row.red_line_id for row in await red_lines.owed(world.engine)}
    await line.begin()
    assert await red_lines.owed(world.engine) == ()
    assert len(await line.calls()) == 1


async def test_a_drill_says_so_and_tells_no_customer_and_holds_nothing(world: World, mailed: MailServer) -> None:
    line = await a_drill(world)
    await until(line.calls, lambda calls: len(calls) == 1)
    await line.order(Act.ACKNOWLEDGE)
    await line.order(Act.DECIDE, containment=Containment.STOP_DRIVE)
    assert (await line.order(Act.CLOSE, review=Review.NO_DEFECT, note_id="note-1")).refused == ""
    await until(lambda: _whats(line), lambda whats: whats[-1] == What.CLOSED)
    posted = [each async for each, _ in notices.every_notice(world.engine) if each.facts.get("red_line_id") == line.id]
    assert [each.kind for each in posted] == ["red_line"]
    assert "演练" in posted[0].subject
    assert "DRILL" in posted[0].subject
    assert line.id not in {hold.ticket_no for hold in await holds.every(world.engine)}


async def _whats(line: Line) -> list[What]:
    return [each.what for each in await line.happened()]
