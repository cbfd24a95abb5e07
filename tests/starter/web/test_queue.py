"""The workbench as a browser without scripts has it, and the parts that htmx asks for."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi import APIRouter
from sqlalchemy import update

from domain import commands as cmd
from domain.commands import Role, RootCause
from ledger import policies, tickets
from ledger import tables as t
from ledger.database import connect, migrate
from policy.reading import load
from settings import Settings
from starter.api import exports
from starter.web import queue, sign_in
from tests.builders import CX, NOTE, Played, of
from tests.ledger.building import a_whole_ticket, recorded
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH, text_of

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
PART = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("queue")


@pytest.fixture(scope="module")
async def web(home: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Powertrain has Q-1 (red), Q-2, Q-3 before the customer, Q-4 closed, and sixty that are younger."""
    settings = Settings(home=home)
    await migrate(settings.ledger_url)
    await _filled(settings)
    api = APIRouter(prefix="/api/v1")
    api.include_router(exports.router)
    async with page_server.serving(queue.router, sign_in.router, api, home=home) as client:
        yield client


async def _filled(settings: Settings) -> None:
    engine, policy = connect(settings.ledger_url), load().policy_at(NOW)
    await policies.keep(engine, policy)
    powertrain = of("powertrain")
    late = Played("engine.stall", ticket_no="Q-1", at=NOW - 5 * HOUR, policy=policy, tier="vip", risk_level=4)
    waiting = Played("engine.hard_start", ticket_no="Q-2", at=NOW - HOUR, policy=policy)
    claimed = Played("engine.hard_start", ticket_no="Q-3", at=NOW - HOUR, policy=policy)
    claimed.send(cmd.Claim, at=NOW, by=powertrain, note_id=NOTE, root_cause=RootCause.DESIGN)
    closed = Played("engine.hard_start", ticket_no="Q-4", at=NOW - HOUR, policy=policy)
    closed.send(cmd.Withdraw, at=NOW, by=CX)
    young = [Played("engine.hard_start", ticket_no=f"Q-9{n:02}", at=NOW, policy=policy) for n in range(60)]
    await recorded(engine, late, waiting, claimed, closed, *young)
    said = "王小明说：<b>熄火</b>，请打 13800001111\n第二行"
    car = {"vin": "LVSHCAMB1CE000001", "brand": "星河", "model": "X7"}
    await tickets.keep(engine, a_whole_ticket("Q-1", words=said, vehicle=car), received_at=NOW)
    await engine.dispose()


@pytest.fixture
async def responder(web: httpx2.AsyncClient) -> httpx2.AsyncClient:
    await page_server.sign_in(web, Role.RESPONDER, "powertrain")
    return web


def numbers(html: str) -> list[str]:
    return re.findall(r'id="row-([^"]+)"', html)


async def test_nobody_looks_without_signing_in(web: httpx2.AsyncClient) -> None:
    web.cookies.clear()
    answer = await web.get("/queue?whose=all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fqueue%3Fwhose%3Dall")
    part = await web.get("/queue", headers={**PART, "HX-Current-URL": "http://x/queue?q=1"})
    assert (part.status_code, part.headers["hx-retarget"]) == (401, "#said")
    assert 'href="/sign-in?next=%2Fqueue%3Fq%3D1" target="_blank"' in part.text, "the page stays, with what was typed"


