"""Each role's day through its own windows: a complaint from ticket to closure, a late one, one nobody settles."""

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.looking import PHONE, Looker, Visitors
from tests.browser.tickets import DAY, Tickets
from tests.end_to_end.stack import Stack
from tests.starter.evidence.pictures import a_picture
from tests.starter.processes import wait_until

NO, LATE, STUCK = "DAY-1001", "DAY-2002", "DAY-3001"
SOON = timedelta(seconds=9)  # from a ticket's arrival to its deadline, dispatch and all
HERS = "早上送孩子上学，高速上发动机突然熄火，靠惯性滑到应急车道。我的电话 13987651234。"
NEWS = "配件明早到店，师傅会先给您打电话。"
MORE = "The dashboard says P0301, if that helps."
STILL = "It stalled again this morning, on the bridge."


def test_a_complaint_goes_from_ticket_to_closure_through_its_peoples_windows(
    tickets: Tickets, as_role: Visitors, stack: Stack, look: Looker, tmp_path: Path
) -> None:
    picture = tmp_path / "拆检.png"
    picture.write_bytes(a_picture("png"))
    tickets.come(NO, words=HERS, customer={"name": "欧阳春晓", "phone": "13987651234", "language": "en"})
    cx_classifies(as_role)
    powertrain_hands_on(as_role, picture)
    chassis_contests(as_role, picture)
    quality_rules(as_role)
    owner = powertrain_tells_and_claims(as_role)
    link = cx_reveals_and_sends_a_link(as_role, stack)
    customer = the_customer_refuses(as_role, link)
    stack.until(NO, stage="in_work")
    the_owner_sees_it_come_and_claims_again(owner, customer, look)
    cx_calls_in_vain_then_waits(as_role)
    the_customer_confirms(customer, link)
    stack.until(NO, stage="closed")
    everybody_sees_it_closed(as_role, owner, look)


def cx_classifies(as_role: Visitors) -> None:
    page = as_role("cx", "cx")
    page.goto("/desk")
    page.locator(f"#row-{NO} .suggestion", has_text="动力总成部").first.click()
    expect(page.locator("#said")).to_contain_text("动力总成部")
    expect(page.locator(f"#row-{NO}")).to_have_count(0)


def powertrain_hands_on(as_role: Visitors, picture: Path) -> None:
    """Without scripts, on a phone: the plainest way there is."""
    page = as_role("responder", "powertrain", size=PHONE, scripts=False)
    page.goto(f"/complaints/{NO}")
    expect(page.locator("#words")).not_to_contain_text("13987651234")
    page.locator("#do-transfer summary").click()
    form = page.locator("#do-transfer form")
    form.get_by_label("转给").select_option("chassis")
    form.get_by_label("依据矩阵条款").select_option("brakes.abs")
    form.get_by_label("理由").fill("线圈正常，故障在轮速信号。")
    form.get_by_label("选择文件").set_input_files(picture)
    form.get_by_role("button", name="举证转派").click()
    expect(page.locator("#said")).to_contain_text("已受理：举证转派")
    expect(page.locator("#acts .doing")).to_have_count(0)


def chassis_contests(as_role: Visitors, picture: Path) -> None:
    page = as_role("responder", "chassis", language="en")
    page.goto(f"/complaints/{NO}")
    expect(page.locator("#story")).to_contain_text("线圈正常，故障在轮速信号。")
    page.locator("#do-contest summary").click()
    page.locator("#contest-note").fill("The wheel speed signal is sound.")
    page.locator("#do-contest").get_by_label("Choose files").set_input_files(picture)
    expect(page.locator("#do-contest .attached li")).to_have_count(1)
    page.locator("#do-contest .send").click()
    expect(page.locator("#standing")).to_contain_text("Ownership is disputed")


def quality_rules(as_role: Visitors) -> None:
    page = as_role("arbiter", "quality")
    page.goto("/desk/arbitration")
    page.locator(f"#row-{NO}").get_by_role("link", name="裁定").click()
    expect(page.locator("main")).to_contain_text("线圈正常，故障在轮速信号。")
    expect(page.locator("main")).to_contain_text("The wheel speed signal is sound.")
    page.locator('input[name="owner"][value="powertrain"]').check()
    page.get_by_label("裁定理由").fill("照片显示点火线圈击穿，按矩阵归动力总成。")
    page.get_by_role("button", name="作出裁定").click()
    expect(page.locator(f"#row-{NO}")).to_have_count(0)


