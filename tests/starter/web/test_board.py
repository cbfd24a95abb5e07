"""The board as a browser without scripts has it, what its stream says, and how its figures come together."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from fastapi import APIRouter

from domain import commands as cmd
from domain.commands import Role
from ledger import policies, tickets
from ledger.database import connect, migrate
from ledger.wall import Handed, HourOfRates, Standing, Tick
from policy.reading import load
from settings import Settings
from starter.api import board_exports
from starter.telling.board import DAYS, days, heat_map, walls
from starter.web import board, sign_in
from tests.builders import NOTE, PHOTO, Played, of
from tests.ledger.building import a_whole_ticket, recorded
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH, text_of

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
FILES = load()


@pytest.fixture(scope="module")
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    home = tmp_path_factory.mktemp("board")
    settings = Settings(home=home)
    await migrate(settings.ledger_url)
    await _filled(settings)
    api = APIRouter(prefix="/api/v1")
    api.include_router(board_exports.router)
    async with page_server.serving(board.router, sign_in.router, api, home=home) as client:
        await page_server.sign_in(client, Role.LEADERSHIP, "")
        yield client


async def _filled(settings: Settings) -> None:
    """B-1 silent past its response, B-2 handed from powertrain to quality, B-3 fresh and with words."""
    engine, policy = connect(settings.ledger_url), FILES.policy_at(NOW)
    await policies.keep(engine, policy)
    silent = Played("engine.stall", ticket_no="B-1", at=NOW - 5 * HOUR, policy=policy)
    silent.wait(NOW)
    handed = Played("engine.hard_start", ticket_no="B-2", at=NOW - 2 * HOUR, policy=policy)
    handed.send(cmd.Transfer, at=NOW - HOUR, by=of("powertrain"), to="chassis", evidence=(PHOTO,), note_id=NOTE)
    await recorded(engine, silent, handed, Played("engine.stall", ticket_no="B-3", at=NOW, policy=policy))
    said = "王小明说：<script>alert(1)</script>熄火，请打 13800001111"
    await tickets.keep(engine, a_whole_ticket("B-3", words=said), received_at=NOW)
    await engine.dispose()


async def test_everyone_employed_may_look_and_nobody_else(web: httpx2.AsyncClient) -> None:
    assert (await web.get("/board")).status_code == 200
    async with httpx2.AsyncClient(base_url=web.base_url, trust_env=False) as nobody:
        answers = [await nobody.get(path) for path in ("/", "/board", "/board/wall", "/board/figures", "/board/live")]
    assert [each.status_code for each in answers] == [303] * 5
    assert all(each.headers["location"].startswith("/sign-in") for each in answers)


async def test_the_start_is_the_board(web: httpx2.AsyncClient) -> None:
    assert (await web.get("/")).headers["location"] == "/board"


async def test_lights_stand_by_department_and_by_system(web: httpx2.AsyncClient) -> None:
    shown = text_of((await web.get("/board", headers=ENGLISH)).text)
    assert "3 open" in shown
    assert re.search(r"Powertrain\w* ?\w* red 1 yellow 0 green 1", shown)
    assert re.search(r"Chassis Engineering red 0 yellow 0 green 1", shown)


async def test_a_new_red_is_told_with_when_it_fell_due(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/board", headers=ENGLISH)).text
    reds = shown[shown.index('id="reds"') : shown.index('id="oldest"')]
    due = re.search(r'datetime="([^"]+)"', reds)
    if due is None:  # the breach, an hour ago, was yesterday by the company's clock
        assert "No red light today" in text_of(reds)
    else:
        assert datetime.fromisoformat(due[1]) == (NOW - HOUR).replace(microsecond=0)
        assert "B-1" in reds


async def test_customers_words_are_masked_and_harmless(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/board")).text
    assert "熄火" in shown
    assert "13800001111" not in shown
    assert "王小明" not in shown
    assert "<script>alert" not in shown


async def test_hand_offs_and_rates_stand_in_tables_beside_the_charts(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/board/figures", headers=ENGLISH)).text
    heat = text_of(shown[shown.index('id="heat-table"') : shown.index('id="heat-table"') + 4000])
    assert re.search(r"Powertrain .*Chassis", heat)
    assert len(re.findall(r'<th scope="row">\d\d-\d\d</th>', shown)) == DAYS
    assert "50.0%" in shown  # of two responses that are over, one came in time


async def test_each_table_is_taken_along_by_those_who_may_export(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/board", headers=ENGLISH)).text
    links = re.findall(r'href="(/api/v1/board/([a-z-]+)\.csv\?language=en)"', shown)
    tables = {table: (await web.get(link)).text for link, table in links}
    assert list(tables) == list(board_exports.BoardTable)
    assert '"B-1","Powertrain","response clock"' in tables["reds"]
    assert [line[1:4] for line in tables["oldest"].splitlines()[1:]] == ["B-1", "B-2", "B-3"]
    assert '"Powertrain","Chassis Engineering","1","0"' in tables["hand-offs"]
    assert '"Chassis Engineering","1","0","0","1"' in tables["departments"]
    assert "/api/v1/board" not in (await web.get("/board/wall")).text
    await page_server.sign_in(web, Role.RESPONDER, "powertrain")
    assert "/api/v1/board" not in (await web.get("/board")).text


async def test_the_wall_has_no_frame_and_nothing_inline(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/board/wall")).text
    assert "is-wall" in shown
    assert "/sign-out" not in shown
    assert re.search(r"\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", shown) is None


async def test_the_stream_tells_the_live_part_again_and_again(web: httpx2.AsyncClient) -> None:
    told: list[str] = []
    async with asyncio.timeout(20), web.stream("GET", "/board/live", headers=ENGLISH) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                told.append(line)
            if len(told) == 2:
                break
    assert told == ["event: board", "event: board"]


def test_every_department_has_a_lamp_and_the_worst_system_comes_first() -> None:
    standing = (
        Standing(desk="chassis", tag="brakes.abs", green=3, yellow=0, red=0),
        Standing(desk="powertrain", tag="engine.stall", green=0, yellow=1, red=2),
        Standing(desk="cx", tag="nobody.knows", green=1, yellow=0, red=0),
    )
    shown = walls(Tick(at=NOW, standing=standing, reds=(), oldest=()), FILES)
    assert (shown.whole.green, shown.whole.yellow, shown.whole.red, shown.whole.total) == (4, 1, 2, 7)
    assert len(shown.desks) >= len(FILES.departments)
    assert (shown.systems[0].red, len(shown.systems)) == (2, 3)
    assert any(lamp.name.zh == "待分类" for lamp in shown.systems)


@pytest.mark.parametrize(
    ("hour", "day", "why"),
    [
        ("2026-11-22T15:00+00:00", "11-22", "before midnight in Shanghai"),
        ("2026-11-22T16:00+00:00", "11-23", "midnight in Shanghai is 16:00 UTC"),
        ("2026-11-23T15:00+00:00", "11-23", "the last hour of the day"),
    ],
)
def test_an_hour_counts_in_its_local_day(hour: str, day: str, why: str) -> None:
    hours = [HourOfRates(hour=datetime.fromisoformat(hour), in_time=1, responses=4)]
    shown = days(hours, zone="Asia/Shanghai", at=datetime.fromisoformat("2026-11-23T15:59+00:00"), count=3)
    assert [each.day.isoformat()[5:] for each in shown] == ["11-21", "11-22", "11-23"]
    assert [each.in_time for each in shown if each.responses] == [25.0], why
    assert next(each.day.isoformat()[5:] for each in shown if each.responses) == day


def test_a_day_without_a_verdict_has_no_rate() -> None:
    (shown,) = days([], zone="Asia/Shanghai", at=NOW, count=1)
    assert (shown.in_time, shown.first_fix) == (None, None)


@pytest.mark.parametrize(("count", "shade"), [(0, 0), (1, 1), (10, 1), (11, 2), (49, 5), (50, 5)])
def test_the_more_hand_offs_the_darker(count: int, shade: int) -> None:
    most = Handed(source="a", target="b", count=50, refuted=0)
    assert heat_map([most, Handed(source="b", target="a", count=count, refuted=0)]).shade(count) == shade


def test_a_map_of_nothing_is_empty() -> None:
    shown = heat_map([])
    assert (shown.departments, shown.most, json.dumps(shown.cells)) == ((), 0, "{}")
