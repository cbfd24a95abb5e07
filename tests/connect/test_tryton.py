"""A real CRM: Tryton's complaints become ours, and ours tell Tryton how they stand, to closure and back."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from activities.crm_adapters.contract import Bench, CrmContract, a_write
from activities.crm_adapters.page import CrmAway, CrmConnection, Position
from activities.crm_adapters.tryton import TrytonCrm
from settings import Settings
from starter.connecting import client_plugin, connect
from starter.embedded import parts
from starter.embedded.supervising import Supervisor
from starter.schedules import schedule_id
from tests.connect.tryton import KEY, Tryton, a_tryton
from tests.starter.api_server import HARD_START, RunningApi, a_home, by, soon

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]  # the first time of all it is installed
TYPE = "启动困难"
OPTIONS = {"tags": {TYPE: HARD_START}}


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    with a_tryton(tmp_path_factory.mktemp("tryton"), type_name=TYPE) as running:
        yield running


class TrytonBench(Bench):
    has_notes = True

    def __init__(self, tryton: Tryton, client: httpx2.AsyncClient, *, key: str = KEY) -> None:
        self.tryton = tryton
        self.adapter = TrytonCrm(CrmConnection(url=tryton.url, token=key, options=OPTIONS, client=client))

    async def make_ticket(self) -> str:
        return await asyncio.to_thread(self.tryton.complain)

    async def notes(self, ticket_no: str) -> list[str]:
        said: list[str] = (await asyncio.to_thread(self.tryton.complaint, ticket_no))["notes"]
        return said


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
        yield client


@pytest.fixture(scope="module")
def bench(tryton: Tryton, client: httpx2.AsyncClient) -> TrytonBench:
    return TrytonBench(tryton, client)


class TestOurContract(CrmContract):
    pass


async def test_a_complaint_becomes_a_ticket_with_its_customer(bench: TrytonBench) -> None:
    number = await bench.make_ticket()
    found = await bench.adapter.tickets_after(Position(at=datetime(2020, 1, 1, tzinfo=UTC)), limit=500)
    (ticket,) = [each.ticket for each in found if each.ticket_no == number]
    assert ticket
    assert (ticket.tags, ticket.channel, ticket.words) == ((HARD_START,), "tryton", "早上总是打不着火。")
    assert (ticket.customer.name, ticket.customer.phone) == ("王女士", "+8613800138000")
    assert abs(datetime.now(UTC) - ticket.created_at).total_seconds() < 300


async def test_what_is_still_being_written_there_is_not_read(bench: TrytonBench) -> None:
    draft = bench.tryton.create("sale.complaint", **bench.tryton.parts_of_a_complaint)
    (row,) = bench.tryton.find("sale.complaint", [["id", "=", draft]], "number", "state")
    found = await bench.adapter.tickets_after(Position(at=datetime(2020, 1, 1, tzinfo=UTC)), limit=500)
    assert row["state"] == "draft"
    assert row["number"] not in [each.ticket_no for each in found]


@pytest.mark.parametrize(
    ("closing", "state"),
    [("confirmed", "done"), ("unreachable", "done"), ("withdrawn", "cancelled"), ("merged", "cancelled")],
)
async def test_its_own_workflow_ends_with_ours(bench: TrytonBench, closing: str, state: str) -> None:
    number = await bench.make_ticket()
    await bench.adapter.write(a_write(number, 2))
    assert bench.tryton.complaint(number)["state"] == "waiting"
    await bench.adapter.write(a_write(number, 3, stage="closed", closing=closing))
    assert bench.tryton.complaint(number)["state"] == state


async def test_a_key_that_is_not_valid_is_for_the_operator_to_mend(tryton: Tryton, client: httpx2.AsyncClient) -> None:
    with pytest.raises(CrmAway, match="HTTP 401"):
        await TrytonBench(tryton, client, key="wrong").adapter.states(["1"])


@pytest.fixture
async def connected(tryton: Tryton, tmp_path: Path, temporal_address: str) -> AsyncIterator[RunningApi]:
    """Worker and API, each a process, that read Tryton's complaints and write to them."""
    crm = {"crm_kind": "tryton", "crm_url": tryton.url, "crm_token": KEY, "crm_poll": True}
    options = {"crm_options": f'{{"tags": {{"{TYPE}": "{HARD_START}"}}}}'}
    settings = (await a_home(tmp_path, temporal=temporal_address)).model_copy(update=crm | options)
    supervisor = Supervisor(settings.home, say=print)
    try:
        await asyncio.gather(*(supervisor.start(part(settings)) for part in (parts.worker, parts.api)))
        async with RunningApi(settings) as api:
            yield api
    finally:
        await supervisor.stop()


async def due(settings: Settings, duty: str) -> None:
    """Now, instead of when its schedule has it."""
    client = await connect(settings, plugins=[client_plugin()])
    await client.get_schedule_handle(schedule_id(duty, task_queue=settings.task_queue)).trigger()


async def test_a_complaint_made_there_is_solved_here_and_done_there(connected: RunningApi, tryton: Tryton) -> None:
    number = await asyncio.to_thread(tryton.complain)
    await due(connected.settings, "crm_poll")

    async def begun() -> bool | None:
        return (await connected.http.get(f"/api/v1/complaints/{number}")).status_code == 200 or None

    await soon(begun, seconds=60)
    await connected.until(number, lambda complaint: complaint is not None)
    owner = {"actor": by("powertrain")}
    mended = {"note": "更换起动机", "root_cause": "supplier_part", "evidence": [await connected.proof(number)]}
    confirmed = {"actor": by("", "customer"), "answer": "confirm", "round": 1}
    for name, body in (("accept", owner), ("claim", owner | mended), ("customer-reply", confirmed)):
        answer = await connected.post(f"/complaints/{number}/{name}", body)
        assert answer.status_code == 200, answer.text
    await connected.until(number, lambda complaint: complaint["stage"] == "closed")

    async def told() -> list[str] | None:
        standing = await asyncio.to_thread(tryton.complaint, number)
        return standing["notes"] if standing["state"] == "done" else None

    notes = await soon(told, seconds=60)
    written = [note for note in notes if "stage: " not in note]
    stages = [note.partition("stage: ")[2].partition(";")[0] for note in notes if note not in written]
    assert [stage for stage, _ in itertools.groupby(stages)] == [
        "waiting for an answer",
        "in work",
        "waiting for the customer's word",
        "closed",
    ]
    assert ["更换起动机" in note for note in written] == [True], "what the owner did, as a note of its own"
    assert not any("王女士" in note for note in notes)
