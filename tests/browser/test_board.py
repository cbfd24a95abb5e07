"""What everyone sees: the wall of lights, live."""

from playwright.sync_api import expect

from tests.browser.looking import Looker, Visitors
from tests.browser.tickets import Tickets


def test_the_board_lights_up_when_a_complaint_comes_in(as_role: Visitors, tickets: Tickets, look: Looker) -> None:
    page = as_role("leadership", language="en")
    expect(page.locator("#liveness")).to_have_attribute("data-now", "live")
    before = int(page.locator(".total .number").inner_text())
    tickets.bring("BOARD-1", "engine.stall", words="高速上发动机突然熄火，非常危险，希望尽快处理！")
    expect(page.locator(".total .number")).to_have_text(str(before + 1), timeout=15_000)
    look(page, "board")


def test_the_wall_screen_has_nothing_to_click_but_the_way_out(
    as_role: Visitors, tickets: Tickets, look: Looker
) -> None:
    page = as_role("vp", "powertrain")
    page.goto("/board/wall")
    expect(page.locator("#liveness")).to_have_attribute("data-now", "live")
    look(page, "board-wall")


def test_without_scripts_the_board_still_tells_all(as_role: Visitors) -> None:
    page = as_role("manager", "quality", scripts=False)
    page.goto("/board")
    expect(page.locator(".lamp")).not_to_have_count(0)