def powertrain_tells_and_claims(as_role: Visitors) -> Page:
    """A ruling binds: it is in work already, and there is nothing to accept or to hand on."""
    page = as_role("responder", "powertrain", size=PHONE)
    page.goto(f"/queue?q={NO}")
    expect(page.locator(f"#row-{NO} .stage")).to_have_text("处理中")
    expect(page.locator(f"#row-{NO}").get_by_role("button", name="接单")).to_have_count(0)
    page.goto(f"/complaints/{NO}")
    expect(page.locator("#do-transfer")).to_have_count(0)
    page.locator(".absent summary").click()
    expect(page.locator(".absent")).to_contain_text("举证转派")
    page.locator("#do-post_progress summary").click()
    page.locator("#post_progress-note").fill(NEWS)
    page.locator("#do-post_progress .send").click()
    expect(page.locator("#said")).to_contain_text("已受理")
    claim(page, "已更换点火线圈，路试 30 公里。")
    return page


def claim(page: Page, done: str) -> None:
    page.locator("#do-claim summary").click()
    page.locator("#claim-note").fill(done)
    page.locator("#claim-root_cause").select_option("supplier_part")
    page.locator("#do-claim .send").click()
    expect(page.locator(".badge.is-stage")).to_have_text("回访中")


def cx_reveals_and_sends_a_link(as_role: Visitors, stack: Stack) -> str:
    page = as_role("cx", "cx")
    page.goto(f"/complaints/{NO}")
    expect(page.locator("#words")).not_to_contain_text("13987651234")
    page.locator(".reveal summary").click()
    page.get_by_label("为什么需要查看？").fill("给客户发新链接")
    page.get_by_role("button", name="记录并查看").click()
    expect(page.locator("#words")).to_contain_text("13987651234")
    traces = stack.http.get(f"{stack.api}/api/v1/disclosures", params={"ticket_no": NO}).json()["items"]
    assert "给客户发新链接" in [each["why"] for each in traces]
    page.locator("#link").get_by_role("button", name="发一个新链接").click()
    address = page.locator("#link .address")
    expect(address).to_contain_text("/c/")
    return address.inner_text()


def the_customer_refuses(as_role: Visitors, link: str) -> Page:
    page = as_role.nobody(language="en", size=PHONE)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it solved?")
    expect(page.get_by_text(NEWS)).to_be_visible()
    page.get_by_label("No, it is not").check(force=True)
    page.get_by_label("What would you like to tell us?").fill(STILL)
    page.get_by_role("button", name="Tell us").click()
    expect(page.locator(".given")).to_contain_text(STILL)
    return page


def the_owner_sees_it_come_and_claims_again(page: Page, customer: Page, look: Looker) -> None:
    """Their page has stood open since they claimed; nothing is loaded anew."""
    expect(page.locator("#standing")).to_contain_text("客户驳回 1 次", timeout=15_000)
    expect(page.locator("#story")).to_contain_text(STILL)
    customer.goto(customer.url)
    customer.get_by_text("Something to add?").click()
    customer.get_by_label("Write it down; those who work on it will see it.").fill(MORE)
    customer.get_by_role("button", name="Send it to them").click()
    expect(page.locator("#added")).to_contain_text(MORE, timeout=15_000)
    look(page, "day-refused", reload=False)
    page.set_viewport_size({"width": PHONE.width, "height": PHONE.height})
    claim(page, "已更换高压油泵，连续三天路试正常。")


def cx_calls_in_vain_then_waits(as_role: Visitors) -> None:
    page = as_role("cx", "cx", size=PHONE)
    page.goto(f"/desk/calls/{NO}")
    expect(page.locator(".script")).to_contain_text("已更换高压油泵")
    page.get_by_role("button", name="显示电话").click()
    expect(page.get_by_role("link", name="13987651234")).to_be_visible()
    page.get_by_role("button", name="未接通").click()
    expect(page.locator("#said")).to_contain_text(NO)
    page.goto("/desk/unreachable")
    row = page.locator(f"#row-{NO}")
    expect(row).to_contain_text("联系记录（有效 1／3）")
    expect(row.get_by_role("button", name="按“无法联系”关单")).to_have_count(0)


def the_customer_confirms(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it solved?")
    page.get_by_label("Yes, it is solved").check(force=True)
    page.get_by_role("group", name="Would you recommend us to a friend?").get_by_label("8").check(force=True)
    page.get_by_role("button", name="Tell us").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("thank you", re.I))


def everybody_sees_it_closed(as_role: Visitors, owner: Page, look: Looker) -> None:
    owner.goto(f"/complaints/{NO}")
    expect(owner.locator("#acts")).to_contain_text("工单已关闭。")
    expect(owner.locator("#acts .doing")).to_have_count(0)
    page = as_role("leadership", language="en")
    page.goto(f"/complaints/{NO}")
    expect(page.locator("main")).not_to_contain_text("13987651234")
    expect(page.locator("main")).not_to_contain_text("欧阳春晓")
    expect(page.locator(".reveal")).to_have_count(0)
    look(page, "day-closed")


