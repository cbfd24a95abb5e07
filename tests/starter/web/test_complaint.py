"""A complaint's page as a browser without scripts has it: what it shows, what it offers, and what becomes of a form."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from domain import commands as cmd
from domain.commands import Evidence, EvidenceKind, Role, RootCause
from domain.motions import Motion
from ledger import notes, policies, tickets
from ledger.database import connect, migrate
from ledger.evidence import keep as keep_evidence
from policy.reading import load
from settings import Settings
from starter.web import complaint, sign_in
from tests.builders import Played, of
from tests.ledger.building import a_whole_ticket, recorded
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH, text_of

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
PART = {"HX-Request": "true"}
CX, POWERTRAIN = of("cx", Role.CX), of("powertrain")
PICTURE = "d" * 64
ALWAYS = ("record_demand", "withdraw", "merge_into")
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + (b"\x00\x00\x00\x01" * 2) + b"\x08\x02\x00\x00\x00\x90wS\xde"


@pytest.fixture(scope="module")
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    """C-1 waits for powertrain, C-2 was handed on and claimed, C-3 is merged, C-4 is grey, C-5 has not begun, for C-6 a
    second person is wanted.
    """
    home = tmp_path_factory.mktemp("complaint")
    settings = Settings(home=home)
    await migrate(settings.ledger_url)
    await _filled(settings)
    async with page_server.serving(complaint.router, sign_in.router, home=home) as client:
        yield client


async def _filled(settings: Settings) -> None:
    engine, policy = connect(settings.ledger_url), load().policy_at(NOW)
    await policies.keep(engine, policy)
    grey = next(tag for tag in policy.matrix.supporters if policy.matrix.owner_of(tag))
    note = await notes.keep(engine, ticket_no="C-2", text="王小明 13800001111 的车已换件", author="x", at=NOW)
    waiting = Played("engine.stall", ticket_no="C-1", at=NOW - 5 * HOUR, policy=policy)
    waiting.wait(NOW - HOUR / 2)
    moved = Played("engine.hard_start", ticket_no="C-2", at=NOW - 30 * HOUR, policy=policy)
    photo = Evidence(kind=EvidenceKind.PHOTO, sha256=PICTURE)
    moved.send(cmd.Transfer, at=NOW - 29 * HOUR, by=POWERTRAIN, to="chassis", evidence=(photo,), note_id=note)
    claim: dict[str, Any] = {"note_id": note, "root_cause": RootCause.DESIGN, "evidence": (photo,)}
    moved.send(cmd.Claim, at=NOW - 20 * HOUR, by=of("chassis"), **claim)
    moved.send(
        cmd.CustomerReply, at=NOW - 9 * HOUR, by=cmd.Actor(role=Role.CUSTOMER), answer=cmd.Answer.REJECT, round=1
    )
    moved.send(cmd.Accept, at=NOW - HOUR, by=POWERTRAIN)
    merged = Played("engine.stall", ticket_no="C-3", at=NOW - HOUR, policy=policy)
    merged.send(cmd.MergeInto, at=NOW, by=CX, ticket_no="C-1")
    proposed = Played("engine.hard_start", ticket_no="C-6", at=NOW - HOUR, policy=policy)
    proposed.send(cmd.Propose, at=NOW, by=CX, motion=Motion.IRRATIONAL, note_id=note, evidence=(photo,))
    await recorded(
        engine, waiting, moved, merged, proposed, Played(grey, ticket_no="C-4", at=NOW - HOUR, policy=policy)
    )
    for number in ("C-1", "C-2", "C-3", "C-4", "C-5", "C-6"):
        said = "我是王小明，电话 13800001111。\n<script>alert(1)</script> 高速熄火"
        files = ["e" * 64] if number == "C-1" else []
        await tickets.keep(engine, a_whole_ticket(number, words=said, files=files), received_at=NOW)
    for number, sha256 in (("C-1", "e" * 64), ("C-2", PICTURE)):
        what: dict[str, Any] = {"kind": "photo", "media_type": "image/png", "size": 2048, "file_name": "仪表.png"}
        await keep_evidence(engine, ticket_no=number, sha256=sha256, stored_at=NOW, by="p-9", **what)
    song: dict[str, Any] = {"kind": "audio", "media_type": "audio/mpeg", "size": 4096, "file_name": "异响.mp3"}
    await keep_evidence(engine, ticket_no="C-1", sha256="f" * 64, stored_at=NOW, by="customer", **song)
    await engine.dispose()


@pytest.fixture
async def responder(web: httpx2.AsyncClient) -> httpx2.AsyncClient:
    await page_server.sign_in(web, Role.RESPONDER, "powertrain")
    return web


def form_of(html: str, kind: str) -> dict[str, str]:
    """What the form sends beside what is typed."""
    action = re.escape('action="/complaints/') + r"[^\"]+" + re.escape(f'/acts/{kind}"')
    form = re.search(rf"<form[^>]*{action}.*?</form>", html, re.DOTALL)
    assert form, kind
    return dict(re.findall(r'<input type="hidden" name="(csrf|key)" value="([^"]*)"', form[0]))


def offered(html: str) -> set[str]:
    return set(re.findall(r'hx-post="/complaints/[^"]+/acts/(\w+)"', html))


def section(html: str, begin: str, end: str = "</section>") -> str:
    start = html.index(begin)
    return html[start : html.index(end, start)]


async def test_the_customers_words_come_first_masked_and_as_text(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/complaints/C-1")).text
    assert "我是王**，电话 138****1111。" in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "13800001111" not in shown
    assert shown.index('id="words"') < shown.index('id="acts"') < shown.index('id="story"')


async def test_the_customers_files_open_without_being_fetched_before(responder: httpx2.AsyncClient) -> None:
    words = section((await responder.get("/complaints/C-1")).text, 'id="words"')
    assert f'<img src="/api/v1/evidence/{"e" * 64}?ticket_no=C-1" loading="lazy"' in words
    assert re.search(r'<details><summary><span class="kind">照片</span> <span class="called">仪表\.png', words)
    assert f'<audio controls preload="none" src="/api/v1/evidence/{"f" * 64}?ticket_no=C-1"' in words


async def test_who_the_files_do_not_concern_is_told_so(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.RESPONDER, "body")
    words = section((await web.get("/complaints/C-1")).text, 'id="words"')
    assert "/api/v1/evidence/" not in words
    assert "有 2 份文件；只有负责" in words
    assert "查看完整个人信息" not in words


async def test_what_waits_for_a_second_person_is_said(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.CX, "cx")
    standing = text_of(section((await web.get("/complaints/C-6")).text, 'class="governing', "</header>"))
    assert "等另一部门的人决定：认定为非理性投诉。" in standing


async def test_it_says_who_has_it_what_governs_and_what_comes_next(responder: httpx2.AsyncClient) -> None:
    standing = text_of(section((await responder.get("/complaints/C-1")).text, 'id="standing"', "</header>"))
    for said in ("C-1", "红", "响应时限", "现由动力总成部负责", "如无人处理："):
        assert said in standing, said


async def test_only_what_the_core_would_take_is_offered_and_the_rest_says_why(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/complaints/C-1")).text
    absent = text_of(section(shown, '<details class="absent">', "</details>"))
    # Its response clock has passed: deemed accepted, so it can still be accepted by word, and no more handed on.
    theirs = {"accept", "contest", "request_support", "post_progress", "claim", "report_facts", "record_demand"}
    assert offered(shown) == theirs
    assert "举证转派 接单（含视同接单）之后只有仲裁能改派" in absent
    assert "裁定归属 这张工单目前的阶段不能做这个操作" in absent


@pytest.mark.parametrize(
    ("role", "department", "ticket_no", "expected"),
    [
        (Role.RESPONDER, "body", "C-1", set()),
        (Role.LEADERSHIP, "", "C-1", {"acknowledge"}),  # its tag is a red line, which is theirs to see at once
        (Role.CX, "cx", "C-1", {"post_progress", "report_facts", "reclassify", "propose", *ALWAYS}),
        (Role.LEADERSHIP, "", "C-6", {"decide_proposal"}),
        (Role.CX, "cx", "C-6", {"post_progress", "report_facts", "reclassify", "escalate", *ALWAYS}),
        (Role.CX, "cx", "C-3", set()),
        (Role.RESPONDER, "powertrain", "C-5", set()),
    ],
)
async def test_everybody_is_offered_their_own(
    web: httpx2.AsyncClient, role: Role, department: str, ticket_no: str, expected: set[str]
) -> None:
    await page_server.sign_in(web, role, department)
    assert offered((await web.get(f"/complaints/{ticket_no}")).text) == expected


async def test_a_grey_lead_is_told_why_it_cannot_hand_it_on(web: httpx2.AsyncClient) -> None:
    shown = (await web.get("/complaints/C-4")).text
    lead = load().policy_at(NOW).matrix
    grey = next(tag for tag in lead.supporters if lead.owner_of(tag))
    await page_server.sign_in(web, Role.RESPONDER, lead.owner_of(grey) or "")
    shown = (await web.get("/complaints/C-4")).text
    assert "灰色问题的牵头部门不得退单" in section(shown, '<details class="absent">', "</details>")
    assert "协助部门：" in section(shown, 'id="standing"', "</header>")


async def test_a_merged_one_leads_to_where_it_goes_on(responder: httpx2.AsyncClient) -> None:
    standing = section((await responder.get("/complaints/C-3")).text, 'id="standing"', "</header>")
    assert '<a href="/complaints/C-1">在工单 C-1 中继续处理</a>' in standing


async def test_one_that_has_not_begun_says_so(responder: httpx2.AsyncClient) -> None:
    assert "尚未开始处理" in (await responder.get("/complaints/C-5")).text
    assert (await responder.get("/complaints/C-404")).status_code == 404


async def test_the_story_is_told_newest_first_by_office_and_masked(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/complaints/C-2")).text
    told = text_of(section(shown, 'id="timeline-heading"'))
    assert told.index("客户驳回第 1 次申请") < told.index("第 1 次申请已解决") < told.index("带 1 份举证转给底盘工程部")
    assert "王** 138****1111 的车已换件" in told
    assert "动力总成部责任人：“接单”未被受理：这一步轮不到您" in told
    assert "powertrain-1" not in told


async def test_the_clocks_are_drawn_by_segment_with_what_they_mean(responder: httpx2.AsyncClient) -> None:
    bars = section((await responder.get("/complaints/C-2")).text, 'id="bars-heading"')
    assert bars.count('class="lane-bar"') == 4  # the customer's, this hop's, and two departments'
    assert 'fill="url(#p-rejected)"' in bars
    assert re.search(r'<rect x="[\d.]+%" y="0" width="[\d.]+%" height="24"/>', bars)
    assert "动力总成部：责任部门处理，计时" in bars
    assert "style=" not in bars


async def test_hops_bear_their_time_and_their_charges(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/complaints/C-2")).text
    hops = text_of(section(shown, 'id="hops-heading"'))
    assert re.search(r"动力总成部 派单 .* 已转出 1小时0分 —", hops)
    assert re.search(r"底盘工程部 转派 .* 客户驳回 底盘工程部 100%", hops)
    evidence = text_of(section(shown, 'id="evidence-heading"'))
    assert re.search("动力总成部 责任人、用于转派 · .* 底盘工程部 责任人、用于解决申请", evidence)
    assert f"{PICTURE[:10]}…" in evidence


async def test_personal_data_is_shown_once_for_a_reason(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/complaints/C-1")).text
    token = re.search(r'name="csrf" value="([^"]*)"', shown)
    assert token
    asked = {"csrf": token[1], "why": "回电客户"}
    revealed = await responder.post("/complaints/C-1/personal", data=asked)
    assert "13800001111" in revealed.text
    assert "LVSHCAMB1CE000001" in revealed.text
    assert "13800001111" not in (await responder.get("/complaints/C-1")).text
    nothing = await responder.post("/complaints/C-1/personal", data={"csrf": token[1], "why": "  "}, headers=PART)
    assert (nothing.status_code, "请先写明原因" in nothing.text, "13800001111" in nothing.text) == (422, True, False)


async def test_each_form_shown_has_a_key_of_its_own(responder: httpx2.AsyncClient) -> None:
    first, again = [(await responder.get("/complaints/C-1")).text for _ in range(2)]
    keys = {form_of(html, kind)["key"] for html in (first, again) for kind in offered(html)}
    assert len(keys) == 14


async def test_a_form_that_lacks_something_comes_back_with_what_was_typed(responder: httpx2.AsyncClient) -> None:
    fields = form_of((await responder.get("/complaints/C-1")).text, "contest")
    answer = await responder.post("/complaints/C-1/acts/contest", data={**fields, "note": "不是<我们>的"})
    assert answer.status_code == 422
    assert "不是&lt;我们&gt;的</textarea>" in answer.text
    assert "没有举证不能提交" in answer.text
    assert form_of(answer.text, "contest")["key"] == fields["key"]


async def test_a_file_is_kept_though_the_form_lacks_something(responder: httpx2.AsyncClient) -> None:
    fields = form_of((await responder.get("/complaints/C-1")).text, "contest")
    sent = {**fields, "evidence_kind": "log"}
    file = {"file": ("故障码.txt", b"DTC P0301\n", "text/plain")}
    answer = await responder.post("/complaints/C-1/acts/contest", data=sent, files=file)
    assert answer.status_code == 422
    assert re.search(r'name="attached" value="[0-9a-f]{64}" checked> <span class="kind">数据日志', answer.text)
    assert "没有举证不能提交" not in answer.text


async def test_what_cannot_be_taken_as_evidence_says_why(responder: httpx2.AsyncClient) -> None:
    fields = form_of((await responder.get("/complaints/C-1")).text, "contest")
    file = {"file": ("a.png", b"no picture at all\n", "image/png")}
    answer = await responder.post(
        "/complaints/C-1/files", data={"csrf": fields["csrf"], "evidence_kind": "photo"}, files=file, headers=PART
    )
    assert answer.status_code == 422
    assert "a.png：文件内容与所报的举证类型不符" in answer.text


async def test_files_for_anothers_complaint_are_not_taken(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.RESPONDER, "body")
    token = re.search(r'name="csrf" value="([^"]*)"', (await web.get("/complaints/C-1")).text)
    assert token
    file = {"file": ("a.txt", b"text\n", "text/plain")}
    answer = await web.post("/complaints/C-1/files", data={"csrf": token[1]}, files=file, headers=PART)
    assert answer.status_code == 403


async def test_an_act_without_temporal_is_kept_and_says_so(responder: httpx2.AsyncClient) -> None:
    fields = form_of((await responder.get("/complaints/C-1")).text, "accept")
    answer = await responder.post("/complaints/C-1/acts/accept", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/complaints/C-1?queued={fields['key']}")
    assert "您的操作已保存" in (await responder.get(answer.headers["location"])).text
    again = await responder.post("/complaints/C-1/acts/accept", data=fields, headers=PART)
    assert again.headers["hx-redirect"] == answer.headers["location"]


async def test_an_act_needs_the_sessions_token(responder: httpx2.AsyncClient) -> None:
    answer = await responder.post("/complaints/C-1/acts/accept", data={"key": "k"}, headers=PART)
    assert answer.status_code == 403


async def test_nothing_new_costs_an_empty_answer(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/complaints/C-1")).text
    parts = re.findall(r'data-refresh="([^"]+)"', shown)
    assert len(parts) == 5
    for part in parts:
        assert (await responder.get(part, headers=PART)).status_code == 204
        fresh = await responder.get(part.partition("?")[0], headers=PART)
        assert (fresh.status_code, "<html" in fresh.text) == (200, False)
        assert f'data-refresh="{part}"' in fresh.text


async def test_it_speaks_english_too(responder: httpx2.AsyncClient) -> None:
    shown = text_of((await responder.get("/complaints/C-2", headers=ENGLISH)).text)
    for said in ("In the customer&#39;s words", "The three clocks", "What you can do now", "Hops, and what each bears"):
        assert said in shown, said


async def test_a_forms_address_asked_for_by_a_reload_leads_back(responder: httpx2.AsyncClient) -> None:
    for address in ("/complaints/C-1/acts/claim", "/complaints/C-1/personal"):
        assert (await responder.get(address)).headers["location"] == "/complaints/C-1"
