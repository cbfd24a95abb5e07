"""The API merges a complaint only into one that goes on."""

import httpx2

from tests.starter.api_server import RunningApi, a_ticket_no, by

CX = by("cx", "cx")


async def merged(api: RunningApi, ticket_no: str, into: str, *, key: str = "") -> httpx2.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await api.post(f"/complaints/{ticket_no}/merge-into", {"actor": CX, "ticket_no": into}, **headers)


async def withdrawn(api: RunningApi, ticket_no: str) -> None:
    response = await api.command(ticket_no, "withdraw", actor={"role": "customer"})
    assert response.status_code == 200, response.text
    await api.until(ticket_no, lambda complaint: complaint["stage"] == "closed")


async def test_a_complaint_is_merged_into_one_that_goes_on(running_api: RunningApi) -> None:
    one, other = [(await running_api.opened())["ticket_no"] for _ in range(2)]
    accepted = await merged(running_api, one, other)
    assert (accepted.status_code, accepted.json()["stage"]) == (200, "closed")


async def test_a_complaint_is_not_merged_into_a_ticket_nobody_took(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    refused = await merged(running_api, no, a_ticket_no())
    assert (refused.status_code, refused.json()["code"]) == (409, "merge_target_not_open")
    assert "name one that is open" in refused.json()["detail"]
    assert (await running_api.get(f"/complaints/{no}"))["complaint"]["stage"] == "dispatched"


async def test_a_complaint_is_not_merged_into_one_that_is_closed(running_api: RunningApi) -> None:
    one, other = [(await running_api.opened())["ticket_no"] for _ in range(2)]
    await withdrawn(running_api, other)
    refused = await merged(running_api, one, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "merge_target_not_open")


async def test_merging_into_itself_is_still_the_rules_to_refuse(running_api: RunningApi) -> None:
    no = (await running_api.opened())["ticket_no"]
    refused = await merged(running_api, no, no)
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_merge_into_itself")


async def test_a_merge_asked_for_again_gets_its_receipt_though_the_other_has_closed(running_api: RunningApi) -> None:
    one, other = [(await running_api.opened())["ticket_no"] for _ in range(2)]
    first = (await merged(running_api, one, other, key="m-1")).json()
    await withdrawn(running_api, other)
    again = await merged(running_api, one, other, key="m-1")
    assert (again.status_code, again.json()) == (200, first | {"is_duplicate": True})
