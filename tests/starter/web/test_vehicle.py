"""A complaint's vehicle as a browser without scripts has it."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import httpx2
import pytest

from domain.commands import Role
from domain.ticket import Ticket, Vehicle
from domain.vehicle import Repair, VehicleFacts
from ledger import policies, surveys, tickets, vehicles
from ledger.database import connect, migrate
from settings import Settings, utc_now
from starter.web import sign_in, vehicle
from tests.builders import T0, Played, a_policy
from tests.ledger.building import eventful, recorded
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH, text_of

VIN = "LSVAA4182E2184847"
DAY = timedelta(days=1)


@pytest.fixture
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    home, now = tmp_path_factory.mktemp("vehicle"), utc_now()
    await migrate(Settings(home=home).ledger_url)
    engine = connect(Settings(home=home).ledger_url)
    for ticket_no, vin in (("V-1", VIN), ("V-2", VIN), ("V-3", ""), ("V-4", VIN.lower()), ("V-5", VIN), ("V-14", VIN)):
        channel = "head_unit" if ticket_no == "V-2" else "hotline"
        ticket = Ticket(ticket_no=ticket_no, created_at=now, channel=channel, vehicle=Vehicle(vin=vin))
        await tickets.keep(engine, ticket, received_at=now)
    sold = date(now.year - 1, now.month, 1)
    await vehicles.keep(engine, VIN, VehicleFacts(delivered_on=sold, mileage_km=9000, read_at=now), at=now, by="crm")
    for number in range(4):
        begun_at = now - (30 - number) * DAY
        done = Repair(repair_no=f"RO-{number}", begun_at=begun_at, ended_at=begun_at + DAY, fault="engine.stall")
        await vehicles.keep_repair(engine, VIN, done, at=now, by="crm")
    await policies.keep(engine, a_policy())
    again = [Played("engine.stall", ticket_no=f"V-{n}", at=T0 + n * DAY) for n in (5, 14)]
    for played in (eventful("V-4"), *again):
        await recorded(engine, played)
    await surveys.invite(engine, ticket_no="V-4", round=2, token_hash="h", invited_at=now)
    marks = {"ratings": {"recommend": 9}}
    await surveys.answer(engine, ticket_no="V-4", round=2, answer=marks, answered_at=now)
    await engine.dispose()
    async with page_server.serving(vehicle.router, sign_in.router, home=home) as client:
        await page_server.sign_in(client, Role.CX, "cx")
        yield client


async def test_it_shows_the_meters_with_article_and_warning_and_no_vin(web: httpx2.AsyncClient) -> None:
    html = (await web.get("/complaints/V-1/vehicle", headers=ENGLISH)).text
    shown = text_of(html)
    assert "4 (must exceed 4) one step before" in shown
    assert "Article 24 (1)(4)" in shown
    assert "No lawyer has confirmed this reading yet." in shown
    assert "RO-3" in shown
    assert 'href="/complaints/V-2"' in html
    assert VIN not in html
    assert "***184847" in html


async def test_a_threshold_that_is_near_warns_by_colour_shape_and_word(web: httpx2.AsyncClient) -> None:
    html = (await web.get("/complaints/V-1/vehicle")).text
    meter = html.partition('id="a24_4_times"')[2].partition("</li>")[0]
    assert 'max="5" optimum="0" low="0.5" high="5" value="4"' in meter
    assert '<span class="light is-yellow">只差一步</span>' in meter


async def test_it_speaks_chinese(web: httpx2.AsyncClient) -> None:
    shown = text_of((await web.get("/complaints/V-1/vehicle")).text)
    assert "只差一步" in shown
    assert "不能代替律师意见" in shown


@pytest.mark.parametrize(
    ("percent", "said"),
    [("0.5", "The fee is CNY 9,000.00"), ("0.6", "within the limit"), ("NaN", "within the limit"), ("", "within")],
)
async def test_the_calculator_tells_the_fee_or_what_is_wrong(web: httpx2.AsyncClient, percent: str, said: str) -> None:
    asked = {"price": "200000", "percent": percent}
    assert said in text_of((await web.get("/complaints/V-1/vehicle", params=asked, headers=ENGLISH)).text)


async def test_of_a_complaint_without_a_vin_nothing_is_known(web: httpx2.AsyncClient) -> None:
    assert "Nothing is known of this vehicle" in (await web.get("/complaints/V-3/vehicle", headers=ENGLISH)).text


async def test_another_department_does_not_see_it(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.RESPONDER, "chassis")
    assert (await web.get("/complaints/V-1/vehicle")).status_code == 403


async def test_it_shows_every_complaint_of_the_vehicle_with_its_channel(web: httpx2.AsyncClient) -> None:
    html = (await web.get("/complaints/V-1/vehicle", headers=ENGLISH)).text
    shown = text_of(html)
    assert "V-1 (this one)" in shown
    assert "came by head unit" in shown
    assert 'href="/complaints/V-3"' not in html


async def test_it_shows_what_the_customer_said_of_each_claim_and_how_it_ended(web: httpx2.AsyncClient) -> None:
    shown = text_of((await web.get("/complaints/V-1/vehicle", headers=ENGLISH)).text)
    assert "The customer said: not solved solved · would recommend 9/10" in shown
    assert VIN.lower() not in shown


async def test_a_fault_that_came_back_says_after_which_and_whose_fix_it_was(web: httpx2.AsyncClient) -> None:
    shown = text_of((await web.get("/complaints/V-14/vehicle", headers=ENGLISH)).text)
    assert "came back after V-4 · first-fix failure of Chassis Engineering" in shown
    assert "repeat of V-5" in shown
    assert "Before this: complaints 2, hops 3, first-fix failures 2; repairs on record 4." in shown
