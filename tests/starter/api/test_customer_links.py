"""CX ends a customer's link that got about, and issues another; nobody else can."""

import pytest

from domain.commands import Role
from ledger import disclosures
from tests.starter.api_server import RunningApi, a_ledger
from tests.starter.people import signed_in


async def issued(api: RunningApi, ticket_no: str) -> str:
    answer = await api.post(f"/complaints/{ticket_no}/customer-link", {})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["link"])


async def test_a_new_link_opens_the_page_and_ends_the_one_before(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    first, second = await issued(running_api, ticket_no), await issued(running_api, ticket_no)
    async with running_api.client() as phone:
        assert (await phone.get(first)).status_code == 404
        assert ticket_no in (await phone.get(second)).text


async def test_a_revoked_link_opens_nothing_until_another_is_issued(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    link = await issued(running_api, ticket_no)
    answers = [await running_api.post(f"/complaints/{ticket_no}/customer-link/revoke", {}) for _ in range(2)]
    assert [answer.json()["was_open"] for answer in answers] == [True, False]
    async with running_api.client() as phone:
        assert (await phone.get(link)).status_code == 404
        assert (await phone.get(await issued(running_api, ticket_no))).status_code == 200


async def test_who_asked_for_it_is_written_down_and_the_link_is_not(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    async with await signed_in(running_api, Role.CX, "cx") as http:
        link = (await http.post(f"/api/v1/complaints/{ticket_no}/customer-link")).json()["link"]
    async with a_ledger(running_api.settings) as engine:
        (line,) = await disclosures.latest(engine, ticket_no=ticket_no, before=None, limit=10)
    assert (line.what, line.role) == ("customer_link", "cx")
    assert link.rpartition("/")[2] not in str(line)


@pytest.mark.parametrize(
    ("role", "department"),
    [(Role.RESPONDER, "powertrain"), (Role.MANAGER, "powertrain"), (Role.DEALER, "service"), (Role.OPS, "")],
)
async def test_those_who_claim_it_solved_cannot_get_the_customers_link(
    running_api: RunningApi, role: Role, department: str
) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    async with await signed_in(running_api, role, department) as http:
        for path in ("customer-link", "customer-link/revoke"):
            answer = await http.post(f"/api/v1/complaints/{ticket_no}/{path}")
            assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


async def test_an_unknown_complaint_has_no_link(running_api: RunningApi) -> None:
    for path in ("customer-link", "customer-link/revoke"):
        answer = await running_api.post(f"/complaints/NOBODY-7/{path}", {})
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_complaint")
