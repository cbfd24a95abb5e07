"""The frame around every page: the door, the menu, the way past it, and the clock that agrees with the server's."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from starter.web import times
from tests.browser.looking import PHONE, Language, Looker, Visitors
from tests.browser.tickets import Tickets


def test_the_door_is_fit_to_be_seen(as_role: Visitors, look: Looker) -> None:
    page = as_role.nobody()
    page.goto("/queue")
    look(page, "sign-in")


def test_a_page_that_is_not_there_says_so_within_the_frame(responder: Page, look: Looker) -> None:
    responder.goto("/queue?light=blue")
    expect(responder.get_by_role("link", name="看板")).to_be_visible()
    look(responder, "problem")


def test_the_menu_opens_shows_who_one_is_and_closes(responder: Page, look: Looker) -> None:
    responder.goto("/queue")
    responder.locator(".me summary").click()
    expect(responder.locator(".sheet")).to_contain_text("动力总成部")
    look(responder, "menu", reload=False)
    responder.keyboard.press("Escape")
    expect(responder.locator(".sheet")).to_be_hidden()


def test_the_first_tab_leads_past_the_frame(responder: Page) -> None:
    responder.goto("/queue")
    responder.keyboard.press("Tab")
    expect(responder.locator(".skip")).to_be_focused()
    responder.keyboard.press("Enter")
    expect(responder.locator("#main")).to_be_focused()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_ticks_reads_like_what_the_server_wrote(as_role: Visitors, language: Language) -> None:
    page = as_role("responder", "powertrain", language=language)
    page.goto("/queue")
    for seconds in (59, 3_599, 3_600, 86_399, 86_400, 1_000_000):
        shown = page.evaluate("(seconds) => window.vocloop.length(seconds * 1000)", seconds)
        assert shown == times.length(timedelta(seconds=seconds), language)


def test_signing_out_ends_it(as_role: Visitors) -> None:
    page = as_role("vp", "body", size=PHONE)
    page.goto("/queue")
    page.locator(".me summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.goto("/queue")
    assert "/sign-in" in page.url


def test_a_session_that_ended_says_so_and_costs_nothing_that_was_typed(
    tickets: Tickets, as_role: Visitors, look: Looker
) -> None:
    tickets.bring("BF-3001", "brakes.abs", words="ABS 灯亮")
    page = as_role("responder", "chassis")
    page.goto("/complaints/BF-3001")
    page.locator("#do-claim summary").click()
    form = page.locator("#do-claim form")
    form.get_by_label("做了什么").fill("更换轮速传感器。")
    form.get_by_label("根因").select_option("supplier_part")
    elsewhere = page.context.new_page()
    elsewhere.goto("/notices")
    elsewhere.locator("details.me summary").click()
    elsewhere.get_by_role("button", name="退出登录").click()
    elsewhere.wait_for_url("**/sign-in*")
    form.locator(".send").click()
    said = page.locator("#said")
    expect(said).to_contain_text("登录已结束；您填写的内容还在这里。")
    expect(form.get_by_label("做了什么")).to_have_value("更换轮速传感器。")
    look(page, "signed-out", reload=False)
    with page.context.expect_page() as opened:
        said.get_by_role("link").click()
    opened.value.locator('button[value="responder:chassis"]').click()
    opened.value.wait_for_url("**/complaints/BF-3001")
    page.bring_to_front()
    before = page.evaluate("document.body.dataset.csrf")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(said).to_be_empty()
    page.wait_for_function("before => document.body.dataset.csrf !== before", arg=before)
    form.locator(".send").click()
    expect(said).to_contain_text("已受理：申请已解决")
