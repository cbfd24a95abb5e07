"""The notice centre as a browser without scripts has it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from domain.commands import Role
from domain.outlets import Audience, Notice, NoticeKind
from ledger import notices as ledger_notices
from ledger import tickets
from ledger.database import connect, migrate
from settings import Settings
from starter.web import notices, sign_in
from tests.ledger.building import a_whole_ticket
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH, text_of

NOW = datetime.now(UTC)
POSTED = (
    ("N-1", NoticeKind.BREACH, Audience.RESPONDERS, "powertrain", "王小明的投诉超期，电话 13800001111 / It is late"),
    ("N-2", NoticeKind.WORK_ORDER, Audience.RESPONDERS, "powertrain", "<b>派单</b>"),
    ("N-3", NoticeKind.VP_COPY, Audience.VP, "powertrain", "抄送"),
    ("N-4", NoticeKind.TRIAGE, Audience.CX, "", "待分拣"),
    ("N-5", NoticeKind.WORK_ORDER, Audience.RESPONDERS, "body", "车身"),
)


@pytest.fixture
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    home = tmp_path_factory.mktemp("notices")
    await migrate(Settings(home=home).ledger_url)
    engine = connect(Settings(home=home).ledger_url)
    for number, (ticket_no, kind, audience, department, subject) in enumerate(POSTED):
        await tickets.keep(engine, a_whole_ticket(ticket_no), received_at=NOW)
        notice = Notice(key=f"{ticket_no}:1:1", kind=kind, audience=audience, department=department)
        created = NOW - timedelta(hours=number + 1)
        await ledger_notices.post(
            engine, notice, ticket_no=ticket_no, address="a@x.example", subject=subject, body="正文", created_at=created
        )
    await ledger_notices.failed(engine, key="N-1:1:1", address="a@x.example", reason="550 <no> such post")
    await ledger_notices.sent(engine, key="N-3:1:1", address="a@x.example", by="robot:<vp>", at=NOW)
    await engine.dispose()
    async with page_server.serving(notices.router, sign_in.router, home=home) as client:
        await page_server.sign_in(client, Role.RESPONDER, "powertrain")
        yield client


def shown_of(html: str) -> list[str]:
    return re.findall(r'id="notice-(N-\d)', html)


async def test_a_post_sees_its_own_masked_and_as_text(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/notices")).text
    assert shown_of(shown) == ["N-1", "N-2"]
    assert "王**的投诉超期，电话 138****1111" in shown
    assert "&lt;b&gt;派单&lt;/b&gt;" in shown
    assert "550 &lt;no&gt; such post" in shown
    assert 'href="/complaints/N-1"' in shown
    english = (await web.get("/notices", headers=ENGLISH)).text
    assert ">It is late</a>" in english
    assert "投诉超期" not in english
    assert "Unread (2)" in text_of(english)


@pytest.mark.parametrize(
    ("role", "department", "shown"),
    [
        (Role.VP, "powertrain", ["N-3"]),
        (Role.CX, "cx", ["N-4"]),
        (Role.RESPONDER, "body", ["N-5"]),
        (Role.OPS, "", ["N-4"]),
        (Role.MANAGER, "powertrain", ["N-1", "N-2"]),
        (Role.LEADERSHIP, "", []),
    ],
)
async def test_each_role_reads_what_its_post_was_told(
    web: httpx2.AsyncClient, role: Role, department: str, shown: list[str]
) -> None:
    await page_server.sign_in(web, role, department)
    assert shown_of((await web.get("/notices")).text) == shown


@pytest.mark.parametrize(
    ("role", "department", "said", "reason"),
    [
        (Role.VP, "powertrain", "已发 1／1（群机器人 &lt;vp&gt;）", "the way that took it"),
        (Role.RESPONDER, "powertrain", "未送达：</strong> 550 &lt;no&gt; such post", "why no way did"),
        (Role.CX, "cx", "站内通知", "none was tried"),
    ],
)
async def test_by_which_way_it_went_is_told(
    web: httpx2.AsyncClient, role: Role, department: str, said: str, reason: str
) -> None:
    await page_server.sign_in(web, role, department)
    assert said in (await web.get("/notices")).text, reason


async def test_it_is_filtered_by_kind(web: httpx2.AsyncClient) -> None:
    assert shown_of((await web.get("/notices?kind=breach")).text) == ["N-1"]
    assert shown_of((await web.get("/notices?kind=")).text) == ["N-1", "N-2"]
    assert (await web.get("/notices?kind=nonsense")).status_code == 422


async def test_one_is_marked_read_and_then_stands_below(web: httpx2.AsyncClient) -> None:
    token = dict(re.findall(r'name="(csrf)" value="([^"]*)"', (await web.get("/notices")).text))
    answer = await web.post("/notices/read", data={**token, "key": "N-1:1:1"})
    assert answer.headers["location"] == "/notices"
    shown = (await web.get("/notices")).text
    assert shown_of(shown) == ["N-2", "N-1"]
    assert "未读（1）" in shown


async def test_another_posts_notice_cannot_be_marked(web: httpx2.AsyncClient) -> None:
    token = dict(re.findall(r'name="(csrf)" value="([^"]*)"', (await web.get("/notices")).text))
    await web.post("/notices/read", data={**token, "key": "N-5:1:1"})
    await page_server.sign_in(web, Role.RESPONDER, "body")
    assert "未读（1）" in (await web.get("/notices")).text


async def test_all_are_marked_at_once(web: httpx2.AsyncClient) -> None:
    token = dict(re.findall(r'name="(csrf)" value="([^"]*)"', (await web.get("/notices")).text))
    answer = await web.post("/notices/read", data=token, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-trigger"]) == (204, "fresh")
    assert "没有未读通知" in (await web.get("/notices")).text
