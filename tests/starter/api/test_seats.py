"""CX's seats on a real stack: given by themselves, by hand to anybody, and told to all."""

from typing import Any

import pytest

from domain.commands import Role
from tests.starter.api_server import ENGINE_NOISE, RunningApi, soon
from tests.starter.people import signed_in


async def seated(api: RunningApi, ticket_no: str) -> list[dict[str, Any]]:
    async def found() -> list[dict[str, Any]] | None:
        items: list[dict[str, Any]] = (await api.get(f"/complaints/{ticket_no}/seats"))["items"]
        return items or None

    return await soon(found)


async def untagged(api: RunningApi, **fields: Any) -> str:
    opened = await api.opened("nobody.knows", **fields)
    return str(opened["ticket_no"])


async def test_what_waits_for_triage_goes_to_who_speaks_the_language_and_knows_the_system(
    running_api: RunningApi,
) -> None:
    customer = {"name": "Ada", "phone": "13812348001", "language": "en"}
    ticket_no = await untagged(running_api, customer=customer, words="车里有股怪味")
    (seat,) = await seated(running_api, ticket_no)
    assert (seat["seat"], seat["duty"], seat["why"]) == ("sun.jie", "triage", "knows_it")
    assert seat["named"]["zh"] == "孙洁"
    seats = await running_api.get("/seats")
    assert {each["seat"]: each["in_hand"] for each in seats["items"]}["sun.jie"] >= 1


async def test_a_grave_one_goes_to_an_expert_for_good(running_api: RunningApi) -> None:
    opened = await running_api.opened(ENGINE_NOISE, tier="vip")
    (seat,) = await seated(running_api, opened["ticket_no"])
    assert (seat["seat"], seat["duty"], seat["why"]) == ("zheng.lan", "expert", "knows_it")


async def test_it_is_over_once_a_department_has_it(running_api: RunningApi) -> None:
    ticket_no = await untagged(running_api)
    await seated(running_api, ticket_no)
    actor = {"role": "cx", "department": "cx", "id": "li.min"}
    taken = await running_api.command(ticket_no, "reclassify", tags=[ENGINE_NOISE], actor=actor)
    assert taken.status_code == 200, taken.text

    async def over() -> bool:
        return bool((await seated(running_api, ticket_no))[-1]["ended_at"])

    await soon(over)
    refused = await running_api.post(f"/complaints/{ticket_no}/seats", {"seat": "li.min"})
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_no_seat")


async def test_somebody_of_cx_gives_it_to_another_and_both_are_remembered(running_api: RunningApi) -> None:
    ticket_no = await untagged(running_api)
    (first,) = await seated(running_api, ticket_no)
    async with await signed_in(running_api, Role.CX, "cx") as cx:
        answer = await cx.post(f"/api/v1/complaints/{ticket_no}/seats", json={"seat": "wu.hao"})
    assert answer.status_code == 201, answer.text
    was, now = answer.json()["items"]
    assert was["seat"] == first["seat"]
    assert was["ended_at"]
    assert (now["seat"], now["why"], now["by"], now["ended_at"]) == ("wu.hao", "by_hand", "t-cx-cx", None)


@pytest.mark.parametrize(
    ("role", "seat", "code"), [(Role.RESPONDER, "wu.hao", "not_permitted"), (Role.CX, "nobody", "malformed")]
)
async def test_who_may_not_and_whom_there_is_not(running_api: RunningApi, role: Role, seat: str, code: str) -> None:
    ticket_no = await untagged(running_api)
    async with await signed_in(running_api, role, "cx" if role is Role.CX else "powertrain") as person:
        answer = await person.post(f"/api/v1/complaints/{ticket_no}/seats", json={"seat": seat})
    assert answer.json()["code"] == code
