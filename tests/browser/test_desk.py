"""A morning at CX's desk: classify by a click, call with one hand, rule on a dispute, acknowledge an escalation."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.looking import PHONE, Looker, Visitors
from tests.browser.tickets import Tickets
from tests.end_to_end.stack import Stack
from tests.starter.evidence.pictures import a_picture

HOUR = timedelta(hours=1)
POWERTRAIN = {"role": "responder", "department": "powertrain"}
CX = {"role": "cx", "department": "cx"}


def _photo(stack: Stack, ticket_no: str) -> dict[str, str]:
    form = {"ticket_no": ticket_no, "kind": "photo"}
    answer = stack.http.post(
        f"{stack.api}/api/v1/evidence", data=form, files={"file": ("拆检.png", a_picture("png"), "image/png")}
    )
    assert answer.is_success, answer.text
    return {"kind": "photo", "sha256": answer.json()["sha256"]}


@pytest.fixture(scope="module")
def desk(stack: Stack, tickets: Tickets) -> Tickets:
    """Something on every pile."""
    tickets.bring(
        "CX-101", age=1.8 * HOUR, words="高速上发动机突然熄火，非常危险，请马上给说法！", tier="vip", risk_level=4
    )
    tickets.bring("CX-102", age=0.5 * HOUR, words="新车才提半个月官降四万，老车主被背刺。")
    tickets.bring("CX-103", words="你好")
    for number in (201, 202):
        tickets.bring(f"CX-{number}", "engine.hard_start", age=30 * HOUR, words="冷车启动要打三四次才着车。")
        tickets.ask(
            f"CX-{number}",
            "claim",
            **POWERTRAIN,
            note="已更换点火线圈与火花塞，冷启动十次正常。",
            root_cause="supplier_part",
        )
    tickets.ask("CX-202", "record-verification-call", **CX, outcome="unreached")
    tickets.bring("CX-301", "engine.oil_consumption", words="行驶中动力中断，停在应急车道。")
    photo = _photo(stack, "CX-301")
    tickets.ask("CX-301", "contest", **POWERTRAIN, note="拆检见驻车系统线束短路，非动力总成故障。", evidence=[photo])
    tickets.bring("CX-401", "engine.oil_consumption", words="四次维修没有修好。")
    tickets.ask("CX-401", "escalate", **POWERTRAIN)
    return tickets


def test_one_of_the_seats_finds_what_is_theirs_and_gives_it_on(
    desk: Tickets, stack: Stack, as_role: Visitors, look: Looker
) -> None:
    """Given by hand: what the rules give depends on how much the others have by now."""
    given = stack.http.post(f"{stack.api}/api/v1/complaints/CX-101/seats", json={"seat": "zheng.lan"})
    assert given.status_code == 201, given.text
    page = as_role("seat", "zheng.lan")
    page.goto("/desk/seats")
    row = page.locator("#row-CX-101")
    expect(row).to_be_visible()
    look(page, "desk-seats-mine")
    row.locator("summary").click()
    row.get_by_label("Seat").select_option("wu.hao")
    row.get_by_role("button", name="Give to somebody").click()
    expect(page.locator("#said")).to_contain_text("CX-101 was given on.")
    expect(page.locator("#row-CX-101")).to_have_count(0)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/desk", "desk-triage"),
        ("/desk/triage/CX-103", "desk-choice"),
        ("/desk/calls", "desk-calls"),
        ("/desk/calls/CX-202", "desk-call"),
        ("/desk/unreachable", "desk-unreachable"),
        ("/desk/arbitration", "desk-disputes"),
        ("/desk/escalations", "desk-escalations"),
        ("/desk/seats", "desk-seats"),
    ],
)
def test_the_desk_is_fit_to_be_seen(desk: Tickets, as_role: Visitors, look: Looker, address: str, name: str) -> None:
    page = as_role("cx", "cx")
    page.goto(address)
    look(page, name)


def test_one_click_on_a_suggestion_dispatches(desk: Tickets, as_role: Visitors) -> None:
    page = as_role("cx", "cx")
    page.goto("/desk")
    page.locator("#row-CX-101 .suggestion").first.click()
    expect(page.locator("#said")).to_contain_text("动力总成部")
    expect(page.locator("#row-CX-101")).to_have_count(0)


def test_without_scripts_on_a_phone_a_call_is_made_and_recorded(desk: Tickets, as_role: Visitors) -> None:
    page = as_role("cx", "cx", scripts=False, size=PHONE)
    page.goto("/desk/calls")
    page.locator("#row-CX-201").get_by_role("link", name="回访").click()
    page.get_by_role("button", name="显示电话").click()
    expect(page.get_by_role("link", name="13987651234")).to_have_attribute("href", "tel:13987651234")
    page.locator('input[name="ratings.attitude"][value="5"]').check(force=True)
    page.locator('input[name="ratings.recommend"][value="9"]').check(force=True)
    page.get_by_role("button", name="已解决").click()
    expect(page.locator("#row-CX-201")).to_have_count(0)
    expect(page.locator("#said")).to_contain_text("CX-201")


def test_the_arbiter_sees_both_sides_and_rules(desk: Tickets, as_role: Visitors, look: Looker) -> None:
    page = as_role("arbiter", "quality")
    page.goto("/desk/arbitration")
    page.get_by_role("link", name="裁定").click()
    page.get_by_text("照片 ·").click()
    expect(page.locator(".side img")).to_be_visible()
    look(page, "desk-arbitration-picture", reload=False)
    look(page, "desk-arbitration")
    page.get_by_label("Powertrain", exact=True).and_(page.locator("input")).check()
    page.get_by_label("Reason for the ruling").fill("举证照片显示点火线圈击穿，按矩阵归动力总成。")
    page.get_by_role("button", name="Rule").click()
    expect(page.locator("#row-CX-301")).to_have_count(0)


def test_the_service_department_acknowledges_in_one_click(desk: Tickets, as_role: Visitors) -> None:
    page = as_role("coordinator", "service")
    page.goto("/desk/escalations")
    row = page.locator("#row-CX-401-service")
    row.get_by_role("button", name="确认收到").click()
    expect(page.locator("#said")).to_contain_text("已受理")
    expect(row).to_have_count(0)


def test_what_comes_in_meanwhile_appears(desk: Tickets, as_role: Visitors) -> None:
    page = as_role("cx", "cx")
    page.goto("/desk")
    desk.bring("CX-104", words="变速箱漏油，车底一滩油。")
    page.evaluate("document.dispatchEvent(new Event('fresh'))")
    expect(page.locator("#row-CX-104")).to_contain_text("变速箱漏油")
