"""What a complaint's page says of its customer: what they were told, what they added, and their link."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from domain import commands as cmd
from domain.commands import Role
from domain.outlets import Audience, Notice, NoticeKind
from ledger import notes, notices, policies, tickets
from ledger.database import connect, migrate
from policy.reading import load
from settings import Settings
from starter.telling.events import Names
from starter.telling.replies import next_word, stage_replies
from starter.web import complaint, sign_in
from tests.builders import Played, of
from tests.ledger.building import a_whole_ticket, recorded
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH, text_of

NOW = datetime.now(UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def late() -> Played:
    """Taken on and told of; then two days without a word."""
    played = Played("engine.stall", ticket_no="L-2", at=NOW - 60 * HOUR, policy=load().policy_at(NOW))
    played.send(cmd.Accept, at=NOW - 59 * HOUR, by=of("powertrain"))
    played.wait(NOW - HOUR)
    return played


@pytest.fixture(scope="module")
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    """L-1 waits for powertrain; L-2 was promised news that did not come, and its customer wrote twice."""
    home = tmp_path_factory.mktemp("told")
    settings = Settings(home=home)
    await migrate(settings.ledger_url)
    engine, policy = connect(settings.ledger_url), load().policy_at(NOW)
    await policies.keep(engine, policy)
    await recorded(engine, Played("engine.stall", ticket_no="L-1", at=NOW - HOUR, policy=policy), late())
    for number in ("L-1", "L-2"):
        await tickets.keep(engine, a_whole_ticket(number, words="高速熄火"), received_at=NOW)
    letter = Notice(key="L-2:1:0", kind=NoticeKind.CUSTOMER_RECEIVED, audience=Audience.CUSTOMER)
    posted = {"ticket_no": "L-2", "address": "+8613800001111", "subject": "已收到", "body": "王小明，您好"}
    await notices.post(engine, letter, **posted, created_at=NOW)
    await notices.sent(engine, key=letter.key, address=posted["address"], by="sms", at=NOW)
    for day, text in enumerate(("又响了 13800001111", "<i>今天</i>也响"), start=1):
        await notes.keep(engine, ticket_no="L-2", text=text, author="customer", at=NOW - (3 - day) * DAY)
    await engine.dispose()
    async with page_server.serving(complaint.router, sign_in.router, home=home) as client:
        yield client


@pytest.fixture
async def responder(web: httpx2.AsyncClient) -> httpx2.AsyncClient:
    await page_server.sign_in(web, Role.RESPONDER, "powertrain")
    return web


def section(html: str, begin: str) -> str:
    start = html.index(begin)
    return html[start : html.index("</section>", start)]


def token_of(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]*)"', html)
    assert found
    return found[1]


async def test_the_customer_and_we_read_the_same_replies(responder: httpx2.AsyncClient) -> None:
    told = text_of(section((await responder.get("/complaints/L-2")).text, 'id="replies-heading"'))
    replies = stage_replies(late().events, Names(load()))
    assert len(replies) == 2
    at = [told.index(reply.said.zh) for reply in replies]
    assert at == sorted(at, reverse=True)
    assert "客户在自己的页面上读到的就是这些" in told


async def test_a_letters_way_is_told_and_not_the_address(responder: httpx2.AsyncClient) -> None:
    told = section((await responder.get("/complaints/L-2")).text, 'id="replies-heading"')
    assert "已发送（短信）" in told
    assert "王**，您好" in told
    assert "13800001111" not in told


async def test_a_promise_that_was_not_kept_is_said(responder: httpx2.AsyncClient) -> None:
    c = late().complaint
    word = next_word(c, at=NOW)
    assert word
    assert word.missed
    told = text_of(section((await responder.get("/complaints/L-2")).text, 'id="replies-heading"'))
    assert f"答应客户的进展 {len(word.missed)} 次没有按时告知，原定：" in told
    assert "动力总成部最迟告知进展：" in told


async def test_what_the_customer_added_stands_beside_their_words_masked(responder: httpx2.AsyncClient) -> None:
    words = section((await responder.get("/complaints/L-2")).text, 'id="words"')
    assert "客户后来补充" in words
    assert words.index("&lt;i&gt;今天&lt;/i&gt;也响") < words.index("又响了 138****1111")
    assert "客户后来补充" not in (await responder.get("/complaints/L-1")).text


async def test_cx_ends_a_link_and_issues_another_that_is_shown_once(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.CX, "cx")
    first = (await web.get("/complaints/L-1")).text
    assert "还没有发出。" in section(first, 'id="link"')
    fields = {"csrf": token_of(first)}
    issued = await web.post("/complaints/L-1/link", data=fields)
    link = re.search(r"<code class=\"address\">[^<]+/c/([A-Za-z0-9_-]{22})</code>", issued.text)
    assert link
    assert "no-store" in issued.headers["cache-control"]
    again = (await web.get("/complaints/L-1")).text
    assert link[1] not in again
    assert "可以打开：" in section(again, 'id="link"')
    revoked = await web.post("/complaints/L-1/link/revoke", data=fields)
    assert (revoked.status_code, revoked.headers["location"]) == (303, "/complaints/L-1#link")
    ended = section((await web.get("/complaints/L-1")).text, 'id="link"')
    assert "起已作废" in ended
    assert "link/revoke" not in ended


async def test_the_link_is_nobody_elses_to_end(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/complaints/L-1")).text
    assert 'id="link"' not in shown
    fields = {"csrf": token_of(shown)}
    for address in ("/complaints/L-1/link", "/complaints/L-1/link/revoke"):
        assert (await responder.post(address, data=fields)).status_code == 403
    await page_server.sign_in(responder, Role.CX, "cx")
    assert (await responder.post("/complaints/L-1/link")).status_code == 403, "without the session's token"
    assert (await responder.get("/complaints/L-1/link")).headers["location"] == "/complaints/L-1"


async def test_a_timeline_is_exported_by_those_who_may(responder: httpx2.AsyncClient) -> None:
    assert "timeline.csv" not in (await responder.get("/complaints/L-1")).text
    await page_server.sign_in(responder, Role.CX, "cx")
    story = (await responder.get("/complaints/L-1", headers=ENGLISH)).text
    for ending in ("csv", "xlsx"):
        assert f'href="/api/v1/complaints/L-1/timeline.{ending}?language=en"' in story
