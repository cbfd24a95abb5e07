"""What belongs together is linked as it comes in, and the same report told twice becomes one: on a real stack."""

from typing import Any

import pytest

from domain.kinship import Kin
from ledger import boards, kin
from tests.starter.api.test_vehicles import a_vin
from tests.starter.api_server import RunningApi, a_ledger, by, soon


async def told(api: RunningApi, vin: str, *tags: str, channel: str, **fields: Any) -> str:
    opened = await api.opened(*tags, channel=channel, vehicle={"vin": vin}, **fields)
    ticket_no: str = opened["ticket_no"]
    return ticket_no


async def linked(api: RunningApi, ticket_no: str) -> tuple[kin.Link, ...]:
    async with a_ledger(api.settings) as engine:

        async def found() -> tuple[kin.Link, ...] | None:
            return await kin.links_of(engine, ticket_no) or None

        links: tuple[kin.Link, ...] = await soon(found)
        return links


async def test_the_same_report_by_another_channel_is_merged_and_both_are_kept(running_api: RunningApi) -> None:
    vin = a_vin()
    first = await told(running_api, vin, "engine.noise", channel="hotline")
    second = await told(running_api, vin, "engine.noise", channel="app")
    view = await running_api.until(second, lambda complaint: complaint["stage"] == "closed")
    assert view["complaint"]["facts"]["merged_into"] == first
    assert await linked(running_api, first) == (kin.Link(second, Kin.SAME_REPORT, first),)
    assert (await running_api.get(f"/complaints/{first}"))["complaint"]["stage"] != "closed"


@pytest.mark.parametrize(
    ("tags", "fields", "reason"),
    [
        (("engine.noise", "engine.hard_start"), {}, "it tells of more"),
        (("engine.noise",), {"risk_level": 3}, "it weighs more"),
    ],
)
async def test_a_report_that_says_more_waits_for_somebody_to_look(
    running_api: RunningApi, tags: tuple[str, ...], fields: dict[str, Any], reason: str
) -> None:
    vin = a_vin()
    first = await told(running_api, vin, "engine.noise", channel="hotline")
    second = await told(running_api, vin, *tags, channel="app", **fields)
    assert await linked(running_api, second) == (kin.Link(second, Kin.SAME_REPORT, first),), reason
    assert (await running_api.get(f"/complaints/{second}"))["complaint"]["stage"] != "closed", reason


async def test_a_fault_that_comes_back_is_charged_to_who_claimed(running_api: RunningApi) -> None:
    vin = a_vin()
    async with a_ledger(running_api.settings) as engine:
        first = await told(running_api, vin, "brakes.noise", channel="hotline")
        owner = (await running_api.get(f"/complaints/{first}"))["complaint"]["owner"]
        claim: dict[str, Any] = {"actor": by(owner), "note": "done", "root_cause": "design"}
        assert (await running_api.command(first, "claim", **claim)).status_code == 200
        before = await failures(engine, owner)
        reply: dict[str, Any] = {"actor": {"role": "customer"}, "answer": "confirm", "round": 1}
        assert (await running_api.command(first, "customer-reply", **reply)).status_code == 200
        second = await told(running_api, vin, "brakes.noise", channel="hotline")
        assert await linked(running_api, second) == (kin.Link(second, Kin.CAME_BACK, first),)
        assert await failures(engine, owner) == before + 1


async def failures(engine: Any, department: str) -> int:
    return sum(row.first_fix_failures for row in await boards.department_table(engine) if row.department == department)
