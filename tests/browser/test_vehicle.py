"""A complaint's vehicle, as people see it."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.browser.looking import Looker, Visitors
from tests.browser.tickets import Tickets
from tests.end_to_end.stack import Stack

VIN = "LSVAC4187E2184777"
DAY = timedelta(days=1)


def tell_of_repairs(stack: Stack) -> None:
    """Four of one fault, the last of which goes on for the sixth day."""
    now = datetime.now(UTC)
    path = f"{stack.api}/api/v1/vehicles/{VIN}"
    sold = {"delivered_on": (now - 90 * DAY).date().isoformat(), "mileage_km": 4200, "read_at": now.isoformat()}
    assert stack.http.put(path, json=sold).is_success
    for number, days_ago in enumerate((40, 30, 20, 5.5)):
        begun_at = now - days_ago * DAY
        ended_at = None if number == 3 else (begun_at + DAY).isoformat()
        repair = {"begun_at": begun_at.isoformat(), "ended_at": ended_at, "fault": "transmission.jerking"}
        assert stack.http.put(f"{path}/repairs/RO-{number}", json=repair).is_success


def test_the_complaint_leads_to_its_vehicle_which_is_fit_to_be_seen(
    stack: Stack, tickets: Tickets, as_role: Visitors, look: Looker
) -> None:
    tell_of_repairs(stack)
    tickets.bring("VH-101", "transmission.jerking", vehicle={"vin": VIN}, words="换挡顿挫，修了四次。")
    tickets.bring("VH-102", "transmission.jerking", vehicle={"vin": VIN}, channel="app", words="还是顿挫。")
    page = as_role("responder", "transmission")
    page.goto("/complaints/VH-101")
    page.get_by_role("link", name="车辆与三包").click()
    expect(page.locator("#a21 .light.is-red")).to_have_text("已达到")
    expect(page.locator("#a24_4_times .light.is-yellow")).to_have_text("只差一步")
    expect(page.get_by_text("同一反映，另一渠道")).to_be_visible()
    look(page, "vehicle")
    page.get_by_label("Price (CNY)").fill("200000")
    page.get_by_label("n (%)").fill("0.5")
    page.get_by_role("button", name="Calculate").click()
    expect(page.get_by_role("status").filter(has_text="4,200.00")).to_be_visible()
