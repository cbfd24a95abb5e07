"""Goodwill as people see it: asked for on the complaint, made good or given back, and ruled on at the desk."""

from playwright.sync_api import Page, expect

from tests.browser.looking import Looker, Visitors
from tests.browser.tickets import Tickets


def fill(page: Page, yuan: str, *, region: str = "east") -> None:
    page.locator("#do-goodwill > summary").click()
    page.locator("#goodwill-yuan").fill(yuan)
    page.locator("#goodwill-region").select_option(region)
    page.locator("#goodwill-why").fill("等待配件两周，客户租车自费。")


def ask(page: Page, yuan: str, *, region: str = "east") -> None:
    fill(page, yuan, region=region)
    page.locator("#do-goodwill .send").click()


def test_a_manager_asks_makes_good_and_gives_back(tickets: Tickets, as_role: Visitors, look: Looker) -> None:
    tickets.bring("GW-1", "engine.stall")
    page = as_role("manager", "powertrain")
    page.goto("/complaints/GW-1")
    fill(page, "1,5")
    page.locator("#do-goodwill .send").click()
    expect(page.locator("#goodwill-wrong-yuan")).to_contain_text("最多两位小数")
    expect(page.locator("#goodwill-why")).to_have_value("等待配件两周，客户租车自费。")
    look(page, "goodwill-asking", reload=False)
    page.reload()
    ask(page, "1,234.50")
    expect(page.locator("#goodwill .gave")).to_contain_text("已预留")
    expect(page.locator("#goodwill .money")).to_have_text("¥1,234.50")
    page.get_by_role("button", name="兑现 ¥1,234.50").click()
    expect(page.locator("#goodwill .gave")).to_contain_text("已兑现")
    ask(page, "4000")
    expect(page.locator("#goodwill .given > li")).to_have_count(2)
    ask(page, "900.01")
    expect(page.locator("#goodwill .splits")).to_contain_text("合计 ¥6,134.51")
    page.get_by_role("button", name="撤回申请").click()
    expect(page.locator("#goodwill .gave")).to_contain_text("已退回")
    expect(page.locator(".timeline")).to_contain_text("为华东申请商誉费用 ¥1,234.50（现金补偿）")
    look(page, "goodwill-panel")


def test_also_without_scripts(tickets: Tickets, as_role: Visitors) -> None:
    tickets.bring("GW-2", "engine.stall")
    page = as_role("manager", "powertrain", scripts=False)
    page.goto("/complaints/GW-2")
    ask(page, "10", region="south")
    expect(page.locator("#goodwill .gave")).to_contain_text("已预留")
    page.get_by_role("button", name="退回预留").click()
    expect(page.locator("#goodwill .gave")).to_contain_text("已退回")
    fill(page, "0", region="south")
    page.locator("#do-goodwill .send").click()
    expect(page.locator("#goodwill-wrong-yuan")).to_be_visible()


def test_who_may_not_ask_sees_what_was_asked_and_no_form(tickets: Tickets, as_role: Visitors) -> None:
    tickets.bring("GW-3", "engine.stall")
    asking = as_role("manager", "powertrain")
    asking.goto("/complaints/GW-3")
    ask(asking, "20", region="north")
    expect(asking.locator("#goodwill .gave")).to_be_visible()
    page = as_role("responder", "powertrain")
    page.goto("/complaints/GW-3")
    expect(page.locator("#goodwill .money")).to_have_text("¥20")
    expect(page.locator("#goodwill form")).to_have_count(0)