async def test_the_most_urgent_stands_first_with_its_light_in_a_word(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/queue")).text
    assert numbers(shown)[:2] == ["Q-1", "Q-2"]
    first = text_of(shown[shown.index('id="row-Q-1"') : shown.index('id="row-Q-2"')])
    assert "红" in first
    assert re.search(r"超 3小时\d+分 响应时限", first)
    assert "待响应 请接单或举证" in first
    assert "VIP" in first


async def test_the_customers_first_line_is_shown_masked_and_as_text(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/queue")).text
    assert "王**说：&lt;b&gt;熄火&lt;/b&gt;，请打 138****1111" in shown
    assert "第二行" not in shown
    assert "LVSHCAMB1CE000001" not in shown
    assert "星河 X7" in shown


async def test_a_due_time_that_may_still_move_is_said_to_be_provisional(
    responder: httpx2.AsyncClient, home: Path
) -> None:
    assert "暂定" not in text_of((await responder.get("/queue")).text)
    engine = connect(Settings(home=home).ledger_url)
    async with engine.begin() as connection:
        await connection.execute(
            update(t.complaints).where(t.complaints.c.ticket_no == "Q-2").values(is_provisional=True)
        )
    await engine.dispose()
    assert "暂定" in text_of((await responder.get("/queue")).text)


async def test_a_tag_and_a_department_go_by_their_names(responder: httpx2.AsyncClient) -> None:
    shown = text_of((await responder.get("/queue", headers=ENGLISH)).text)
    assert "Powertrain Queue" in shown
    assert "engine.stall" not in shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/queue?whose=waiting", ["Q-3"]),
        ("/queue?whose=supported", []),
        ("/queue?whose=mine&stage=closed", ["Q-4"]),
        ("/queue?light=red", ["Q-1"]),
        ("/queue?risk=4", ["Q-1"]),
        ("/queue?tier=vip", ["Q-1"]),
        ("/queue?q=熄火", ["Q-1"]),
        ("/queue?q=王小明 熄火", ["Q-1"]),
        ("/queue?light=&stage=&tag=&risk=&tier=&q=Q-1", ["Q-1"]),  # as a form sends it
        ("/queue?department=body&light=red", ["Q-1"]),  # one's own, whatever the address says
    ],
)
async def test_a_list_is_narrowed_by_its_address(responder: httpx2.AsyncClient, address: str, shown: list[str]) -> None:
    assert numbers((await responder.get(address)).text) == shown


async def test_an_empty_list_says_what_is_going_on(responder: httpx2.AsyncClient) -> None:
    assert "没有需要您协助的工单" in (await responder.get("/queue?whose=supported")).text
    assert "没有符合条件的工单" in (await responder.get("/queue?q=无此事")).text


async def test_more_leads_on_without_scripts_and_with(responder: httpx2.AsyncClient) -> None:
    first = (await responder.get("/queue")).text
    link = re.search(r'<a class="button quiet" href="([^"]+)" hx-get', first)
    assert link
    address = link[1].replace("&amp;", "&")
    whole, part = await responder.get(address), await responder.get(address, headers=PART)
    assert len(numbers(first)) == 50
    assert numbers(whole.text) == numbers(part.text)
    assert len({*numbers(first), *numbers(part.text)}) == 62
    assert "<html" not in part.text


async def test_a_list_is_fetched_anew_with_as_many_rows_as_it_showed(responder: httpx2.AsyncClient) -> None:
    fresh = (await responder.get("/queue?shown=60", headers=PART)).text
    assert len(numbers(fresh)) == 60
    assert '<hx-partial hx-target="#tabs"' in fresh


