"""Somebody at the roadside reports a complaint on our own page, with a phone."""

import re

from playwright.sync_api import FilePayload, expect

from tests.browser.looking import DESKTOP, PHONE, Looker, Visitors, violations
from tests.browser.test_customer import looked_at
from tests.end_to_end.stack import Stack
from tests.starter.evidence.pictures import a_picture

WORDS = "高速上仪表盘全黑，靠边重启后恢复，今天又来了一次。"


def test_from_typing_to_the_ticket_in_the_queue(stack: Stack, as_role: Visitors) -> None:
    page = as_role.nobody(language="zh", size=PHONE)
    page.goto("/report")
    looked_at(page, "report")
    page.get_by_label("发生了什么").fill(WORDS)
    picture: FilePayload = {"name": "仪表.png", "mimeType": "image/png", "buffer": a_picture("png")}
    page.get_by_label("照片").set_input_files(picture)
    page.get_by_label("称呼").fill("王小明")
    page.wait_for_timeout(3_100)  # nobody tells what happened in less than three seconds
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("请留下手机或邮箱")).to_be_visible()
    expect(page.get_by_label("发生了什么")).to_have_value(WORDS)
    looked_at(page, "report-faults")
    page.get_by_label("手机").fill("13800002222")
    page.get_by_label("我同意").check()
    page.get_by_label("照片").set_input_files(picture)
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="我们收到了")).to_be_visible()
    looked_at(page, "report-done")
    number = page.locator(".number").inner_text()
    assert re.fullmatch(r"WEB-[0-9a-f]{16}", number)
    stack.until(number, stage="triage")
    desk = as_role("cx", "cx")
    desk.goto("/desk")
    expect(desk.locator(f"#row-{number}")).to_contain_text("仪表盘全黑")
    desk.goto(f"/complaints/{number}")
    expect(desk.get_by_text("仪表.png").first).to_be_visible()


def test_it_is_fit_to_be_seen_in_english_and_on_a_large_screen(as_role: Visitors, look: Looker) -> None:
    page = as_role.nobody(language="en", size=DESKTOP)
    page.goto("/report?via=qr&station=S-12")
    expect(page.get_by_role("heading", name="What is wrong with your car?")).to_be_visible()
    look(page, "report-large", reload=False)
    assert violations(page) == []


def test_without_scripts_it_is_the_same_form(stack: Stack, as_role: Visitors) -> None:
    page = as_role.nobody(language="en", size=PHONE, scripts=False)
    page.goto("/report?via=qr&station=S-12")
    page.get_by_role("link", name="中文").click()
    page.get_by_label("发生了什么").fill(WORDS)
    page.get_by_label("电子邮箱").fill("wang@example.com")
    page.get_by_label("我同意").check()
    page.wait_for_timeout(3_100)
    page.get_by_role("button", name="发送").click()
    number = page.locator(".number").inner_text()
    assert number.startswith("QR-"), "what the code said survives the other language"
    stack.until(number, stage="triage")
