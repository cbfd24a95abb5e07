"""A responder's morning at the workbench: look, narrow, move by keys, accept, and see others come in."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import PHONE, Looker, Visitors
from tests.browser.tickets import DAY, Tickets

WORDS = (
    "高速行驶中发动机突然抖动，仪表报警，靠边后熄火，再也打不着。",
    "冷车启动要打三四次才着车，4S 店说是正常现象，我不认可！",
    "踩油门没反应，过两三秒突然窜出去，老婆孩子都在车上，非常危险，请马上给说法。\n第二段",
    "油耗比宣传高出一倍，已经跑了三趟店，每次都说数据正常。",
    "发动机舱有焦味。",
)
HOUR = timedelta(hours=1)
DUE_NOW = "() => { document.querySelector('#row-BQ-1005 .clock').dataset.due = new Date().toISOString(); }"


@pytest.fixture(scope="module")
def morning(tickets: Tickets) -> Tickets:
    """Powertrain's desk in every colour, and one that waits for its customer."""
    tickets.bring("BQ-1001", "engine.stall", age=7.1 * DAY, words=WORDS[0], tier="vip", risk_level=5)
    tickets.bring("BQ-1002", "engine.hard_start", age=2.9 * DAY, words=WORDS[1], tier="key", risk_level=3)
    tickets.bring("BQ-1003", "engine.hard_start", "engine.stall", age=1.1 * DAY, words=WORDS[2], risk_level=4)
    tickets.bring("BQ-1004", "engine.hard_start", age=2 * HOUR, words=WORDS[3], risk_level=2)
    tickets.bring("BQ-1005", "engine.hard_start", age=HOUR, words=WORDS[4])
    tickets.ask("BQ-1004", "accept", role="responder", department="powertrain")
    tickets.bring("BQ-1006", "engine.hard_start", words="已更换点火线圈后恢复正常。")
    tickets.ask(
        "BQ-1006", "claim", role="responder", department="powertrain", note="已更换点火线圈", root_cause="supplier_part"
    )
    return tickets


def test_the_workbench_is_fit_to_be_seen(morning: Tickets, responder: Page, look: Looker) -> None:
    responder.goto("/queue")
    look(responder, "queue")
    responder.goto("/queue?whose=supported")
    look(responder, "queue-empty")
    responder.goto("/queue?risk=3&q=发动机")
    look(responder, "queue-narrowed")


def test_in_the_dark_too(morning: Tickets, as_role: Visitors, look: Looker) -> None:
    page = as_role("responder", "powertrain", dark=True)
    page.goto("/queue")
    look(page, "queue-dark")


def test_the_most_urgent_comes_first_and_its_clock_ticks(morning: Tickets, responder: Page) -> None:
    responder.goto("/queue?whose=all&q=BQ")
    rows = responder.locator("[data-row]")
    assert rows.first.get_attribute("id") == "row-BQ-1001"
    expect(rows.first.locator(".light")).to_have_text("红")
    due = responder.locator("#row-BQ-1005 .left")
    before = due.text_content()
    responder.evaluate(
        "() => { document.querySelector('#row-BQ-1005 .clock').dataset.due = new Date().toISOString(); }"
    )
    expect(due).to_have_text(re.compile(r"超 0分\d\d秒"))
    assert before != due.text_content()
    expect(responder.locator("#row-BQ-1005 .light")).to_have_text("红")


def test_keys_move_open_and_search(morning: Tickets, responder: Page) -> None:
    responder.goto("/queue?q=BQ&whose=all")
    for key, row in (("j", "BQ-1001"), ("j", "BQ-1002"), ("k", "BQ-1001")):
        responder.keyboard.press(key)
        expect(responder.locator(f"#row-{row} a").first).to_be_focused()
    responder.keyboard.press("/")
    expect(responder.locator("[data-search]")).to_be_focused()
    responder.locator("[data-search]").fill("焦味")
    responder.keyboard.press("Enter")
    expect(responder.locator("[data-row]")).to_have_count(1)


def test_one_click_accepts_and_the_row_says_so_without_a_jump(morning: Tickets, responder: Page) -> None:
    morning.bring("BQ-2001", "engine.hard_start", words="启动困难")
    responder.goto("/queue?q=BQ-2001")
    responder.get_by_role("button", name="接单").click()
    expect(responder.locator("#said")).to_contain_text("已受理")
    expect(responder.locator("#row-BQ-2001 .stage")).to_have_text("处理中")
    expect(responder.get_by_role("button", name="接单")).to_have_count(0)
    assert responder.url.endswith("/queue?q=BQ-2001")


def test_accepting_works_without_scripts(morning: Tickets, as_role: Visitors) -> None:
    morning.bring("BQ-2002", "engine.hard_start", words="启动困难")
    page = as_role("responder", "powertrain", scripts=False, size=PHONE)
    page.goto("/queue?q=BQ-2002")
    page.get_by_role("button", name="接单").click()
    expect(page.locator("#row-BQ-2002 .stage")).to_have_text("处理中")
    assert page.url.endswith("/queue?q=BQ-2002")


def test_what_comes_in_meanwhile_appears_and_focus_stays(morning: Tickets, responder: Page) -> None:
    responder.goto("/queue?q=怠速发抖")
    morning.bring("BQ-3002", "engine.hard_start", words="怠速发抖，第二张")
    responder.evaluate("() => document.dispatchEvent(new CustomEvent('fresh'))")
    expect(responder.locator("[data-row]")).to_have_count(1)
    responder.keyboard.press("j")
    morning.bring("BQ-3001", "engine.hard_start", age=DAY, words="怠速发抖，第一张")
    responder.evaluate("() => document.dispatchEvent(new CustomEvent('fresh'))")
    expect(responder.locator("[data-row]")).to_have_count(2)
    expect(responder.locator("#row-BQ-3002 a").first).to_be_focused()


def test_the_other_language_is_a_link_away(morning: Tickets, responder: Page) -> None:
    responder.goto("/queue?q=BQ-1001")
    responder.get_by_role("link", name="English").click()
    expect(responder.locator("h1")).to_contain_text("Queue")
    assert responder.url.endswith("/queue?q=BQ-1001")


def test_a_list_is_kept_under_a_name_beside_the_others(morning: Tickets, responder: Page, look: Looker) -> None:
    responder.goto("/queue?risk=3&tier=vip")
    responder.locator(".keep summary").click()
    responder.get_by_label("列表名称").fill("VIP 高风险")
    responder.get_by_role("button", name="保存", exact=True).click()
    responder.goto("/queue")
    responder.get_by_role("link", name="VIP 高风险").click()
    expect(responder.locator("#row-BQ-1001")).to_be_visible()
    expect(responder.locator("#row-BQ-1002")).to_have_count(0)
    look(responder, "queue-kept")
    responder.get_by_role("button", name="Drop the list").click()
    expect(responder.locator(".saved")).to_have_count(0)
