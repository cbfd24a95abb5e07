"""Our own form for a complaint: what is typed is kept, what is sent is one ticket, and nobody drowns us."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from ledger import evidence, tickets
from ledger import tables as t
from ledger.database import connect, migrate, reading, writing
from settings import Settings
from starter.http import problems
from starter.http.behind import opened
from starter.web import assets, pages, report, report_slip
from tests.starter.evidence.pictures import a_picture
from tests.starter.processes import free_port
from tests.starter.serving import served
from tests.starter.web.page_server import ENGLISH, text_of

SECRET = "s" * 40
VIN = "1M8GDM9AXKP042788"  # a well-known one whose check digit is X
GOOD = {"words": "刹车异响，去了三次都没修好。", "phone": "13800001111", "consent": "yes", "vin": VIN, "name": "王小明"}


class Door:
    """The served form, its ledger, and a visitor's browser that has waited long enough."""

    def __init__(self, http: httpx2.AsyncClient, settings: Settings) -> None:
        self.http, self.settings = http, settings

    def slip(self, *, age: timedelta = timedelta(minutes=2)) -> str:
        return report_slip.new(SECRET, at=datetime.now(UTC) - age).text

    async def send(self, files: Any = None, **fields: str) -> httpx2.Response:
        said = {"slip": self.slip(), **GOOD, **fields}
        return await self.http.post("/report", data=said, files=files, headers=ENGLISH)

    async def tickets(self) -> list[str]:
        engine = connect(self.settings.ledger_url)
        async with reading(engine) as connection:
            found = list(await connection.scalars(select(t.tickets.c.ticket_no)))
        await engine.dispose()
        return found


@asynccontextmanager
async def a_door(home: Path, *, is_open: bool = True, limits: dict[str, int] | None = None) -> AsyncIterator[Door]:
    app = FastAPI()
    problems.install(app)
    pages.install(app)
    app.include_router(assets.router)
    app.include_router(report.make_router(**{"posts_a_minute": 1000, "all_a_minute": 1000, **(limits or {})}))
    nobody = f"127.0.0.1:{free_port()}"  # Temporal is away: a ticket is taken all the same
    settings = Settings(home=home, temporal_address=nobody, report_page=is_open, secret_key=SECRET)
    await migrate(settings.ledger_url)
    async with opened(settings) as behind:
        app.state.behind = behind
        async with served(app, port=free_port()) as address, httpx2.AsyncClient(base_url=address) as client:
            yield Door(client, settings)


@pytest.fixture(scope="module")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    async with a_door(tmp_path_factory.mktemp("report")) as door:
        yield door


async def test_what_is_sent_is_a_ticket_with_its_pictures(door: Door) -> None:
    slip = door.slip()
    answer = await door.send({"pictures": ("a.png", a_picture("png"), "image/png")}, slip=slip, mileage="8120")
    assert answer.status_code == 303, text_of(answer.text)
    number = f"WEB-{slip.partition('-')[0]}"
    engine = connect(door.settings.ledger_url)
    ticket = await tickets.get(engine, number)
    assert ticket is not None
    assert (ticket.channel, ticket.words, ticket.tags) == ("website", GOOD["words"], ())
    assert (ticket.customer.phone, ticket.customer.language) == (GOOD["phone"], "en")
    assert (ticket.vehicle.vin, ticket.vehicle.mileage_km) == (VIN, 8120)
    assert [row.sha256 for row in await evidence.of_ticket(engine, number)] == list(ticket.files)
    await engine.dispose()
    done = await door.http.get(answer.headers["location"])
    assert number in done.text
    assert "reads it by" in done.text


async def test_the_form_from_the_page_itself_is_one_that_is_taken_after_a_while(door: Door) -> None:
    page = (await door.http.get("/report", params={"via": "qr", "station": "S-12"})).text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert (hidden["via"], hidden["station"]) == ("qr", "S-12")
    hasty = await door.http.post("/report", data={**GOOD, **hidden})
    assert (hasty.status_code, "太快了" in hasty.text) == (422, True)
    assert GOOD["words"] in hasty.text
    later = {**GOOD, **hidden, "slip": door.slip()}
    answer = await door.http.post("/report", data=later)
    assert answer.status_code == 303
    number = f"QR-{later['slip'].partition('-')[0]}"
    engine = connect(door.settings.ledger_url)
    ticket = await tickets.get(engine, number)
    assert ticket is not None
    assert (ticket.channel, ticket.words) == ("qr", f"{GOOD['words']}\n\n(S-12)")
    await engine.dispose()


