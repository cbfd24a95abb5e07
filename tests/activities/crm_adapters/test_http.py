"""The reference CRM by our own contract, held to what every adapter has to hold to."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx2
import pytest

from activities.crm_adapters.contract import CHECKS, Bench, CrmContract, a_write
from activities.crm_adapters.http import HttpCrm
from activities.crm_adapters.page import CrmAway, CrmCannot, CrmConnection, Position
from tests.activities.crm_adapters.loopback import Told, a_server
from tests.starter.crm_process import CrmProcess, a_crm, a_ticket_body


class HttpBench(Bench):
    has_notes = True

    def __init__(self, crm: CrmProcess, client: httpx2.AsyncClient) -> None:
        self.crm = crm
        self.adapter = HttpCrm(CrmConnection(url=crm.url, token="secret", client=client))
        self._numbers = count(1)

    async def make_ticket(self) -> str:
        ticket_no = f"H-{next(self._numbers)}"
        self.crm.post("/tickets", a_ticket_body(ticket_no)).raise_for_status()
        return ticket_no

    async def notes(self, ticket_no: str) -> list[str]:
        return [note["text"] for note in self.crm.get(f"/tickets/{ticket_no}/notes")]


@pytest.fixture(scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HttpBench]:
    with a_crm(tmp_path_factory.mktemp("crm") / "crm.db", "--token", "secret") as crm:
        async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
            yield HttpBench(crm, client)


class TestOurContract(CrmContract):
    pass


def test_the_class_for_pytest_has_each_check() -> None:
    assert {f"test_{check.__name__}" for check in CHECKS} == {name for name in dir(CrmContract) if name[:5] == "test_"}


async def test_the_state_comes_with_a_note_in_both_languages(bench: HttpBench) -> None:
    ticket_no = await bench.make_ticket()
    await bench.adapter.write(a_write(ticket_no, 2, owner="cx-triage"))
    note = bench.crm.get(f"/tickets/{ticket_no}")["state"]["note"]
    assert note["zh"] == "负责：客服分拣台；阶段：处理中；黄灯；解决时限：2026-03-02 03:00 UTC 到期。"
    assert note["en"] == "Owner: CX triage; stage: in work; yellow; resolution clock: due by 2026-03-02 03:00 UTC."


async def test_tickets_of_one_instant_stand_in_order_of_their_numbers(tmp_path: Path) -> None:
    from starter.crm_sim.book import CrmBook

    book, at = CrmBook(tmp_path / "crm.db"), datetime(2026, 3, 2, 1, tzinfo=UTC)
    for number in ("B", "A", "C"):
        book.create(number, body="{}", at=at, is_triggering=False)
    pages = [book.tickets_after(at.isoformat(), after, limit=1) for after in ("", "A", "B", "C")]
    assert [[each["position"]["id"] for each in page] for page in pages] == [["A"], ["B"], ["C"], []]
    book.close()


@pytest.mark.parametrize(
    ("told", "error"),
    [
        pytest.param(Told(404), CrmCannot, id="a CRM without the route tells us by itself"),
        pytest.param(Told(405), CrmCannot, id="or knows other methods there"),
        pytest.param(Told(200, "<html>"), CrmAway, id="a proxy's page is no list"),
        pytest.param(Told(200, {"items": [{"id": 1}]}), CrmAway, id="a list of something else"),
        pytest.param(Told(401), CrmAway, id="a token is for the operator to mend"),
        pytest.param(Told(503, headers={"Retry-After": "9"}), CrmAway, id="it is down"),
    ],
)
async def test_a_list_that_cannot_be_read_is_told_apart(told: Told, error: type[Exception]) -> None:
    with a_server(lambda _: told) as url:
        async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
            crm = HttpCrm(CrmConnection(url=url, client=client))
            with pytest.raises(error):
                await crm.tickets_after(Position(at=datetime(2026, 1, 1, tzinfo=UTC)), limit=5)


async def test_a_ticket_that_cannot_be_read_says_which_fields_and_not_what_they_held() -> None:
    item = {
        "position": {"at": "2026-03-02T01:00:00Z", "id": "7"},
        "ticket": {"ticket_no": "T-7", "phone": "13812348000"},
    }
    with a_server(lambda _: Told(200, {"items": [item]})) as url:
        async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
            crm = HttpCrm(CrmConnection(url=url, client=client))
            (found,) = await crm.tickets_after(Position(at=datetime(2026, 1, 1, tzinfo=UTC)), limit=5)
    assert (found.ticket_no, found.ticket, found.fault) == ("T-7", None, "malformed:created_at,unknown_field")
