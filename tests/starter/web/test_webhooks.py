"""The webhooks' pages as a browser without scripts has them."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest

from domain.commands import Role
from ledger import webhooks as ledger_webhooks
from ledger.database import connect, migrate
from settings import Settings
from starter.web import sign_in, webhooks
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH

NOW = datetime.now(UTC)


@pytest.fixture
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    """One subscription with a test event in its log."""
    home = tmp_path_factory.mktemp("webhooks")
    await migrate(Settings(home=home).ledger_url)
    engine = connect(Settings(home=home).ledger_url)
    made = await ledger_webhooks.subscribe(
        engine,
        url="https://erp.example.com/hooks",
        kinds=["closed"],
        departments=["powertrain"],
        description="<b>ERP",
        by="p",
        at=NOW,
    )
    await ledger_webhooks.ping(engine, made.webhook_id, at=NOW)
    await engine.dispose()
    async with page_server.serving(webhooks.router, sign_in.router, home=home) as client:
        await page_server.sign_in(client, Role.OPS, "")
        yield client


async def the_page(web: httpx2.AsyncClient) -> tuple[str, str, dict[str, str]]:
    """The subscription's address, its page, and the token of its forms."""
    listed = (await web.get("/webhooks")).text
    address = re.search(r'href="(/webhooks/wh_[0-9a-f]{32})"', listed)
    assert address
    shown = (await web.get(address[1])).text
    return address[1], shown, dict(re.findall(r'name="(csrf)" value="([^"]*)"', shown))


async def test_a_subscription_is_listed_with_what_it_gets(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/webhooks", headers=ENGLISH)).text
    assert "https://erp.example.com/hooks" in shown
    assert "&lt;b&gt;ERP" in shown
    assert "event kinds: 1 · Powertrain" in shown
    assert "active" in shown


async def test_the_log_is_narrowed_by_state_and_tells_each_attempt(web: httpx2.AsyncClient) -> None:
    address, shown, _ = await the_page(web)
    assert "ping.v1" in shown
    assert "没有投递记录" in (await web.get(f"{address}?state=delivered")).text
    one = re.search(r'href="(/webhooks/wh_\w+/deliveries/msg_\w+)"', shown)
    assert one
    assert "还没有投递" in (await web.get(one[1])).text
    assert (await web.get(f"{address}?cursor=nonsense")).status_code == 422


async def test_it_is_tested_and_sent_again(web: httpx2.AsyncClient) -> None:
    address, shown, token = await the_page(web)
    again = re.search(r'action="([^"]+/send-again)"', shown)
    assert again
    assert (await web.post(again[1], data=token)).headers["location"] == address
    await web.post(f"{address}/ping", data=token)
    assert (await web.get(address)).text.count("ping.v1") == 2


async def test_it_is_disabled_and_enabled(web: httpx2.AsyncClient) -> None:
    address, _, token = await the_page(web)
    await web.post(f"{address}/active", data={**token, "is_active": "false"})
    assert "已停用" in (await web.get(address)).text
    await web.post(f"{address}/active", data={**token, "is_active": "true"})
    assert "正常" in (await web.get(address)).text


async def test_only_those_who_manage_them_may_look(web: httpx2.AsyncClient) -> None:
    address, _, token = await the_page(web)
    await page_server.sign_in(web, Role.VP, "body")
    assert [(await web.get(path)).status_code for path in ("/webhooks", address)] == [403, 403]
    assert (await web.post(f"{address}/ping", data=token)).status_code == 403


async def test_one_that_is_not_there_is_told_as_a_page(web: httpx2.AsyncClient) -> None:
    answer = await web.get(f"/webhooks/wh_{'0' * 32}")
    assert answer.status_code == 404
    assert "<html" in answer.text
