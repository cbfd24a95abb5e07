"""The notice centre and the webhooks' pages, as people see them."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import Looker, Visitors
from tests.browser.tickets import DAY, Tickets
from tests.end_to_end.stack import Stack


@pytest.fixture(scope="module")
def told(tickets: Tickets) -> Tickets:
    """The body shop's responders have a work order and a breach."""
    tickets.bring("NT-101", "body.noise", age=0.01 * DAY, words="过减速带异响。")
    tickets.bring("NT-102", "body.water_leak", age=4 * DAY, words="下雨天漏水。")
    return tickets


def test_the_notice_centre_is_fit_to_be_seen(told: Tickets, as_role: Visitors, look: Looker) -> None:
    page = as_role("responder", "body")
    page.goto("/notices")
    expect(page.locator("[data-row]").first).to_be_visible()
    look(page, "notices")


def test_a_notice_is_read_by_a_click_and_leads_to_its_complaint(told: Tickets, as_role: Visitors) -> None:
    page = as_role("responder", "body")
    page.goto("/notices?kind=support")
    row = page.locator(".notice.is-unread", has_text="NT-102").first
    row.get_by_role("button", name="标为已读").click()
    expect(page.locator(".notice.is-unread", has_text="NT-102")).to_have_count(0)
    page.locator(".subject a").first.click()
    page.wait_for_url("**/complaints/NT-*")


def test_who_manages_webhooks_sees_the_log(stack: Stack, as_role: Visitors, look: Looker) -> None:
    body = {"url": "https://erp.invalid/hooks", "kinds": ["closed"], "description": "ERP 对接"}
    made = stack.http.post(f"{stack.api}/api/v1/webhooks", json=body)
    assert made.is_success, made.text
    page = as_role("ops")
    page.goto("/webhooks")
    look(page, "webhooks")
    page.goto(f"/webhooks/{made.json()['webhook_id']}")
    page.get_by_role("button", name="Send a test event").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    look(page, "webhook")
