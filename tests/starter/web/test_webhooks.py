"""The webhooks' pages as a browser without scripts has them."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest

from domain.commands import Role
from domain.webhooks import KINDS
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


FORM = {"url": "https://dms.example.com/in", "kinds": ["closed", "claimed"], "departments": ["chassis"]}


async def test_a_form_subscribes_and_shows_the_secret_once(web: httpx2.AsyncClient) -> None:
    _, _, token = await the_page(web)
    assert 'action="/webhooks"' in (await web.get("/webhooks/new")).text
    made = await web.post("/webhooks", data={**token, **FORM, "description": "<i>DMS"}, headers=ENGLISH)
    assert made.status_code == 201
    (secret,) = re.findall(r"whsec_[\w+/=]+", made.text)
    address = re.search(r'href="(/webhooks/wh_[0-9a-f]{32})"', made.text)
    assert address
    shown = (await web.get(address[1], headers=ENGLISH)).text
    assert secret not in shown
    assert "event kinds: 2 · Chassis Engineering" in shown
    assert "&lt;i&gt;DMS" in shown


async def test_without_a_choice_everything_is_sent(web: httpx2.AsyncClient) -> None:
    _, _, token = await the_page(web)
    await web.post("/webhooks", data={**token, "url": "https://dms.example.com/in"})
    assert "every event · every department" in (await web.get("/webhooks", headers=ENGLISH)).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"url": "http://dms.example.com/in"}, "Use https"),
        ({"url": "https://10.0.0.1/in"}, "This address is inside"),
        ({"url": " "}, "Give the whole URL."),
        ({"kinds": ["exploded"]}, "Some are no kinds of event"),
        ({"description": "x" * 201}, "At most 200 characters."),
    ],
)
async def test_a_form_that_is_wrong_comes_back_filled_in(
    web: httpx2.AsyncClient, wrong: dict[str, str], said: str
) -> None:
    address, _, token = await the_page(web)
    for to in ("/webhooks", f"{address}/edit"):
        answer = await web.post(to, data={**token, **FORM, "description": "DMS & co", **wrong}, headers=ENGLISH)
        assert answer.status_code == 422
        assert said in answer.text
        assert 'value="chassis" checked' in answer.text
        assert "DMS &amp; co" in answer.text or "description" in wrong
    assert len(re.findall(r'class="card hook"', (await web.get("/webhooks")).text)) == 1


async def test_it_is_changed_by_a_form_that_stands_as_it_is(web: httpx2.AsyncClient) -> None:
    address, _, token = await the_page(web)
    form = (await web.get(f"{address}/edit")).text
    assert 'value="https://erp.example.com/hooks"' in form
    assert re.findall(r'value="(\w+)" checked', form) == ["closed", "powertrain"]
    assert (await web.post(f"{address}/edit", data={**token, **FORM})).headers["location"] == address
    shown = (await web.get(address, headers=ENGLISH)).text
    assert "https://dms.example.com/in" in shown
    assert "event kinds: 2 · Chassis Engineering" in shown
    assert "ERP" not in shown


async def test_its_secret_is_rotated_and_shown_once(web: httpx2.AsyncClient) -> None:
    address, shown, token = await the_page(web)
    assert f'action="{address}/rotate"' in shown
    first, second = [await web.post(f"{address}/rotate", data=token) for _ in range(2)]
    secrets = {re.findall(r"whsec_[\w+/=]+", each.text)[0] for each in (first, second)}
    assert len(secrets) == 2
    assert "旧密钥签名至" in first.text
    assert first.headers["cache-control"] == "private, no-store"
    assert "whsec_" not in (await web.get(address)).text


async def test_it_is_deleted_with_its_log(web: httpx2.AsyncClient) -> None:
    address, shown, token = await the_page(web)
    assert f'action="{address}/delete"' in shown
    assert (await web.post(f"{address}/delete", data=token)).headers["location"] == "/webhooks"
    assert (await web.get(address)).status_code == 404
    assert "还没有订阅" in (await web.get("/webhooks")).text


async def test_its_log_is_offered_as_files(web: httpx2.AsyncClient) -> None:
    address, shown, _ = await the_page(web)
    assert f'href="/api/v1{address}/deliveries.csv?language=zh"' in shown
    narrowed = (await web.get(f"{address}?state=pending")).text
    assert f"/api/v1{address}/deliveries.xlsx?state=pending&amp;language=zh" in narrowed


async def test_every_kind_of_event_has_a_name(web: httpx2.AsyncClient) -> None:
    form = (await web.get("/webhooks/new", headers=ENGLISH)).text
    assert re.findall(r'name="kinds" value="(\w+)"', form) == list(KINDS)


async def test_only_those_who_manage_them_may_look(web: httpx2.AsyncClient) -> None:
    address, _, token = await the_page(web)
    await page_server.sign_in(web, Role.VP, "body")
    assert [(await web.get(path)).status_code for path in ("/webhooks", address)] == [403, 403]
    for act in ("/ping", "/rotate", "/delete", "/edit"):
        assert (await web.post(f"{address}{act}", data=token)).status_code == 403
    assert (await web.post("/webhooks", data={**token, **FORM})).status_code == 403


async def test_one_that_is_not_there_is_told_as_a_page(web: httpx2.AsyncClient) -> None:
    answer = await web.get(f"/webhooks/wh_{'0' * 32}")
    assert answer.status_code == 404
    assert "<html" in answer.text
