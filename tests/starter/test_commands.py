"""The one door to Temporal: taken for good, once, also while Temporal is away and after the complaint has closed."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from ledger import inbox
from ledger.events import events_of
from settings import utc_now
from starter.commands import Admission, Complaints, KeyReusedError, UnknownComplaintError
from starter.connecting import client_plugin
from starter.demo.theatre import World
from tests.starter.processes import free_port
from tests.workflows.cases import CUSTOMER, ORDINARY, Case, a_ticket, until

SAID: dict[str, Any] = {"actor": CUSTOMER.model_dump(mode="json")}


@pytest.fixture(scope="module", params=["never was there", "went away"])
async def cut_off(world: World, request: pytest.FixtureRequest) -> AsyncIterator[Complaints]:
    """The same door with nobody behind it."""
    async with contextlib.AsyncExitStack() as stack:
        port = free_port()
        if request.param == "went away":
            port = await stack.enter_async_context(_way_to(world))
        client = await Client.connect(f"127.0.0.1:{port}", lazy=True, plugins=[client_plugin()])
        if request.param == "went away":
            await client.count_workflows()
            await stack.aclose()
        yield Complaints(client, world.engine, world.files, task_queue="complaints")


@contextlib.asynccontextmanager
async def _way_to(world: World) -> AsyncIterator[int]:
    """A port that leads to the world's Temporal for as long as this lasts, and then nowhere."""
    host, _, port = world.env.client.service_client.config.target_host.partition(":")
    passing: set[asyncio.Task[None]] = set()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection(host, int(port))
        for source, target in ((reader, onward_writer), (onward_reader, writer)):
            passing.add(asyncio.create_task(_pour(source, target)))

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.closing(target):
        while chunk := await source.read(65_536):
            target.write(chunk)
            await target.drain()


async def opened(world: World, *, withdrawn: bool = False) -> Case:
    ticket = a_ticket()
    assert await world.open(ticket) is Admission.NEW
    case = Case(world, ticket.ticket_no)
    await case.settled()
    if withdrawn:
        receipt = await submit(world.complaints, ticket.ticket_no, "withdraw", command_id="w1")
        assert receipt is not None
        assert receipt.stage == "closed"
        await case.handle.result()
    return case


async def submit(door: Complaints, ticket_no: str, name: str, *, command_id: str = "", **body: Any) -> Any:
    said = {**SAID, **body}
    key = command_id or secrets.token_hex(4)
    return await door.submit(ticket_no, name, said, command_id=key, received_at=utc_now())


async def test_a_ticket_is_new_once_then_the_same_and_never_another(world: World) -> None:
    ticket = a_ticket()
    other = ticket.model_copy(update={"channel": "dealer"})
    admissions = [await world.complaints.open(each, received_at=utc_now()) for each in (ticket, ticket, other)]
    assert admissions == [Admission.NEW, Admission.SAME, Admission.CONFLICT]
    assert (await Case(world, ticket.ticket_no).look())["ticket"]["channel"] == "hotline"


async def test_a_ticket_and_its_commands_taken_while_temporal_is_away_are_delivered_by_the_sweep(
    world: World, cut_off: Complaints
) -> None:
    ticket = a_ticket()
    (await world.crm.post("/tickets", json=ticket.model_dump(mode="json"))).raise_for_status()
    assert await cut_off.open(ticket, received_at=utc_now()) is Admission.NEW
    assert await submit(cut_off, ticket.ticket_no, "withdraw", command_id="early") is None
    waiting = await inbox.undelivered(world.engine, before=utc_now(), limit=100)
    errors = {row.last_error for row in waiting if row.ticket_no == ticket.ticket_no}
    assert errors <= {"RPCError", "RuntimeError", "TimeoutError"}
    await world.complaints.sweep(at=utc_now())
    case = Case(world, ticket.ticket_no)
    assert (await case.handle.result())["closing"] == "withdrawn"
    assert await case.kinds() == ["opened", "dispatched", "closed"]


async def test_a_command_is_decided_as_of_the_instant_it_was_taken_at(world: World, cut_off: Complaints) -> None:
    case = await opened(world)
    taken_at = utc_now()
    await cut_off.submit(case.ticket_no, "withdraw", SAID, command_id="w1", received_at=taken_at)
    await world.complaints.sweep(at=utc_now() + timedelta(minutes=1))
    await case.handle.result()
    assert (await case.events())[-1].at == taken_at


