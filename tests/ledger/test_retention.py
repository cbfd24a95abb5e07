from datetime import datetime
from pathlib import Path

import pytest

from domain.retention import Keeping, Record, Step
from ledger import erasing, holds, inbox, restricting
from ledger.retention import due
from tests.builders import DAY, T0, Played
from tests.ledger.building import a_ledger, a_whole_ticket, eventful, recorded, withdrawn

KEEPINGS = (
    Keeping(record=Record.SAFETY, restrict=36, erase=120, source="recall"),
    Keeping(record=Record.REPAIR, restrict=36, erase=72, source="repair"),
    Keeping(record=Record.COMPLAINT, erase=24, source="need"),
)
CLOSED = T0 + 8 * DAY  # the eventful one; the withdrawn one within T0's first hour


def later(instant: datetime, years: int) -> datetime:
    return instant.replace(year=instant.year + years)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (CLOSED, []),
        (later(T0, 2), []),  # closed an hour after that
        (later(T0 + DAY, 2), [("T-2", Record.COMPLAINT, Step.ERASE)]),  # nobody repaired anything
        (later(CLOSED, 3), [("T-2", Record.COMPLAINT, Step.ERASE), ("T-1", Record.REPAIR, Step.RESTRICT)]),
        (later(CLOSED, 6), [("T-2", Record.COMPLAINT, Step.ERASE), ("T-1", Record.REPAIR, Step.ERASE)]),
    ],
)
async def test_each_record_is_due_in_its_time(tmp_path: Path, at: datetime, expected: list[object]) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), withdrawn("T-2"))
        found = await due(engine, KEEPINGS, at=at, limit=10)
        assert [(each.ticket_no, each.record, each.step) for each in found] == expected


async def test_an_open_complaint_is_never_due(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, Played(ticket_no="T-3"))
        assert await due(engine, KEEPINGS, at=later(T0, 20), limit=10) == ()


async def test_what_was_done_is_not_due_again(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await inbox.take_ticket(engine, a_whole_ticket("T-1"), received_at=T0, key="k")
        await recorded(engine, eventful("T-1"))
        at = later(CLOSED, 3)
        assert await restricting.restrict(engine, "T-1", at=at, by="retention", why="repair")
        assert await due(engine, KEEPINGS, at=at, limit=10) == ()
        [again] = await due(engine, KEEPINGS, at=later(CLOSED, 6), limit=10)
        assert again.step is Step.ERASE
        await erasing.erase(engine, "T-1", at=at, by="retention", why="repair")
        assert await due(engine, KEEPINGS, at=later(CLOSED, 9), limit=10) == ()


async def test_a_legal_hold_is_told_and_keeps_it(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await inbox.take_ticket(engine, a_whole_ticket("T-1"), received_at=T0, key="k")
        await recorded(engine, eventful("T-1"))
        first = await holds.place(engine, "T-1", why="court", at=T0, by="legal")
        assert await holds.place(engine, "T-1", why="another", at=T0, by="legal") == first
        [found] = await due(engine, KEEPINGS, at=later(CLOSED, 3), limit=10)
        assert found.is_held
        assert not await restricting.restrict(engine, "T-1", at=later(CLOSED, 3), by="retention", why="repair")
        assert await holds.lift(engine, "T-1", at=T0 + DAY, by="legal")
        assert not await holds.lift(engine, "T-1", at=T0 + DAY, by="legal")
        assert [each.lifted_by for each in await holds.every(engine, also_lifted=True)] == ["legal"]
        assert await holds.every(engine) == ()
