"""A demand under the three guarantees through the API: the door counts the law's days, and nothing closes meanwhile."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from settings import utc_now
from tests.starter.api.test_vehicles import a_vin, put
from tests.starter.api_server import RunningApi, by

SHANGHAI = ZoneInfo("Asia/Shanghai")
CX = by("cx", "cx")


async def test_it_runs_on_the_laws_clocks_until_it_is_carried_out(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    recorded = await running_api.command(
        ticket_no, "record-demand", actor=CX, remedy="replacement", demanded_on="2026-03-02"
    )
    assert recorded.status_code == 200, recorded.text
    view = await running_api.until(ticket_no, lambda complaint: complaint["facts"]["demand"])
    terms = view["complaint"]["facts"]["demand"]["terms"]
    assert datetime.fromisoformat(terms["reply_by"]) == datetime(2026, 3, 17, tzinfo=SHANGHAI)
    assert datetime.fromisoformat(terms["complete_by"]) == datetime(2026, 3, 31, tzinfo=SHANGHAI)
    merged = await running_api.command(ticket_no, "withdraw", actor=CX)
    assert (merged.status_code, merged.json()["code"]) == (409, "demand_open")
    proof = await running_api.proof(ticket_no)
    done = await running_api.command(ticket_no, "decide-demand", actor=CX, decision="completed", evidence=[proof])
    assert done.status_code == 200, done.text
    assert (await running_api.command(ticket_no, "withdraw", actor=CX)).status_code == 200


async def test_today_is_meant_when_no_day_is_said_and_tomorrow_cannot_be(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    today = utc_now().astimezone(SHANGHAI).date()
    early = await running_api.command(
        ticket_no, "record-demand", actor=CX, remedy="refund", demanded_on=str(today + timedelta(days=2))
    )
    assert (early.status_code, early.json()["errors"][0]["field"]) == (422, "body.demanded_on")
    assert (await running_api.command(ticket_no, "record-demand", actor=CX, remedy="refund")).status_code == 200
    view = await running_api.until(ticket_no, lambda complaint: complaint["facts"]["demand"])
    since = datetime.fromisoformat(view["complaint"]["facts"]["demand"]["terms"]["since"])
    assert since.astimezone(SHANGHAI).date() in (today, today + timedelta(days=1))  # midnight may pass meanwhile


async def test_a_car_that_no_statute_here_is_for_gets_no_made_up_clock(running_api: RunningApi) -> None:
    vin = a_vin()
    facts = {"delivered_on": str(date(2019, 5, 1)), "mileage_km": 90_000, "read_at": "2024-09-01T09:00:00+08:00"}
    assert (await put(running_api, vin, facts))[0] == 200
    ticket_no = (await running_api.opened(vehicle={"vin": vin}))["ticket_no"]
    refused = await running_api.command(ticket_no, "record-demand", actor=CX, remedy="refund")
    assert (refused.status_code, refused.json()["code"]) == (409, "no_statute")


async def test_nobody_brings_terms_of_their_own(running_api: RunningApi) -> None:
    ticket_no = (await running_api.opened())["ticket_no"]
    terms = {"law": "mine", "since": "2026-03-02T00:00:00Z", "reply_by": "2030-01-01T00:00:00Z"}
    refused = await running_api.command(ticket_no, "record-demand", actor=CX, remedy="refund", terms=terms)
    assert refused.status_code == 422
