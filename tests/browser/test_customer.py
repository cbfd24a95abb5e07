"""The customer on a phone: confirm in Chinese, refuse with words and a picture, without scripts, in English."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from ledger.links import LinkSigner
from starter.home import secret
from tests.browser.looking import PHONE, Size, Visitors, violations
from tests.browser.tickets import Tickets
from tests.end_to_end.stack import Stack
from tests.starter.evidence.pictures import a_picture

SMALL = Size(320, 640)
SCREENS = Path("build/screens")
OWNER = {"role": "responder", "department": "powertrain"}
NEWS = "配件明天到店，我们的师傅会先给您打电话约时间。"


@pytest.fixture
def link(stack: Stack) -> "Links":
    return Links(stack)


class Links:
    def __init__(self, stack: Stack) -> None:
        self._signer = LinkSigner(secret(stack.home), base_url=stack.api)

    def of(self, ticket_no: str) -> str:
        return self._signer.address(self._signer.customer_token(ticket_no, 1))


def looked_at(page: Page, name: str) -> None:
    """On the smallest phone, a usual one and in the dark: nothing wider than the screen, nothing that shuts out."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    for size in (SMALL, PHONE):
        page.set_viewport_size({"width": size.width, "height": size.height})
        page.screenshot(path=SCREENS / f"{name}-{size.width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=SCREENS / f"{name}-dark.png", full_page=True)
    assert violations(page) == []
    page.emulate_media(color_scheme="light")


def small_targets(page: Page) -> list[str]:
    """What a thumb would miss: links, buttons and choices less than 44 pixels high."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('a, button, summary, label:has(input), input[type=file]')]
        .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 44)
        .map((each) => each.outerHTML)"""
    )
    return found


def claimed(tickets: Tickets, ticket_no: str, **fields: Any) -> None:
    tickets.bring(ticket_no, "engine.stall", **fields)
    tickets.ask(ticket_no, "accept", **OWNER)
    tickets.ask(ticket_no, "post-progress", note=NEWS, **OWNER)
    tickets.ask(ticket_no, "claim", note="更换燃油泵", root_cause="supplier_part", **OWNER)


def test_before_there_is_a_claim_the_page_says_how_it_goes_and_takes_a_word(
    tickets: Tickets, as_role: Visitors, link: Links
) -> None:
    tickets.bring("CU-1001", "engine.stall")
    tickets.ask("CU-1001", "accept", **OWNER)
    page = as_role.nobody(size=PHONE)
    page.goto(link.of("CU-1001"))
    expect(page.get_by_role("heading", level=1)).to_have_text("动力总成部正在处理")
    expect(page.locator(".promise")).to_contain_text(re.compile(r"最迟 \d+月\d+日 \d\d:\d\d，您会收到我们的消息"))
    expect(page.locator(".phone")).to_have_attribute("href", "tel:4000000000")
    looked_at(page, "customer-progress-zh")
    page.get_by_text("想补充点什么？").click()
    assert small_targets(page) == []
    page.get_by_label("写下来，处理的人会看到。").fill("今天早上又熄火了一次，在高架上。")
    page.get_by_role("button", name="发给他们").click()
    expect(page.get_by_role("status")).to_have_text("收到了。处理的人会看到。")
    expect(page.locator(".theirs blockquote")).to_have_text("今天早上又熄火了一次，在高架上。")
    looked_at(page, "customer-added-zh")


