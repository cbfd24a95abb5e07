"""Red lines as people see them: the band on the complaint, acknowledging, deciding, closing, and a drill."""

import time

from playwright.sync_api import Page, expect

from tests.browser.looking import Looker, Visitors
from tests.browser.tickets import Tickets
from tests.end_to_end.stack import Stack


def until_called(stack: Stack, red_line_id: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if stack.http.get(f"{stack.api}/api/v1/red-lines/{red_line_id}").json().get("calls"):
            return
        time.sleep(0.1)
    raise AssertionError(f"{red_line_id} called nobody")


def decide(page: Page) -> None:
    page.get_by_text("记录决定", exact=True).click()
    page.get_by_label("决定", exact=True).select_option("stop_drive")
    page.locator("#decide-why").fill("两次冒烟，客户仍在驾驶。")


def test_a_decision_maker_takes_it_from_the_complaints_band_to_the_reviews_outcome(
    stack: Stack, tickets: Tickets, as_role: Visitors, look: Looker
) -> None:
    tickets.bring("RL-101", "engine.stall", words="行驶中突然起火，全家从车里跑出来。")
    until_called(stack, "RL-101")
    page = as_role("vp", "quality")
    page.goto("/complaints/RL-101")
    expect(page.locator(".red-line-band")).to_contain_text("起火、冒烟或烧焦")
    look(page, "red-line-band")
    page.locator(".red-line-band a").click()
    look(page, "red-line-calling")
    page.get_by_role("button", name="I have it").click()
    expect(page.get_by_role("status")).to_contain_text("Acknowledged")
    page.context.add_cookies([{"name": "lang", "value": "zh", "url": stack.api}])
    page.goto("/red-lines/RL-101")
    decide(page)
    look(page, "red-line-deciding", reload=False)
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".told").first).to_contain_text("停止驾驶")
    look(page, "red-line-decided")
    page.goto("/red-lines")
    look(page, "red-lines")


def test_a_department_looks_at_its_own_and_cannot_act(stack: Stack, tickets: Tickets, as_role: Visitors) -> None:
    tickets.bring("RL-102", "engine.stall", words="刹车失灵，撞上护栏。")
    until_called(stack, "RL-102")
    page = as_role("manager", "powertrain")
    page.goto("/red-lines/RL-102")
    expect(page.locator("#acts")).to_contain_text("只有以上决策人和管理层")
    expect(page.locator("#acts button")).to_have_count(0)
    other = as_role("manager", "chassis")
    other.goto("/red-lines/RL-102")
    expect(other.locator("h1")).to_have_text("不是您的工单")


def test_a_drill_says_so_everywhere_also_without_scripts(stack: Stack, as_role: Visitors, look: Looker) -> None:
    page = as_role("leadership", scripts=False)
    page.goto("/red-lines")
    page.get_by_text("开始演练").click()
    page.get_by_role("button", name="现在呼叫").click()
    expect(page.locator(".drill-band")).to_contain_text("不通知任何客户")
    until_called(stack, page.url.rpartition("/")[2])
    page.reload()
    page.get_by_role("button", name="我已收到").click()
    decide(page)
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("演练：没有通知客户")).to_be_visible()
    page.get_by_text("以评审结论关闭").click()
    page.get_by_label("缺陷评审结论").select_option("no_defect")
    page.locator("#close-why").fill("演练")
    page.locator("details[open]").get_by_role("button", name="确定").click()
    expect(page.locator(".big")).to_have_text("已关闭")
    seen = as_role("ops")
    seen.goto(page.url.partition("?")[0])
    look(seen, "red-line-drill")
    seen.goto("/red-lines")
    expect(seen.locator("[data-row]").filter(has_text="drill-").first).to_contain_text("Drill")
