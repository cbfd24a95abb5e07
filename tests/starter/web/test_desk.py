"""CX's desk as a browser without scripts has it."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from domain import commands as cmd
from domain.commands import CallOutcome, Role, RootCause
from domain.seats import Duty, Why
from ledger import disclosures, notes, policies, seatings, tickets
from ledger.database import connect, migrate
from policy.reading import load
from settings import Settings
from starter.web import desk, desk_case, desk_seats, sign_in
from tests.builders import CX, PHOTO, Played, of
from tests.ledger.building import a_whole_ticket, recorded
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH, text_of

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
PART = {"HX-Request": "true"}
SETTINGS: dict[str, Settings] = {}


@pytest.fixture(scope="module")
async def web(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    """K-1 has no tag and K-2 one that nobody knows; K-3 is to be called, K-4 was called in vain once and K-5 often
    enough; K-6 is disputed; K-7 cannot be coordinated.
    """
    home = tmp_path_factory.mktemp("desk")
    SETTINGS["web"] = Settings(home=home)
    await migrate(SETTINGS["web"].ledger_url)
    await _filled(SETTINGS["web"])
    async with page_server.serving(
        desk.router, desk_case.router, desk_seats.router, sign_in.router, home=home
    ) as client:
        yield client


async def _filled(settings: Settings) -> None:
    engine, policy = connect(settings.ledger_url), load().policy_at(NOW)
    await policies.keep(engine, policy)
    done = await notes.keep(engine, ticket_no="K-3", text="已更换点火线圈，请致电 13800001111", author="x", at=NOW)

    def played(number: int, *tags: str, age: timedelta = HOUR, **facts: Any) -> Played:
        return Played(*tags, ticket_no=f"K-{number}", at=NOW - age, policy=policy, **facts)

    untagged, unknown = played(1, tags=()), played(2, "engine.singing")
    fresh, once, often = (
        played(3, "engine.oil_consumption"),
        played(4, "engine.oil_consumption"),
        played(5, "engine.oil_consumption", age=60 * HOUR),
    )
    for each, age in ((fresh, HOUR), (once, HOUR), (often, 50 * HOUR)):
        each.send(cmd.Claim, at=NOW - age, by=of("powertrain"), note_id=done, root_cause=RootCause.SUPPLIER_PART)
    unreached: dict[str, Any] = {"by": CX, "outcome": CallOutcome.UNREACHED}
    once.send(cmd.RecordVerificationCall, at=NOW - HOUR / 2, **unreached)
    for hours in (40, 30, 29.9, 20):
        often.send(cmd.RecordVerificationCall, at=NOW - hours * HOUR, **unreached)
    disputed, stuck = played(6, "engine.oil_consumption"), played(7, "engine.oil_consumption")
    disputed.send(cmd.Contest, at=NOW - HOUR / 2, by=of("powertrain"), evidence=(PHOTO,), note_id=done)
    stuck.send(cmd.Escalate, at=NOW - HOUR / 2, by=CX)
    await recorded(engine, untagged, unknown, fresh, once, often, disputed, stuck)
    for number, words in ((1, "<b>王小明</b>：高速上发动机突然熄火"), (2, "你好"), (3, "启动困难"), (6, "熄火")):
        ticket = a_whole_ticket(f"K-{number}", words=words)
        await tickets.keep(engine, ticket, received_at=NOW)
    for number in (4, 5, 7):
        await tickets.keep(engine, a_whole_ticket(f"K-{number}"), received_at=NOW)
    await engine.dispose()


@pytest.fixture
async def cx(web: httpx2.AsyncClient) -> httpx2.AsyncClient:
    await page_server.sign_in(web, Role.CX, "cx")
    return web


def numbers(html: str) -> list[str]:
    return re.findall(r'id="row-(K-\d)', html)


def fields_of(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(csrf|key)" value="([^"]*)"', html))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/desk", ["K-1", "K-2"]),
        ("/desk/calls", ["K-5", "K-4", "K-3"]),  # the next call after one in vain is due sooner
        ("/desk/unreachable", ["K-5", "K-4"]),
        ("/desk/arbitration", ["K-6"]),
        ("/desk/escalations", ["K-7"]),
    ],
)
async def test_each_pile_lists_its_own(cx: httpx2.AsyncClient, address: str, shown: list[str]) -> None:
    whole, part = await cx.get(address), await cx.get(address, headers=PART)
    assert numbers(whole.text) == numbers(part.text) == shown
    assert "<html" not in part.text
    assert '<hx-partial hx-target="#tabs"' in part.text


async def test_nobody_looks_without_signing_in(web: httpx2.AsyncClient) -> None:
    web.cookies.clear()
    assert (await web.get("/desk")).headers["location"] == "/sign-in?next=%2Fdesk"


async def test_the_words_stand_masked_beside_tags_that_say_why(cx: httpx2.AsyncClient) -> None:
    shown = (await cx.get("/desk")).text
    assert "&lt;b&gt;王**&lt;/b&gt;：高速上发动机突然熄火" in shown
    buttons = re.findall(r'name="tags" value="([^"]+)"', shown)
    assert buttons[0] == "engine.stall"
    assert len(buttons) <= 5
    assert "<mark>熄火</mark>" in shown
    assert "engine.singing" in shown  # what the CRM called it
    assert "从原话看不出是什么问题" in shown


async def test_one_click_classifies_and_without_temporal_it_is_kept(cx: httpx2.AsyncClient) -> None:
    data = {**fields_of((await cx.get("/desk")).text), "tags": "engine.stall"}
    answer = await cx.post("/desk/triage/K-1", data=data, headers=PART)
    assert "已保存" in answer.text
    assert answer.headers["hx-trigger"] == "fresh"
    again = await cx.post("/desk/triage/K-1", data=data)
    assert again.headers["location"] == "/desk?done=K-1"


async def test_any_tag_of_the_matrix_may_be_chosen_instead(cx: httpx2.AsyncClient) -> None:
    shown = (await cx.get("/desk/triage/K-2", headers=ENGLISH)).text
    assert shown.count('type="checkbox"') > 100
    assert "Loss of drive power while driving" in shown
    wrong = await cx.post("/desk/triage/K-2", data={**fields_of(shown)})
    assert wrong.status_code == 422


async def test_a_call_has_its_script_and_shows_the_number_only_when_asked(cx: httpx2.AsyncClient) -> None:
    shown = (await cx.get("/desk/calls/K-3")).text
    assert "已更换点火线圈，请致电 138****1111" in shown
    assert "13800001111" not in shown
    token = fields_of(shown)
    revealed = (await cx.post("/desk/calls/K-3/number", data=token)).text
    assert 'href="tel:13800001111"' in revealed
    engine = connect(SETTINGS["web"].ledger_url)
    (line,) = await disclosures.latest(engine, ticket_no="K-3")
    await engine.dispose()
    assert (line.what, line.why, line.role) == ("personal", "verification call", "cx")


async def test_an_answer_is_recorded_with_its_ratings(cx: httpx2.AsyncClient) -> None:
    token = fields_of((await cx.get("/desk/calls/K-3")).text)
    data = {**token, "outcome": "confirmed", "ratings.attitude": "5", "ratings.recommend": "10", "note": "很满意"}
    answer = await cx.post("/desk/calls/K-3", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/calls?done=K-3")
    assert (await cx.post("/desk/calls/K-3", data={**token, "key": "k2", "outcome": "maybe"})).status_code == 422


async def test_attempts_stand_as_proof_and_closing_is_offered_only_when_they_suffice(cx: httpx2.AsyncClient) -> None:
    shown = (await cx.get("/desk/unreachable")).text
    often, once = shown.split('id="row-K-4"')
    assert often.count('class="counts"') == 3
    assert "间隔太短，不计" in often
    assert 'action="/desk/unreachable/K-5"' in often
    assert 'action="/desk/unreachable/K-4"' not in once
    assert "还差 2 次有效联系" in once
    assert "下一次有效联系不早于" in once


async def test_only_cx_is_offered_to_act(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.RESPONDER, "powertrain")
    for address in ("/desk", "/desk/calls", "/desk/unreachable", "/desk/calls/K-4", "/desk/triage/K-1"):
        shown = (await web.get(address)).text
        assert "这一步轮不到您" in shown or "不能自行确认或关单" in shown, address
        assert not re.search(r'<form[^>]*action="/desk', shown), address


async def test_both_sides_stand_beside_each_other_and_the_arbiter_rules(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.ARBITER, "quality")
    shown = (await web.get("/desk/arbitration/K-6")).text
    assert 'id="side-powertrain"' in shown
    assert "动力总成部" in text_of(shown)
    token = fields_of(shown)
    missing = await web.post("/desk/arbitration/K-6", data={**token, "owner": "powertrain"})
    assert missing.status_code == 422
    assert "请写明裁定理由" in missing.text
    ruled = await web.post("/desk/arbitration/K-6", data={**token, "owner": "powertrain", "note": "依据矩阵"})
    assert ruled.headers["location"] == "/desk/arbitration?done=K-6"


async def test_who_may_not_rule_sees_why(cx: httpx2.AsyncClient) -> None:
    shown = (await cx.get("/desk/arbitration/K-6")).text
    assert "这一步轮不到您" in shown
    assert 'name="owner"' not in shown


async def test_an_escalation_is_acknowledged_by_whom_it_was_raised_to(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.COORDINATOR, "service")
    shown = (await web.get("/desk/escalations")).text
    assert "等您确认（1）" in shown
    data = fields_of(shown)
    answer = await web.post("/desk/escalations/K-7/service", data=data, headers=PART)
    assert "已保存" in answer.text
    await page_server.sign_in(web, Role.CX, "cx")
    assert "他人尚未确认（1）" in (await web.get("/desk/escalations")).text


async def test_a_complaint_that_is_at_another_stage_leads_to_its_page(cx: httpx2.AsyncClient) -> None:
    for address in ("/desk/calls/K-7", "/desk/arbitration/K-7"):
        assert (await cx.get(address)).headers["location"] == "/complaints/K-7"


async def test_the_desk_says_whose_a_complaint_is_and_how_much_each_has(cx: httpx2.AsyncClient) -> None:
    engine = connect(SETTINGS["web"].ledger_url)
    await seatings.give(engine, "K-2", seat="li.min", duty=Duty.TRIAGE, why=Why.BY_HAND, at=NOW)
    await engine.dispose()
    assert "looked after by Li Min" in text_of((await cx.get("/desk", headers=ENGLISH)).text)
    shown = text_of((await cx.get("/desk/seats", headers=ENGLISH)).text)
    assert "Li Min" in shown
    assert re.search(r"Li Min agent every system · Chinese \d+/30", shown)


async def test_one_of_the_seats_finds_their_work_and_gives_it_on(web: httpx2.AsyncClient) -> None:
    engine = connect(SETTINGS["web"].ledger_url)
    await page_server.sign_in(web, "seat", "wu.hao")
    await seatings.give(engine, "K-1", seat="wu.hao", duty=Duty.TRIAGE, why=Why.BY_HAND, at=NOW)
    page = (await web.get("/desk/seats", headers=ENGLISH)).text
    assert "K-1" in numbers(page)
    assert 'href="/desk/triage/K-1"' in page
    answer = await web.post("/desk/seats/K-1", data={"csrf": fields_of(page)["csrf"], "seat": "li.min"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/seats?done=K-1")
    assert "K-1" not in numbers((await web.get("/desk/seats", headers=ENGLISH)).text)
    assert (await seatings.of_tickets(engine, ["K-1"]))["K-1"].by == "wu.hao"
    await engine.dispose()
