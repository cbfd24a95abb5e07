"""Salesforce's documented shapes on a loopback server, held to what every adapter has to hold to."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest

from activities.crm_adapters.contract import Bench, CrmContract, a_note, a_write
from activities.crm_adapters.page import CrmAway, CrmConnection, CrmRefuses, Position
from activities.crm_adapters.salesforce import SalesforceCrm
from tests.activities.crm_adapters.loopback import a_server
from tests.activities.crm_adapters.salesforce_org import Org

_LONG_AGO = Position(at=datetime(2020, 1, 1, tzinfo=UTC))


class SalesforceBench(Bench):
    has_notes = True

    def __init__(self, org: Org, url: str, client: httpx2.AsyncClient) -> None:
        options = {"client_id": "id", "client_secret": "secret", "tags": {"打不着火": "engine.hard_start"}}
        self.org, self.adapter = org, SalesforceCrm(CrmConnection(url=url, options=options, client=client))

    async def make_ticket(self) -> str:
        return self.org.create()

    async def notes(self, ticket_no: str) -> list[str]:
        case_id = self.org.cases[ticket_no]["Id"]
        return [each["CommentBody"] for each in self.org.comments if each["ParentId"] == case_id]


@pytest.fixture
async def bench() -> AsyncIterator[SalesforceBench]:
    org = Org()
    with a_server(org) as url:
        async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
            yield SalesforceBench(org, url, client)


class TestOurContract(CrmContract):
    pass


async def test_a_case_becomes_a_ticket_with_its_contact(bench: SalesforceBench) -> None:
    contact = {"Name": "王女士", "Phone": None, "MobilePhone": "13800138000", "Email": "wang@example.com"}
    number = bench.org.create(Type="打不着火", SuppliedName="somebody", Contact=contact)
    (found,) = await bench.adapter.tickets_after(_LONG_AGO, limit=5)
    assert found.ticket
    assert (found.ticket_no, found.ticket.tags, found.ticket.channel) == (number, ("engine.hard_start",), "salesforce")
    assert (found.ticket.customer.name, found.ticket.customer.phone) == ("王女士", "13800138000")
    assert found.ticket.created_at == datetime(2026, 3, 2, 1, tzinfo=UTC)


async def test_an_answer_in_parts_is_read_whole(bench: SalesforceBench) -> None:
    bench.org.per_part = 2
    numbers = [bench.org.create() for _ in range(5)]
    assert [found.ticket_no for found in await bench.adapter.tickets_after(_LONG_AGO, limit=9)] == numbers


async def test_the_state_and_its_comment_go_together_and_once(bench: SalesforceBench) -> None:
    number = await bench.make_ticket()
    for _ in range(2):
        await bench.adapter.write(a_write(number, 2, closing="confirmed", stage="closed"))
    (comment,) = bench.org.comments
    assert comment["CommentBody"].splitlines()[1].startswith("Owner: engine; stage: closed; yellow;")
    assert comment["IsPublished"] is False
    assert bench.org.cases[number]["Status"] == "Closed"


async def test_a_note_that_is_longer_than_a_comment_is_cut_and_still_stands_there_once(bench: SalesforceBench) -> None:
    number = await bench.make_ticket()
    for _ in range(2):
        await bench.adapter.tell(a_note(number, 3, text="配件已到。" * 1000))
    (comment,) = bench.org.comments
    first, said, last = comment["CommentBody"].splitlines()
    assert first == "告知客户的进展 / News for the customer · engine · 2026-03-02 01:03 UTC"
    assert said.startswith("配件已到。")
    assert (said[-1], last) == ("…", f"[{number}:3:note]")


async def test_a_token_that_has_expired_is_renewed_once(bench: SalesforceBench) -> None:
    number = await bench.make_ticket()
    await bench.adapter.states([number])
    bench.org.expire()
    assert await bench.adapter.states([number]) == {number: None}
    assert [asked.path for asked in bench.org.asked].count("/services/oauth2/token") == 2


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        pytest.param(400, "UNABLE_TO_LOCK_ROW", CrmAway, id="somebody edits the case just now"),
        pytest.param(500, "UNKNOWN_EXCEPTION", CrmAway, id="theirs"),
        pytest.param(400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", CrmRefuses, id="a rule of theirs stands against it"),
        pytest.param(400, "INVALID_FIELD", CrmRefuses, id="our fields are not on the case"),
    ],
)
async def test_a_part_that_failed_within_a_200_is_no_success(
    bench: SalesforceBench, status: int, code: str, error: type[Exception]
) -> None:
    number = await bench.make_ticket()
    bench.org.fails = [(status, code)]
    with pytest.raises(error) as caught:
        await bench.adapter.write(a_write(number, 2))
    assert str(caught.value) == f"HTTP {status} {code}"  # and not the message, which quotes the case
    await bench.adapter.write(a_write(number, 2))
    assert len(bench.org.comments) == 1


async def test_a_sign_in_that_fails_is_for_the_operator_to_mend(bench: SalesforceBench) -> None:
    bench.org.is_locked_out = True
    with pytest.raises(CrmAway, match="sign-in"):
        await bench.adapter.states(["00001001"])
    bench.org.is_locked_out = False
    assert await bench.adapter.states(["00001001"]) == {}


async def test_nothing_but_a_number_comes_into_a_question(bench: SalesforceBench) -> None:
    with pytest.raises(CrmRefuses):
        await bench.adapter.states(["x' OR Name != '"])
    assert not any("query" in asked.path for asked in bench.org.asked)
