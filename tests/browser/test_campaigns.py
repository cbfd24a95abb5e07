"""Copied texts, as somebody sees them who wonders why fifty complaints read alike."""

from datetime import timedelta

from playwright.sync_api import expect

from tests.browser.looking import Looker, Visitors
from tests.browser.tickets import Tickets

DAY = timedelta(days=1)
WORDS = "新车提车不到一个月官方直降四万，老车主权益无人管，要求厂家给出补偿方案并公开道歉。"


def test_copied_texts_are_fit_to_be_seen(tickets: Tickets, as_role: Visitors, look: Looker) -> None:
    for number, age in ((1, 6 * DAY), (2, 5 * DAY), (3, 5 * DAY), (4, 1 * DAY)):
        customer = {"name": f"客户{number}", "phone": f"1390000000{number}"}
        words = WORDS + "！" * number
        tickets.bring(f"CP-{number}", "selling.price_change", words=words, age=age, customer=customer, vehicle={})
    page = as_role("cx", "cx")
    page.goto("/campaigns")
    for _ in range(10):  # a look at what came in is taken every three seconds
        if page.locator("#CP-1").count() and page.get_by_text("4 件", exact=True).count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(page.locator("#CP-1").get_by_text("4 件", exact=True)).to_be_visible()
    look(page, "campaigns")
    page.goto("/complaints/CP-2")
    page.locator(".alike").get_by_role("link", name="all of them").click()
    expect(page.locator("#CP-1")).to_be_visible()
