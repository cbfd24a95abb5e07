"""Who of CX has what: given once, taken back when it is over, and by hand to anybody."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain.commands import RootCause
from domain.seats import Duty, Why
from ledger import seatings
from tests.builders import CUSTOMER, CX, HOUR, NOTE, T0, Played, a_policy, of
from tests.ledger.building import a_ledger, recorded
from tests.plans import PLANS

PLANNED = a_policy(plans=PLANS)
NOW = T0 + HOUR
SEATS = ("li", "wu")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path, policy=PLANNED) as engine:
        yield engine


def played(number: str, *tags: str, **facts: Any) -> Played:
    return Played(ticket_no=number, policy=PLANNED, tags=tags, **facts)


async def given(engine: AsyncEngine, number: str, seat: str, why: Why = Why.ANY_SYSTEM, *, by: str = "") -> bool:
    return await seatings.give(engine, number, seat=seat, duty=Duty.TRIAGE, why=why, at=NOW, by=by)


async def over(engine: AsyncEngine, *, here: tuple[str, ...] = SEATS) -> int:
    return await seatings.let_go(engine, here=here, experts=["wu"], at=NOW + HOUR)


async def test_what_calls_for_a_seat_waits_until_it_is_given_once(engine: AsyncEngine) -> None:
    unsorted, plain, vip = played("S-1"), played("S-2", "engine.oil"), played("S-3", "engine.noise", tier="vip")
    called = played("S-4", "engine.oil")
    called.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
    await recorded(engine, unsorted, plain, vip, called)
    assert {c.ticket.ticket_no for c in await seatings.waiting(engine, limit=9)} == {"S-1", "S-3", "S-4"}
    assert await given(engine, "S-1", "li")
    assert not await given(engine, "S-1", "wu"), "the rules take nothing from anybody"
    assert await seatings.waits(engine) == 2
    assert await seatings.loads(engine) == {"li": 1}
    assert [c.ticket.ticket_no for c in await seatings.held_by(engine, "li", limit=9)] == ["S-1"]
    assert (await seatings.of_tickets(engine, ["S-1", "S-2"]))["S-1"].seat == "li"


async def test_by_hand_it_is_taken_from_who_has_it_and_both_are_remembered(engine: AsyncEngine) -> None:
    await recorded(engine, played("S-1"))
    await given(engine, "S-1", "li")
    assert await given(engine, "S-1", "wu", Why.BY_HAND, by="cx-7")
    first, second = await seatings.of_ticket(engine, "S-1")
    assert (first.seat, first.ended_at, first.by) == ("li", NOW, "")
    assert (second.seat, second.ended_at, second.by, second.number) == ("wu", None, "cx-7", 2)


async def test_it_is_over_when_the_complaint_goes_on_or_the_person_is_away(engine: AsyncEngine) -> None:
    sorted_now, stays, away = played("S-1"), played("S-2"), played("S-3")
    await recorded(engine, sorted_now, stays, away)
    for number, seat in (("S-1", "li"), ("S-2", "li"), ("S-3", "wu")):
        assert await given(engine, number, seat)
    assert await over(engine) == 0
    sorted_now.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("engine.oil",))
    await recorded(engine, sorted_now)
    assert await over(engine, here=("li",)) == 2
    assert await seatings.loads(engine) == {"li": 1}
    assert [c.ticket.ticket_no for c in await seatings.waiting(engine, limit=9)] == ["S-3"]
    assert await given(engine, "S-3", "li")
    assert [each.seat for each in await seatings.of_ticket(engine, "S-3")] == ["wu", "li"]


@pytest.mark.parametrize(("why", "is_moved"), [(Why.ANY_SYSTEM, 1), (Why.BY_HAND, 0)])
async def test_what_becomes_grave_goes_to_an_expert_unless_a_person_chose(
    engine: AsyncEngine, why: Why, is_moved: int
) -> None:
    grave = played("S-1")
    await recorded(engine, grave)
    await given(engine, "S-1", "li", why)
    grave.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("engine.oil",), risk_level=5, note_id=NOTE)
    await recorded(engine, grave)
    assert await over(engine) == is_moved


async def test_a_closed_complaint_is_nobodys_work(engine: AsyncEngine) -> None:
    vip = played("S-1", "engine.oil", tier="vip")
    await recorded(engine, vip)
    await given(engine, "S-1", "wu")
    vip.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
    await recorded(engine, vip)
    assert await over(engine) == 0
    vip.send(cmd.CustomerReply, at=T0 + 2 * HOUR, by=CUSTOMER, answer=cmd.Answer.CONFIRM, round=1)
    await recorded(engine, vip)
    assert await over(engine) == 1
    assert await seatings.waits(engine) == 0
