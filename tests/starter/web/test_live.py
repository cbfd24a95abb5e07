"""Streams to open pages: what is told, and that they end with the session that opened them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import NamedTuple

import httpx2
import pytest

from domain.commands import Role
from ledger import notes, sessions, tickets
from ledger.database import connect, migrate
from settings import Settings
from starter.web import board, complaint, complaint_live, sign_in
from tests.ledger.building import a_whole_ticket
from tests.starter.web import page_server

NOW = datetime.now(UTC)


class Said(NamedTuple):
    event: str
    data: str


@pytest.fixture(scope="module")
async def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("live"))
    await migrate(settings.ledger_url)
    engine = connect(settings.ledger_url)
    await tickets.keep(engine, a_whole_ticket("L-1"), received_at=NOW)
    await engine.dispose()
    return settings


@pytest.fixture
async def web(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    routers = (board.router, complaint.router, complaint_live.router, sign_in.router)
    async with page_server.serving(*routers, home=settings.home) as client:
        await page_server.sign_in(client, Role.RESPONDER, "powertrain")
        yield client


async def heard(stream: httpx2.Response) -> AsyncIterator[Said]:
    """The events of a stream, to its end."""
    event = ""
    async for line in stream.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data" and value.strip():
            yield Said(event, value)


async def adds(settings: Settings, text: str) -> None:
    engine = connect(settings.ledger_url)
    await notes.keep(engine, ticket_no="L-1", text=text, author="customer", at=NOW)
    await engine.dispose()


async def signs_out_everywhere(settings: Settings) -> None:
    engine = connect(settings.ledger_url)
    assert await sessions.end_of(engine, "demo-responder-powertrain", at=datetime.now(UTC))
    await engine.dispose()


async def test_a_word_the_customer_adds_is_told_to_an_open_page_and_then_fetched(
    web: httpx2.AsyncClient, settings: Settings
) -> None:
    async with asyncio.timeout(20), web.stream("GET", "/complaints/L-1/live") as stream:
        told = heard(stream)
        before = await anext(told)
        await adds(settings, "今天又熄火了一次。")
        after = await anext(told)
        assert (before.event, after.event) == ("changed", "changed")
        fresh = await web.get(f"/complaints/L-1/parts/added?mark={before.data}", headers={"HX-Request": "true"})
        assert "今天又熄火了一次。" in fresh.text
        same = await web.get(f"/complaints/L-1/parts/added?mark={after.data}", headers={"HX-Request": "true"})
        assert same.status_code == 204


@pytest.mark.parametrize(("address", "first"), [("/board/live", "board"), ("/complaints/L-1/live", "changed")])
async def test_a_stream_ends_with_the_session_that_opened_it(
    web: httpx2.AsyncClient, settings: Settings, address: str, first: str
) -> None:
    async with asyncio.timeout(20), web.stream("GET", address) as stream:
        told = heard(stream)
        assert (await anext(told)).event == first
        await signs_out_everywhere(settings)
        rest = [said.event async for said in told]
    assert rest[-1] == "over"
    again = await web.get(address)
    assert (again.status_code, again.headers["location"].partition("?")[0]) == (303, "/sign-in")


async def test_nobody_is_told_of_what_was_never_brought(web: httpx2.AsyncClient) -> None:
    assert (await web.get("/complaints/L-9/live")).status_code == 404
