"""What belongs together is linked as it comes in, and the same report told twice becomes one: on a real stack."""

import secrets
from typing import Any

import pytest
from sqlalchemy import select

from domain.kinship import Kin
from ledger import boards, campaigns, kin
from ledger.database import reading
from tests.starter.api.test_vehicles import a_vin
from tests.starter.api_server import RunningApi, a_ledger, by, soon


async def told(api: RunningApi, vin: str, *tags: str, channel: str, **fields: Any) -> str:
    opened = await api.opened(*tags, channel=channel, vehicle={"vin": vin}, customer={}, **fields)
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


async def test_the_same_customer_without_a_vin_is_linked_as_by_it(running_api: RunningApi) -> None:
    phone = f"139{secrets.randbelow(10**8):08}"
    written = f"+86 {phone[:3]}-{phone[3:7]}-{phone[7:]}"
    first, second = [
        (await running_api.opened("engine.noise", channel="hotline", customer={"phone": said}, vehicle={}))["ticket_no"]
        for said in (phone, written)
    ]
    assert await linked(running_api, second) == (kin.Link(second, Kin.REPEAT, first),)


async def test_copies_of_a_text_are_grouped_and_each_stays_a_complaint(running_api: RunningApi) -> None:
    words = f"车辆高速行驶突然熄火，4S店说没有问题，要求厂家给出说法，编号{secrets.token_hex(12)}"
    numbers = [
        await told(running_api, a_vin(), "engine.stall", channel=channel, words=words + "！" * index)
        for index, channel in enumerate(("app", "hotline", "sms"))
    ]
    apart = await told(running_api, a_vin(), "engine.stall", channel="app", words=words[::-1])
    async with a_ledger(running_api.settings) as engine:

        async def grouped() -> campaigns.Campaign | None:
            found = await campaigns.of_ticket(engine, numbers[0])
            return found if found and found.size == len(numbers) else None

        campaign: campaigns.Campaign = await soon(grouped)
        assert set(campaign.ticket_nos) == set(numbers)
        assert campaign.channels == ("app", "hotline", "sms")
        assert await campaigns.of_ticket(engine, apart) is None
        async with reading(engine) as connection:
            kept = repr((await connection.execute(select(campaigns.signatures))).all())
        assert numbers[0] in kept
        assert words[:4] not in kept
    for number in numbers:
        assert (await running_api.get(f"/complaints/{number}"))["complaint"]["stage"] != "closed"