async def test_the_sweep_counts_what_went_and_stops_while_temporal_is_away(world: World, cut_off: Complaints) -> None:
    lost = [a_ticket() for _ in range(2)]
    async with asyncio.timeout(2 * 3.5):  # nobody waits at a door for longer
        for ticket in lost:
            await cut_off.open(ticket, received_at=utc_now())
    assert await cut_off.sweep(at=utc_now()) == 0
    rows = [row for row in await inbox.undelivered(world.engine, before=utc_now(), limit=100) if row.attempts == 2]
    assert len(rows) == 1  # one more was tried, and the others were spared
    assert await world.complaints.sweep(at=utc_now()) == 2


async def test_one_row_that_never_goes_does_not_keep_the_others_from_going(world: World) -> None:
    orphan, good = a_ticket(), a_ticket()
    now = utc_now()
    await inbox.take(
        world.engine,
        key=f"command:{orphan.ticket_no}:x",
        kind=inbox.COMMAND,
        ticket_no=orphan.ticket_no,
        name="accept",
        body={**SAID, "command_id": "x"},
        received_at=now - timedelta(minutes=5),
    )
    await inbox.take_ticket(world.engine, good, received_at=now, key=f"ticket:{good.ticket_no}")
    assert await world.complaints.sweep(at=utc_now()) == 1
    await until(Case(world, good.ticket_no).kinds, ["opened", "dispatched"])
    await inbox.delivered(world.engine, f"command:{orphan.ticket_no}:x", at=utc_now())


async def test_a_repeated_key_gets_the_first_receipt_again(world: World) -> None:
    case = await opened(world)
    owner = (await case.owner()).model_dump(mode="json")
    first, again = [
        await submit(world.complaints, case.ticket_no, "accept", command_id="a1", actor=owner) for _ in range(2)
    ]
    assert (first.seq, first.is_duplicate) == (3, False)
    assert (again.seq, again.is_duplicate, again.accepted) == (3, True, True)


async def test_a_repeated_key_gets_the_first_receipt_also_after_closure(world: World) -> None:
    case = await opened(world, withdrawn=True)
    again = await submit(world.complaints, case.ticket_no, "withdraw", command_id="w1")
    assert (again.accepted, again.is_duplicate, again.code, again.stage) == (True, True, "", "closed")


async def test_a_key_that_comes_again_with_another_content_is_refused(world: World) -> None:
    case = await opened(world)
    await submit(world.complaints, case.ticket_no, "escalate", command_id="k1")
    with pytest.raises(KeyReusedError):
        await submit(world.complaints, case.ticket_no, "escalate", command_id="k1", note_id="note-" + "0" * 32)
    with pytest.raises(KeyReusedError):
        await submit(world.complaints, case.ticket_no, "withdraw", command_id="k1")
    assert (await case.look())["stage"] == "dispatched"


async def test_a_command_to_a_closed_complaint_is_answered_as_closed(world: World) -> None:
    case = await opened(world, withdrawn=True)
    late = await submit(world.complaints, case.ticket_no, "accept")
    assert (late.accepted, late.code, late.stage) == (False, "closed", "closed")
    assert await inbox.undelivered(world.engine, before=utc_now(), limit=100) == ()


async def test_a_command_for_a_ticket_nobody_took_is_unknown(world: World) -> None:
    with pytest.raises(UnknownComplaintError):
        await submit(world.complaints, "NO-SUCH-TICKET", "accept")


async def test_a_command_goes_as_a_signal_when_no_worker_answers_in_time(world: World) -> None:
    queue = "slow-door"
    door = Complaints(world.env.client, world.engine, world.files, task_queue=queue)
    ticket = a_ticket(ORDINARY)
    (await world.crm.post("/tickets", json=ticket.model_dump(mode="json"))).raise_for_status()
    await door.open(ticket, received_at=utc_now())
    assert await submit(door, ticket.ticket_no, "withdraw", command_id="w1") is None
    case = Case(world, ticket.ticket_no)

    async def lies_here() -> bool:
        """Also after a sweep: on a busy machine the server may not have taken the ticket or the signal in time."""
        await door.sweep(at=utc_now())
        left = await inbox.undelivered(world.engine, before=utc_now(), limit=100)
        return ticket.ticket_no in {row.ticket_no for row in left}

    await until(lies_here, False)
    async with Worker(world.env.client, task_queue=queue):
        assert (await case.handle.result())["closing"] == "withdrawn"
    again = await submit(door, ticket.ticket_no, "withdraw", command_id="w1")
    assert (again.accepted, again.is_duplicate) == (True, True)
    told = [event.kind for event in await events_of(world.engine, ticket.ticket_no)]
    assert told.count("closed") == 1
