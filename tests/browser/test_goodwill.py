"""Goodwill as people see it: asked for on the complaint, made good or given back, and ruled on at the desk."""

from playwright.sync_api import Page, expect

from tests.browser.looking import Looker, Visitors
from tests.browser.tickets import Tickets
from tests.end_to_end.stack import Stack


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


def paid(stack: Stack, ticket_no: str, fen: int) -> None:
    """Asked for and made good, as the CRM would for a manager."""
    actor = {"role": "manager", "department": "powertrain", "id": "m-1"}
    body = {"actor": actor, "region": "west", "kind": "money", "fen": fen, "note": "租车费用"}
    asked = stack.http.post(f"{stack.api}/api/v1/complaints/{ticket_no}/goodwill", json=body).json()
    done = stack.http.post(f"{stack.api}/api/v1/goodwill/{asked['request_id']}/commit", json={"actor": actor})
    assert done.json()["state"] == "committed", done.text


def test_like_cases_stand_side_by_side_and_what_stands_out_is_named(
    stack: Stack, tickets: Tickets, as_role: Visitors, look: Looker
) -> None:
    for number, fen in enumerate((30_000, 32_050, 28_000, 31_000, 30_500, 180_000), start=1):
        paid(stack, tickets.bring(f"GL-{number}", "infotainment.black_screen"), fen)
    page = as_role("manager", "powertrain")
    page.goto("/goodwill/like-cases")
    expect(page.locator(".spreads .splits").first).to_contain_text("GL-6 ¥1,800")
    look(page, "goodwill-like-cases")
    page.goto("/goodwill/regions/west")
    expect(page.locator(".purse").first).to_have_accessible_name(
        "Of ¥6,000: ¥3,315.50 made good, ¥0 held, ¥2,684.50 left"
    )
    look(page, "goodwill-region")


def test_the_desk_grants_a_part_and_says_why(tickets: Tickets, as_role: Visitors, look: Looker) -> None:
    tickets.bring("GW-4", "engine.hard_start")
    asking = as_role("manager", "powertrain")
    asking.goto("/complaints/GW-4")
    ask(asking, "9000", region="central")
    expect(asking.locator("#goodwill .gave")).to_contain_text("特殊索赔台")
    desk = as_role("manager", "service")
    desk.goto("/goodwill/desk")
    row = desk.locator("[data-row]").filter(has_text="GW-4")
    expect(row).to_contain_text("等待配件两周，客户租车自费。")
    look(desk, "goodwill-desk")
    desk.context.add_cookies([{"name": "lang", "value": "zh", "url": desk.url.partition("/goodwill")[0]}])
    desk.reload()
    row.locator("summary").click()
    row.get_by_label("批准", exact=True).check()
    row.get_by_label("批准金额（元）").fill("9000.01")
    row.get_by_label("理由").fill("超出部分由客户自理。")
    row.get_by_role("button", name="确定").click()
    expect(row.get_by_role("alert")).to_contain_text("不能超过申请金额")
    look(desk, "goodwill-ruling", reload=False)
    row.get_by_label("批准金额（元）").fill("5,000.50")
    row.get_by_role("button", name="确定").click()
    expect(desk.get_by_role("status")).to_contain_text("已批准")
    expect(row).to_have_count(0)
    asking.reload()
    expect(asking.locator("#goodwill .heads")).to_contain_text("¥5,000.50")
    expect(asking.locator("#goodwill .told-steps")).to_contain_text("超出部分由客户自理。")
    expect(asking.locator(".timeline")).to_contain_text("特殊索赔台批准商誉费用 ¥5,000.50")
    desk.goto("/goodwill")
    look(desk, "goodwill-regions")


def test_who_asked_cannot_rule(tickets: Tickets, as_role: Visitors) -> None:
    tickets.bring("GW-5", "engine.hard_start")
    page = as_role("manager", "powertrain")
    page.goto("/complaints/GW-5")
    ask(page, "7000", region="central")
    page.goto("/goodwill/desk")
    row = page.locator("[data-row]").filter(has_text="GW-5")
    expect(row).to_contain_text("经理及以上或公司领导裁定")
    expect(row.locator("form")).to_have_count(0)


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