def test_a_customer_confirms_on_a_small_phone(tickets: Tickets, as_role: Visitors, link: Links, stack: Stack) -> None:
    claimed(tickets, "CU-1002")
    page = as_role.nobody(size=SMALL)
    page.goto(link.of("CU-1002"))
    expect(page.get_by_role("heading", level=1)).to_have_text("问题解决了吗？")
    expect(page.get_by_text(NEWS)).to_be_visible()
    looked_at(page, "customer-asked-zh")
    assert small_targets(page) == []
    page.get_by_label("已解决").check(force=True)
    for factor in ("服务态度", "专业能力", "方便程度", "收费合理", "投诉处理"):
        page.get_by_role("group", name=factor).get_by_label("5").check(force=True)
    page.get_by_role("group", name="您会把我们推荐给亲友吗？").get_by_label("9").check(force=True)
    looked_at(page, "customer-filled-zh")
    page.get_by_role("button", name="告诉我们").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("谢谢您"))
    stack.until("CU-1002", stage="closed")
    page.goto(link.of("CU-1002"))
    expect(page.get_by_role("heading", level=1)).to_have_text("已经解决，谢谢您")
    expect(page.locator(".given")).to_contain_text("9 / 10")
    expect(page.locator("form")).to_have_count(0)
    looked_at(page, "customer-closed-zh")


def test_a_customer_refuses_with_words_and_a_picture_without_scripts(
    tickets: Tickets, as_role: Visitors, link: Links, stack: Stack
) -> None:
    claimed(tickets, "CU-1003", customer={"name": "Ada", "phone": "13987651234", "language": "en"})
    page = as_role.nobody(language="en", size=PHONE, scripts=False)
    page.goto(link.of("CU-1003"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it solved?")
    page.get_by_label("No, it is not").check(force=True)
    page.get_by_label("What would you like to tell us?").fill("It stalled again this morning, on the bridge.")
    picture = FilePayload(name="dash.jpg", mimeType="image/jpeg", buffer=a_picture("jpeg"))
    page.get_by_label("Pictures").set_input_files([picture])
    page.get_by_role("button", name="Tell us").click()
    expect(page.locator(".given")).to_contain_text("It stalled again this morning, on the bridge.")
    expect(page.locator(".given")).to_contain_text("1 sent")
    stack.until("CU-1003", stage="in_work")
    again = as_role.nobody(language="en", size=PHONE)
    again.goto(link.of("CU-1003"))
    expect(again.get_by_role("heading", level=1)).to_have_text("Powertrain is working on it")
    expect(again.locator(".given")).to_contain_text("No, it is not")
    looked_at(again, "customer-refused-en")
    responder = as_role("responder", "powertrain")
    responder.goto("/complaints/CU-1003")
    expect(responder.locator("main")).to_contain_text("dash.jpg")


def test_a_form_filled_in_wrongly_says_what_to_mend(tickets: Tickets, as_role: Visitors, link: Links) -> None:
    claimed(tickets, "CU-1004")
    page = as_role.nobody(language="en", size=PHONE, scripts=False)
    page.goto(f"{link.of('CU-1004')}?lang=en")
    page.get_by_label("Yes, it is solved").check(force=True)
    page.get_by_label("What would you like to tell us?").fill("Thank you!")
    no_picture = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=b"no picture")
    page.get_by_label("Pictures").set_input_files([no_picture])
    page.get_by_role("button", name="Tell us").click()
    expect(page.get_by_role("alert")).to_contain_text("choose your pictures again")
    expect(page.get_by_label("What would you like to tell us?")).to_have_value("Thank you!")
    seen = as_role.nobody(language="en", size=PHONE)
    seen.goto(f"{link.of('CU-1004')}?lang=en")
    looked_at(seen, "customer-asked-en")


def test_a_link_that_does_not_open_says_whom_to_call(as_role: Visitors, stack: Stack) -> None:
    page = as_role.nobody(size=PHONE)
    page.goto(f"{stack.api}/c/{'x' * 22}")
    expect(page.get_by_role("heading", level=1)).to_have_text("这个链接打不开")
    expect(page.locator(".phone")).to_be_visible()
    looked_at(page, "customer-not-found-zh")


def test_a_promise_that_was_missed_is_admitted(tickets: Tickets, as_role: Visitors, link: Links, stack: Stack) -> None:
    tickets.bring("CU-1005", "engine.stall", age=timedelta(days=9))
    page = as_role.nobody(size=PHONE)
    page.goto(link.of("CU-1005"))
    looked_at(page, "customer-old-zh")
