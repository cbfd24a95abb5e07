"""A complaint's page says how many have its words, and leads to those that concern who looks."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from domain.commands import Role
from ledger import campaigns, policies, tickets
from ledger.database import connect, migrate
from policy.reading import load
from settings import Settings
from starter.web import board, complaint, sign_in
from starter.web import campaigns as campaign_page
from tests.builders import Played
from tests.ledger.building import a_whole_ticket, recorded
from tests.starter.web import page_server
from tests.starter.web.page_server import ENGLISH

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


async def _filled(settings: Settings) -> None:
    """C-1 is powertrain's and C-2 is of another department, with the same words; C-3 stands alone."""
    engine, policy = connect(settings.ledger_url), load().policy_at(NOW)
    await policies.keep(engine, policy)
    for number, tag in (("C-1", "engine.stall"), ("C-2", "suspension.fracture"), ("C-3", "engine.stall")):
        await recorded(engine, Played(tag, ticket_no=number, at=NOW - HOUR, policy=policy))
        await tickets.keep(engine, a_whole_ticket(number, created_at=NOW - HOUR), received_at=NOW)
    await campaigns.join(engine, ("C-1", "C-2"))
    await engine.dispose()


@pytest.mark.parametrize(
    ("role", "department", "links"), [(Role.CX, "cx", True), (Role.RESPONDER, "powertrain", False)]
)
async def test_it_says_how_many_and_leads_to_what_concerns_them(
    tmp_path: Path, role: Role, department: str, links: bool
) -> None:
    settings = Settings(home=tmp_path)
    await migrate(settings.ledger_url)
    await _filled(settings)
    async with page_server.serving(complaint.router, sign_in.router, home=tmp_path) as web:
        await page_server.sign_in(web, role, department)
        shown = (await web.get("/complaints/C-1")).text
        assert "共 2 件工单文字相同或近似，最早于" in shown
        assert ('href="/complaints/C-2"' in shown) is links
        assert (
            "One of 2 with the same words or nearly, since" in (await web.get("/complaints/C-1", headers=ENGLISH)).text
        )
        assert "文字相同或近似" not in (await web.get("/complaints/C-3")).text


@pytest.mark.parametrize(
    ("role", "department", "numbers"), [(Role.CX, "cx", ["C-1", "C-2"]), (Role.RESPONDER, "powertrain", ["C-1"])]
)
async def test_the_list_of_copied_texts_shows_the_words_the_days_and_what_concerns_them(
    tmp_path: Path, role: Role, department: str, numbers: list[str]
) -> None:
    settings = Settings(home=tmp_path)
    await migrate(settings.ledger_url)
    await _filled(settings)
    async with page_server.serving(campaign_page.router, board.router, sign_in.router, home=tmp_path) as web:
        await page_server.sign_in(web, role, department)
        page = (await web.get("/campaigns", headers=ENGLISH)).text
        assert re.findall(r'href="/complaints/([^"]+)"', page) == numbers
        shown = page_server.text_of(page)
        assert "2 complaints 2 of them open" in shown
        assert "王小明" not in shown
        assert "2, with copied texts counted once" in page_server.text_of(
            (await web.get("/board", headers=ENGLISH)).text
        )


def test_days_without_any_are_drawn_as_such_and_long_ago_is_not() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    first = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)  # a minute to midnight there
    drawn = campaign_page.arrivals((first, first + timedelta(minutes=1), first + timedelta(days=2)), zone=zone)
    assert [(day.day, count) for day, count in drawn] == [(2, 1), (3, 1), (4, 1)]
    drawn = campaign_page.arrivals((first, first + timedelta(days=100)), zone=zone)
    assert (len(drawn), sum(count for _, count in drawn)) == (42, 1)