async def test_sent_twice_it_is_one_and_another_content_is_not_taken_in_silence(door: Door) -> None:
    slip, before = door.slip(), len(await door.tickets())
    for _ in range(2):
        assert (await door.send(slip=slip)).status_code == 303
    changed = await door.send(slip=slip, words="其实是方向盘")
    assert (changed.status_code, "was sent before" in changed.text) == (409, True)
    assert "其实是方向盘" in changed.text
    assert len(await door.tickets()) == before + 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"words": "  "}, "Please write what happened"),
        ({"words": "长" * 19_801}, "19,800 characters"),
        ({"vin": "LSVAA4182E218484"}, "A VIN is 17"),
        ({"vin": "LSVOQ4182E2184847"}, "A VIN is 17"),
        ({"vin": "1M8GDM9A1KP042788"}, "check digit"),
        ({"mileage": "8120.5"}, "Digits alone"),
        ({"mileage": "٣٤"}, "Digits alone"),
        ({"phone": "", "email": ""}, "Please leave a phone"),
        ({"phone": "call me"}, "does not look like a phone"),
        ({"email": "me at home"}, "does not look like an e-mail"),
        ({"consent": ""}, "Without your consent"),
        ({"slip": ""}, "send it once more"),
        ({"slip": "0123456789abcdef-1700000000-" + "0" * 32}, "send it once more"),
        ({"name": "王" * 201}, "too long"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_is_still_there(
    door: Door, fields: dict[str, str], sentence: str
) -> None:
    before = len(await door.tickets())
    answer = await door.send(**{"model": "<b>X7", **fields})
    assert answer.status_code == 422
    assert sentence in text_of(answer.text)
    assert 'value="&lt;b&gt;X7"' in answer.text
    assert (fields.get("words") or GOOD["words"]).strip() in answer.text
    assert len(await door.tickets()) == before


async def test_a_vin_that_only_looks_wrong_is_asked_for_once(door: Door) -> None:
    european = "WVWZZZ1JZ3W386752"
    page = (await door.send(vin=european)).text
    assert "check digit" in page
    sure = dict(re.findall(r'type="hidden" name="(vin_sure)" value="([^"]*)"', page))
    assert sure == {"vin_sure": european}
    assert (await door.send(vin=f" {european.lower()} ", **sure)).status_code == 303


async def test_a_form_that_stood_open_for_a_day_is_sent_once_more_with_all_that_was_typed(door: Door) -> None:
    page = await door.send(slip=door.slip(age=timedelta(days=2)))
    assert page.status_code == 422
    fresh = re.search(r'name="slip" value="([^"]*)"', page.text)
    assert fresh
    found = report_slip.read(fresh[1], SECRET)
    assert found is not None
    assert not found.is_stale(datetime.now(UTC))


async def test_what_no_person_fills_in_is_not_taken(door: Door) -> None:
    before = len(await door.tickets())
    assert (await door.send(website="http://spam.example.com")).status_code == 429
    assert len(await door.tickets()) == before


async def test_a_file_that_is_no_picture_is_named_and_the_words_stay(door: Door) -> None:
    answer = await door.send({"pictures": ("a.png", b"MZ\x90\x00 no picture", "image/png")})
    assert answer.status_code == 422
    assert GOOD["words"] in answer.text
    assert "Please choose your pictures again" in answer.text
    many = [("pictures", (f"{n}.png", a_picture("png"), "image/png")) for n in range(6)]
    assert "Too many pictures" in (await door.send(many)).text


@pytest.mark.parametrize(("limit", "refused_at"), [("posts_a_minute", 3), ("all_a_minute", 3)])
async def test_nobody_drowns_us(tmp_path: Path, limit: str, refused_at: int) -> None:
    async with a_door(tmp_path, limits={limit: refused_at}) as door:
        answers = [(await door.send()).status_code for _ in range(refused_at + 2)]
    assert answers == [303] * refused_at + [429] * 2


async def test_while_the_ledger_is_away_what_was_typed_stays_on_the_screen(tmp_path: Path) -> None:
    async with a_door(tmp_path) as door:
        engine = connect(door.settings.ledger_url)
        async with writing(engine) as connection:
            await connection.exec_driver_sql("ALTER TABLE inbox RENAME TO elsewhere")
        answer = await door.send()
        await engine.dispose()
    assert (answer.status_code, GOOD["words"] in answer.text) == (503, True)


async def test_where_it_is_off_there_is_no_such_page(tmp_path: Path) -> None:
    async with a_door(tmp_path, is_open=False) as door:
        assert (await door.http.get("/report")).status_code == 404
        assert (await door.send()).status_code == 404
        assert (await door.http.get("/report/done", params={"slip": door.slip()})).status_code == 404
        assert await door.tickets() == []


async def test_the_page_says_no_more_than_it_must_and_tells_the_browser_to_keep_nothing(door: Door) -> None:
    page = await door.http.get("/report")
    assert page.headers["cache-control"] == "no-store"
    assert "script" not in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert (await door.http.get("/report/done", params={"slip": "made-up"})).status_code == 404
    assert "<script" not in (await door.http.get("/report", params={"station": '"><script>x'})).text