def test_the_vp_is_copied_on_the_first_red_of_their_own_department(
    tickets: Tickets, as_role: Visitors, look: Looker
) -> None:
    """It falls due seconds after powertrain got it, and nobody there has answered."""
    vp = as_role("vp", "powertrain", size=PHONE)
    tickets.come(LATE, "engine.stall", age=7 * DAY - SOON, words="一个星期了，没有人告诉我怎么修。")
    copied = vp.locator(".notice", has_text=LATE).filter(has_text="超期抄送")

    def is_told() -> bool:
        vp.goto("/notices")
        return copied.count() > 0

    wait_until(is_told, seconds=40)
    look(vp, "day-vp-notices", reload=False)
    copied.get_by_role("link").click()
    expect(vp.locator("#standing .clock.large .light")).to_have_text("红")
    vp = as_role("vp", "powertrain", language="en")
    vp.goto("/board")
    red = vp.locator("section[aria-labelledby=reds] li", has_text=LATE)
    expect(red).to_contain_text("copied to the VP of Powertrain")


def test_a_late_one_is_red_for_all_and_blamed_on_who_had_it(tickets: Tickets, as_role: Visitors) -> None:
    """It came eight days late: CX's desk had it when it fell due, so CX's VP is copied and powertrain's is not."""
    tickets.come("DAY-2001", "engine.stall", age=8 * DAY, words="冷车打不着，等了一个星期没人理。")
    for role, is_told in (("manager", True), ("director", True), ("vp", False)):
        page = as_role(role, "powertrain")
        page.goto("/queue?whose=all&q=DAY-2001")
        expect(page.locator("#row-DAY-2001 .light")).to_have_text("红")
        page.goto("/board")
        red = page.locator("section[aria-labelledby=reds] li", has_text="DAY-2001")
        expect(red).to_contain_text("已抄送副总裁： 客户体验部")
        page.goto("/notices")
        expect(page.get_by_role("heading", level=1)).to_have_text("通知")
        told = page.locator(".notice", has_text="DAY-2001")
        expect(told.first).to_be_visible() if is_told else expect(told).to_have_count(0)
    at_last = as_role("responder", "powertrain", size=PHONE)
    at_last.goto("/queue?q=DAY-2001")
    at_last.locator("#row-DAY-2001").get_by_role("button", name="接单").click()
    expect(at_last.locator("#row-DAY-2001 .stage")).to_have_text("处理中")


def test_what_the_owner_cannot_coordinate_climbs_and_is_acknowledged_at_each_level(
    tickets: Tickets, as_role: Visitors, look: Looker
) -> None:
    tickets.come(STUCK, "engine.oil_consumption", words="三家店都说不归自己管。")
    owner = as_role("responder", "powertrain")
    owner.goto(f"/complaints/{STUCK}")
    owner.get_by_role("button", name="接单").click()
    expect(owner.locator(".badge.is-stage")).to_have_text("处理中")
    cannot_be_coordinated(owner, "三家服务站互相推诿，部门协调不了。")
    coordinator = as_role("coordinator", "service", size=PHONE)
    acknowledge(coordinator, "service")
    coordinator.goto(f"/complaints/{STUCK}")
    expect(coordinator.locator("#story")).to_contain_text("三家服务站互相推诿")
    cannot_be_coordinated(coordinator, "需要公司层面拍板。")
    acknowledge(as_role("leadership", language="en"), "leadership")
    owner.goto(f"/complaints/{STUCK}")
    raised = owner.locator("section[aria-labelledby=escalations-heading]")
    expect(raised.locator(".badge.is-good")).to_have_count(2)
    expect(raised.locator(".badge.is-warn")).to_have_count(0)
    look(owner, "day-escalated", reload=False)


def cannot_be_coordinated(page: Page, why: str) -> None:
    page.locator("#do-escalate summary").click()
    page.locator("#escalate-note").fill(why)
    page.locator("#do-escalate .send").click()
    expect(page.locator("#said")).to_contain_text("已受理：申请升级协调")


def acknowledge(page: Page, level: str) -> None:
    page.goto("/desk/escalations")
    row = page.locator(f"#row-{STUCK}-{level}")
    row.get_by_role("button", name=re.compile("确认收到|Acknowledge")).click()
    expect(row).to_have_count(0)


def test_a_dealer_and_ops_see_no_more_than_is_theirs(tickets: Tickets, as_role: Visitors) -> None:
    tickets.come("DAY-4001", "engine.stall", words=HERS)
    for role, department in (("dealer", "service"), ("ops", "")):
        page = as_role(role, department, language="en")
        page.goto("/complaints/DAY-4001")
        expect(page.locator("main")).to_contain_text("What you cannot do now, and why")
        expect(page.locator("main")).not_to_contain_text("13987651234")
        expect(page.locator(".reveal")).to_have_count(0)
        answer = page.goto("/webhooks")
        assert answer
        assert answer.status == (200 if role == "ops" else 403)
