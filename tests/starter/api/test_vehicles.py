"""Facts of a vehicle come in by PUT, and how it stands is told to those whom its complaints concern."""

import secrets
from datetime import timedelta
from typing import Any

import pytest

from domain.commands import Role
from ledger import disclosures
from settings import utc_now
from tests.builders import HOUR
from tests.starter.api_server import RunningApi, a_ledger
from tests.starter.people import signed_in

FACTS = {"delivered_on": "2024-03-01", "mileage_km": 9000, "read_at": "2024-09-01T09:00:00+08:00"}
DONE = {"begun_at": "2024-06-01T09:00:00+08:00", "ended_at": "2024-06-01T18:00:00+08:00", "fault": "engine.stall"}


def a_vin() -> str:
    return f"LSV{secrets.token_hex(7).upper()}"


async def put(api: RunningApi, path: str, body: Any) -> tuple[int, Any]:
    answer = await api.http.put(f"/api/v1/vehicles/{path}", json=body)
    return answer.status_code, answer.json()


async def a_car_repaired(api: RunningApi, times: int) -> str:
    vin = a_vin()
    assert await put(api, vin, FACTS) == (200, {"changed": True, "told": 0})
    for number in range(times):
        assert await put(api, f"{vin}/repairs/RO-{number}", DONE) == (200, {"changed": True, "told": 0})
    return vin


async def test_the_fifth_repair_of_one_fault_shows_with_its_article_and_who_confirmed_the_reading(
    running_api: RunningApi,
) -> None:
    found = await running_api.get(f"/vehicles/{await a_car_repaired(running_api, 5)}")
    assert found["met"] == ["a24_4_times"]
    (meter,) = [each for each in found["meters"] if each["is_met"]]
    assert (meter["article"], meter["value"], meter["limit"], meter["is_strict"]) == ("24 (1)(4)", 5, 4, True)
    assert "43" in found["statute"]["source"]
    assert found["statute"]["confirmed_by"] == ""


async def test_telling_the_same_again_changes_nothing(running_api: RunningApi) -> None:
    vin = await a_car_repaired(running_api, 1)
    assert await put(running_api, f"{vin}/repairs/RO-0", DONE) == (200, {"changed": False, "told": 0})
    assert await put(running_api, vin, FACTS) == (200, {"changed": False, "told": 0})
    assert len((await running_api.get(f"/vehicles/{vin}"))["repairs"]) == 1


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("", {"mileage_km": 9000}, "read_at"),  # a reading has its instant
        ("", {**FACTS, "read_at": "2999-01-01T00:00:00Z"}, "read_at"),
        ("", {**FACTS, "deliverd_on": "2024-03-01"}, "deliverd_on"),
        ("/repairs/R1", {**DONE, "ended_at": "2024-05-01T09:00:00+08:00"}, "ends after it begins"),
        ("/repairs/R1", {**DONE, "begun_at": "2999-01-01T00:00:00Z", "ended_at": None}, "begun_at"),
        ("/repairs/R1", {**DONE, "replaced": ["The Engine"]}, "replaced"),
        ("/repairs/-", DONE, "repair_no"),
    ],
)
async def test_what_cannot_be_is_refused_and_says_what(
    running_api: RunningApi, path: str, body: Any, where: str
) -> None:
    status, said = await put(running_api, f"{a_vin()}{path}", body)
    assert (status, said["code"]) == (422, "malformed")
    assert where in str(said["errors"])


async def test_an_unknown_vehicle_is_said_to_be_unknown(running_api: RunningApi) -> None:
    answer = await running_api.http.get(f"/api/v1/vehicles/{a_vin()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_vehicle")


async def test_it_is_told_to_those_whom_a_complaint_of_it_concerns_and_written_down(running_api: RunningApi) -> None:
    vin = await a_car_repaired(running_api, 1)
    ticket_no = (await running_api.opened("engine.hard_start", vehicle={"vin": vin}))["ticket_no"]
    for department, expected in (("powertrain", 200), ("chassis", 403)):
        async with await signed_in(running_api, Role.RESPONDER, department) as http:
            answer = await http.get(f"/api/v1/vehicles/{vin}")
        assert answer.status_code == expected, answer.text
    assert answer.json()["code"] == "not_concerned"
    async with a_ledger(running_api.settings) as engine:
        (line,) = await disclosures.latest(engine, ticket_no=ticket_no, before=None, limit=10)
    assert (line.what, line.role) == ("vehicle", "responder")


async def test_a_dealer_tells_of_repairs_and_sees_no_vehicle(running_api: RunningApi) -> None:
    vin = a_vin()
    async with await signed_in(running_api, Role.DEALER, "service") as http:
        assert (await http.put(f"/api/v1/vehicles/{vin}/repairs/RO-1", json=DONE)).status_code == 200
        assert (await http.get(f"/api/v1/vehicles/{vin}")).json()["code"] == "not_permitted"


async def test_an_open_complaint_learns_what_becomes_known_of_its_vehicle(running_api: RunningApi) -> None:
    vin, since = a_vin(), utc_now() - timedelta(days=90)
    again = {"begun_at": since.isoformat(), "ended_at": (since + HOUR).isoformat(), "fault": "engine.hard_start"}
    await put(running_api, vin, {"delivered_on": (since - timedelta(days=90)).date().isoformat()})
    for number in range(4):
        await put(running_api, f"{vin}/repairs/RO-{number}", again)
    ticket_no = (await running_api.opened("engine.hard_start", vehicle={"vin": vin}))["ticket_no"]
    risk = f"/complaints/{ticket_no}/risk"
    assert (await running_api.get(risk))["level"] == 4
    for changed in (True, False):
        assert await put(running_api, f"{vin}/repairs/RO-4", again) == (200, {"changed": changed, "told": 1})
    told = await running_api.get(risk)
    assert told["level"] == 5
    assert {each["dimension"]: each["points"] for each in told["story"]["lines"]}["repairs"] == 10
    assert "三包" in str(told["story"]["sentences"])


async def test_two_complaints_of_one_system_by_two_channels_are_told_to_be_the_same_report(
    running_api: RunningApi,
) -> None:
    vin = a_vin()
    first, second = [
        (await running_api.opened("engine.hard_start", vehicle={"vin": vin}, channel=channel))["ticket_no"]
        for channel in ("hotline", "app")
    ]
    told = (await running_api.get(f"/vehicles/{vin}"))["relations"]
    assert told == [{"ticket_no": second, "kin": "same_report", "earlier": first, "charged_to": ""}]