async def test_accepting_without_temporal_is_kept_and_says_so(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/queue?q=Q-1")).text
    fields = dict(re.findall(r'<input type="hidden" name="(csrf|key|back)" value="([^"]*)"', shown))
    answer = await responder.post("/queue/Q-1/accept", data=fields, headers=PART)
    assert "已保存" in answer.text
    assert answer.headers["hx-trigger"] == "fresh"
    again = await responder.post("/queue/Q-1/accept", data=fields)
    assert (again.status_code, again.headers["location"]) == (303, "/queue?q=Q-1")


async def test_the_key_of_accepting_stays_and_is_known_to_that_session_alone(web: httpx2.AsyncClient) -> None:
    keys = []
    for _ in range(2):
        await page_server.sign_in(web, Role.RESPONDER, "powertrain")
        drawn = [re.findall(r'name="key" value="([^"]*)"', (await web.get("/queue")).text) for _ in range(2)]
        assert drawn[0] == drawn[1]
        assert drawn[0]
        keys.append(set(drawn[0]))
    assert not keys[0] & keys[1]  # who could guess it could use it up before it is clicked


async def test_accepting_needs_the_sessions_token(responder: httpx2.AsyncClient) -> None:
    answer = await responder.post("/queue/Q-1/accept", data={"key": "k"}, headers=PART)
    assert answer.status_code == 403
    assert "请刷新页面" in answer.text


async def test_a_list_is_kept_under_a_name_and_dropped(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/queue?light=red&tier=vip")).text
    token = dict(re.findall(r'name="(csrf)" value="([^"]*)"', shown))
    kept = await responder.post("/queue/lists", data={**token, "name": "VIP <b>急", "light": "red", "tier": "vip"})
    assert kept.headers["location"] == "/queue?light=red&tier=vip"
    shown = (await responder.get("/queue")).text
    assert '<a href="/queue?light=red&amp;tier=vip"' in shown
    assert "VIP &lt;b&gt;急" in shown
    await responder.post("/queue/lists/drop", data={**token, "name": "VIP <b>急"})
    assert "VIP &lt;b&gt;急" not in (await responder.get("/queue")).text


async def test_a_list_without_a_name_is_not_kept(responder: httpx2.AsyncClient) -> None:
    shown = (await responder.get("/queue?light=red")).text
    token = dict(re.findall(r'name="(csrf)" value="([^"]*)"', shown))
    assert (await responder.post("/queue/lists", data={**token, "name": " ", "light": "red"})).status_code == 422


async def test_only_the_departments_own_voices_are_offered_to_accept(web: httpx2.AsyncClient) -> None:
    for role, department, is_offered in (
        (Role.RESPONDER, "powertrain", True),
        (Role.VP, "powertrain", True),
        (Role.RESPONDER, "body", False),
        (Role.LEADERSHIP, "", False),
    ):
        await page_server.sign_in(web, role, department)
        assert ("/accept" in (await web.get("/queue?whose=all")).text) is is_offered, role


async def test_who_has_no_department_sees_the_company_and_may_choose(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.LEADERSHIP, "")
    assert "全公司" in (await web.get("/queue")).text
    assert numbers((await web.get("/queue?q=小明")).text) == []  # whose name is not theirs to see
    assert numbers((await web.get("/queue?department=powertrain&q=Q-1")).text) == ["Q-1"]
    assert numbers((await web.get("/queue?department=body")).text) == []


@pytest.mark.parametrize("wrong", ["?light=blue", "?cursor=nonsense", "?risk=9", "?shown=9999"])
async def test_a_wrong_address_is_told_as_a_page(responder: httpx2.AsyncClient, wrong: str) -> None:
    answer = await responder.get(f"/queue{wrong}")
    assert answer.status_code == 422
    assert "<html" in answer.text


@pytest.mark.parametrize(
    ("role", "department", "address"),
    [
        (Role.MANAGER, "powertrain", "/queue?q=Q-1"),
        (Role.MANAGER, "powertrain", "/queue?risk=4&tier=vip&light=red&tag=engine.stall"),
        (Role.MANAGER, "powertrain", "/queue?stage=closed"),
        (Role.MANAGER, "powertrain", "/queue?whose=all&shown=200"),
        (Role.MANAGER, "powertrain", "/queue?whose=waiting"),
        (Role.LEADERSHIP, "", "/queue?stage=verification"),
        (Role.LEADERSHIP, "", "/queue?light=red"),
    ],
)
async def test_a_list_is_exported_as_it_is_shown(
    web: httpx2.AsyncClient, role: Role, department: str, address: str
) -> None:
    await page_server.sign_in(web, role, department)
    shown = (await web.get(address)).text
    csv = re.search(r'href="(/api/v1/complaints\.csv[^"]+language=zh)">CSV</a>', shown)
    assert csv
    assert csv[1].replace(".csv?", ".xlsx?") in shown
    exported = await web.get(csv[1].replace("&amp;", "&"))
    assert exported.status_code == 200, exported.text
    assert re.findall(r"\bQ-\d+", exported.text) == numbers(shown) != []


async def test_who_may_not_export_is_offered_no_file(web: httpx2.AsyncClient) -> None:
    await page_server.sign_in(web, Role.RESPONDER, "powertrain")
    assert "/api/v1/complaints.csv" not in (await web.get("/queue")).text
