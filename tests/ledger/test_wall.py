"""The board's figures, against a few complaints whose lives are known."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain.events import ClockBreached
from domain.outlets import Audience, Notice, NoticeKind
from domain.policy import ClockKind
from ledger import notices, tickets, wall
from ledger.wall import Handed, HourOfRates, Standing
from tests.builders import ARBITER, DAY, HOUR, NOTE, PHOTO, SECOND, T0, Played, of
from tests.ledger.building import a_ledger, a_whole_ticket, eventful, recorded, withdrawn


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path) as engine:
        yield engine


async def test_open_complaints_are_counted_by_desk_first_tag_and_light(engine: AsyncEngine) -> None:
    opened = [Played("engine.stall", ticket_no=f"T-{n}", at=T0 + n * HOUR) for n in (1, 2, 3)]
    await recorded(engine, *opened, Played("nobody.knows", ticket_no="T-9", at=T0 + 3 * HOUR), withdrawn("T-8"))
    shown = await wall.tick(engine, at=T0 + 5 * HOUR, reds_since=T0)
    # 4 hours to answer, yellow from the last third: one is over, one in its last third, one fresh; triage has 2 hours.
    assert shown.standing == (
        Standing(desk="cx", tag="nobody.knows", green=0, yellow=0, red=1),
        Standing(desk="engine", tag="engine.stall", green=1, yellow=1, red=1),
    )


async def test_the_lights_turn_with_the_instant_alone(engine: AsyncEngine) -> None:
    await recorded(engine, Played("engine.stall", ticket_no="T-1"))
    due = T0 + 4 * HOUR
    lights = [(await wall.tick(engine, at=at, reds_since=T0)).standing[0] for at in (T0, due - SECOND, due)]
    assert [(each.green, each.yellow, each.red) for each in lights] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]


async def test_a_red_names_those_whose_vp_was_copied(engine: AsyncEngine) -> None:
    played = eventful()
    await recorded(engine, played)
    breach = next(each for each in played.events if isinstance(each, ClockBreached))
    for department in ("chassis", "engine"):
        await _copied_to(engine, breach, department)
    (*_, first) = (await wall.tick(engine, at=T0 + 9 * DAY, reds_since=T0)).reds
    assert (first.ticket_no, first.department, first.clock_kind) == ("T-1", "chassis", ClockKind.RESPONSE)
    assert (first.due_at, first.copied) == (breach.due_at, ("chassis", "engine"))


async def test_only_reds_since_the_given_instant_are_told(engine: AsyncEngine) -> None:
    await recorded(engine, eventful())
    assert (await wall.tick(engine, at=T0 + 9 * DAY, reds_since=T0 + 30 * DAY)).reds == ()


async def test_the_longest_open_come_first_and_closed_ones_not_at_all(engine: AsyncEngine) -> None:
    opened = [Played("engine.stall", ticket_no=f"T-{n}", at=T0 - n * DAY) for n in (1, 2, 3)]
    await recorded(engine, *opened, withdrawn("T-0"))
    shown = await wall.tick(engine, at=T0, reds_since=T0, limit=2)
    assert [each.ticket_no for each in shown.oldest] == ["T-3", "T-2"]


async def test_hand_offs_are_counted_from_and_to(engine: AsyncEngine) -> None:
    await recorded(engine, eventful("T-1"), eventful("T-2"))
    assert await wall.handed(engine, since=T0) == (Handed(source="engine", target="chassis", count=2, refuted=0),)
    assert await wall.handed(engine, since=T0 + DAY) == ()


async def test_rates_stand_in_the_hour_in_which_they_were_decided(engine: AsyncEngine) -> None:
    await recorded(engine, eventful())
    shown = await wall.rates(engine, since=T0)
    # The engine's transfer came in time, the chassis was silent; the first claim was rejected, the second is none.
    assert shown == (
        HourOfRates(hour=T0 + 2 * HOUR, in_time=1, responses=1),
        HourOfRates(hour=T0 + 6 * HOUR, in_time=0, responses=1),
        HourOfRates(hour=T0 + 2 * DAY, fixed_first=0, verdicts=1),
    )


async def test_rates_of_one_department_leave_the_others_out(engine: AsyncEngine) -> None:
    await recorded(engine, eventful())
    assert [each.hour for each in await wall.rates(engine, since=T0, department="engine")] == [T0 + 2 * HOUR]


async def test_what_the_arbiter_answered_for_counts_for_nobody(engine: AsyncEngine) -> None:
    played = Played("engine.stall", ticket_no="T-1")
    played.send(cmd.Transfer, at=T0 + HOUR, by=of("engine"), to="chassis", evidence=(PHOTO,), note_id=NOTE)
    played.send(cmd.Contest, at=T0 + 2 * HOUR, by=of("chassis"), evidence=(PHOTO,), note_id=NOTE)
    played.send(cmd.Arbitrate, at=T0 + 3 * HOUR, by=ARBITER, owner="engine", note_id=NOTE)
    await recorded(engine, played)
    assert played.complaint.owner == "engine"
    # Refuted, the engine's transfer was no answer, and the ruling voids the chassis' hop.
    assert await wall.rates(engine, since=T0) == ()


async def test_voices_are_the_newest_open_complaints_that_have_words(engine: AsyncEngine) -> None:
    for number in (1, 2, 3):
        ticket = a_whole_ticket(f"T-{number}", words="" if number == 2 else "异响")
        await tickets.keep(engine, ticket, received_at=T0)
        await recorded(engine, Played("engine.stall", ticket_no=f"T-{number}", at=T0 + timedelta(minutes=number)))
    assert await wall.voices(engine) == ("T-3", "T-1")


async def _copied_to(engine: AsyncEngine, breach: ClockBreached, department: str) -> None:
    facts = {"clock_kind": breach.clock_kind.value, "due_at": breach.due_at.isoformat()}
    key = f"T-1:{breach.seq}:{department}"
    notice = Notice(key=key, kind=NoticeKind.VP_COPY, audience=Audience.VP, department=department, facts=facts)
    address = f"{department}@example.com"
    await notices.post(engine, notice, ticket_no="T-1", address=address, subject="", body="", created_at=T0)
