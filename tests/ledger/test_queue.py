"""The workbench's lists, against a few complaints whose lives are known."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain.commands import RootCause
from ledger import policies, tickets
from ledger.filtering import ComplaintFilter
from ledger.queries import every_complaint
from ledger.queue import Load, QueuePage, Whose, loads, queue
from tests.builders import DAY, HOUR, NOTE, PHOTO, T0, Played, a_policy, of
from tests.ledger.building import a_ledger, a_whole_ticket, recorded, withdrawn

NOW = T0 + 5 * HOUR


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, *lives())
        for number, words in ((1, "高速上突然熄火，电话 13800001111"), (2, "加速无力"), (4, "空调异响")):
            await tickets.keep(engine, a_whole_ticket(f"T-{number}", words=words), received_at=T0)
        yield engine


def lives() -> list[Played]:
    """T-1 and T-2 lie on engine's desk, T-3 waits for its customer, T-4 is quality's with body's help, T-5 is before
    the arbiter, T-6 is closed, T-7 is nobody's yet.
    """
    fresh, taken = Played(ticket_no="T-1"), Played(ticket_no="T-2", at=T0 + 3 * HOUR, risk_level=4, tier="vip")
    claimed, contested = Played(ticket_no="T-3"), Played(ticket_no="T-5")
    taken.send(cmd.Accept, at=T0 + 4 * HOUR, by=of("engine"))
    claimed.send(cmd.Claim, at=T0 + HOUR, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
    contested.send(cmd.Contest, at=T0 + HOUR, by=of("engine"), evidence=(PHOTO,), note_id=NOTE)
    grey, unsorted = Played("noise", ticket_no="T-4"), Played("nobody.knows", ticket_no="T-7")
    return [fresh, taken, claimed, grey, contested, withdrawn("T-6"), unsorted]


async def asked_for(engine: AsyncEngine, *, department: str = "", whose: str = "mine", **filters: Any) -> QueuePage:
    return await queue(engine, department, Whose(whose), ComplaintFilter.model_validate(filters), at=NOW)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"department": "engine"}, ["T-1", "T-2"]),  # the most urgent first
        ({"department": "engine", "whose": "waiting"}, ["T-5", "T-3"]),  # up to the arbiter, up to the customer
        ({"department": "quality"}, ["T-4", "T-5"]),  # the arbiter's desk is theirs
        ({"department": "body", "whose": "supported"}, ["T-4"]),
        ({"department": "body"}, []),
        ({"department": "cx"}, ["T-7"]),
        ({"department": "engine", "whose": "all"}, ["T-1", "T-5", "T-3", "T-2"]),
        ({"department": "engine", "whose": "all", "stage": "closed"}, ["T-6"]),
        ({"whose": "all"}, ["T-7", "T-1", "T-4", "T-5", "T-3", "T-2"]),  # the whole company
        ({"department": "engine", "light": "red"}, ["T-1"]),
        ({"department": "engine", "stage": "in_work"}, ["T-2"]),
        ({"department": "engine", "tag": "noise"}, []),
        ({"department": "engine", "risk_at_least": 4}, ["T-2"]),
        ({"department": "engine", "tier": "vip"}, ["T-2"]),
        ({"department": "engine", "text": "熄火"}, ["T-1"]),  # two characters are a word
        ({"department": "engine", "text": "t-2"}, ["T-2"]),
        ({"department": "engine", "text": "100%"}, []),  # a sign of the query language is a sign
        ({"department": "engine", "text": "13800001111"}, []),  # nobody is found by their phone
    ],
)
async def test_a_list_holds_what_was_asked_for(engine: AsyncEngine, asked: dict[str, Any], shown: list[str]) -> None:
    found = await asked_for(engine, **asked)
    assert sorted(row.ticket_no for row in found.items) == sorted(shown)
    assert [row.due_at or NOW for row in found.items] == sorted(row.due_at or NOW for row in found.items)


async def test_a_row_says_who_has_it_and_who_helps(engine: AsyncEngine) -> None:
    (row,) = (await asked_for(engine, department="body", whose="supported")).items
    assert (row.department, row.supporters, row.is_grey) == ("quality", ("body", "chassis"), True)
    assert row.yellow_at is not None


async def test_the_lists_are_counted_with_their_lights(engine: AsyncEngine) -> None:
    found = await loads(engine, "engine", at=NOW)
    assert found[Whose.MINE] == Load(total=2, yellow=0, red=1)
    assert found[Whose.WAITING].total == 2
    assert found[Whose.ALL] == Load(total=4, yellow=0, red=1)
    assert (await loads(engine, "battery", at=NOW))[Whose.ALL] == Load()


@pytest.mark.parametrize("department", ["engine", "chassis", "quality", "body", "cx"])
async def test_as_many_are_counted_as_are_listed(engine: AsyncEngine, department: str) -> None:
    counted = await loads(engine, department, at=NOW)
    for whose in Whose:
        listed = (await asked_for(engine, department=department, whose=whose)).items
        red = sum(row.light == "red" for row in listed)
        assert (counted[whose].total, counted[whose].red) == (len(listed), red), whose


async def test_pages_neither_repeat_nor_hide_what_comes_between_them(engine: AsyncEngine) -> None:
    everything = "", Whose.ALL, ComplaintFilter()
    first = await queue(engine, *everything, at=NOW, limit=2)
    await recorded(engine, Played(ticket_no="T-0", at=T0 - DAY))
    rest = await queue(engine, *everything, at=NOW, cursor=first.next_cursor, limit=50)
    assert rest.next_cursor is None
    assert len({row.ticket_no for row in (*first.items, *rest.items)}) == 6


async def test_tickets_are_read_by_their_numbers(engine: AsyncEngine) -> None:
    assert (await tickets.of_many(engine, ["T-4", "T-404"])).keys() == {"T-4"}
    assert await tickets.of_many(engine, []) == {}


@pytest.mark.parametrize("department", ["engine", "quality", "body", "cx"])
@pytest.mark.parametrize("whose", Whose)
async def test_each_list_can_be_asked_for_as_a_filter(engine: AsyncEngine, department: str, whose: Whose) -> None:
    listed = await asked_for(engine, department=department, whose=whose)
    asked = ComplaintFilter(queue_of=department, whose=whose, is_open=True)
    every = [row.ticket_no async for row in every_complaint(engine, asked, at=NOW)]
    assert every == [row.ticket_no for row in listed.items]


async def test_whose_says_nothing_without_a_department(engine: AsyncEngine) -> None:
    every = [row async for row in every_complaint(engine, ComplaintFilter(whose=Whose.MINE), at=NOW)]
    assert len(every) == len(lives())


async def test_a_row_says_that_its_due_time_may_still_move(tmp_path: Path) -> None:
    slow = dict.fromkeys(("response", "resolution_ordinary"), "300 working_days")
    policy = a_policy(version="unsure", clocks=slow)
    known = policy.calendar.model_copy(update={"years": (T0.year,)})
    unsure = Played(ticket_no="T-1", policy=policy.model_copy(update={"calendar": known}))
    async with a_ledger(tmp_path) as engine:
        await policies.keep(engine, unsure.policy)
        await recorded(engine, unsure, withdrawn("T-2"))
        found = [row async for row in every_complaint(engine, ComplaintFilter(), at=NOW)]
    assert [(row.ticket_no, row.is_provisional) for row in found] == [("T-1", True), ("T-2", False)]
