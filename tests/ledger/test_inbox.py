"""What the doors took is taken once, for ever, and tried until Temporal has it."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import inbox, tickets
from ledger.inbox import COMMAND, Kept, Taken
from tests.builders import DAY, HOUR, SECOND, T0
from tests.ledger.building import a_ledger, a_whole_ticket

KEY = "ticket:T-1"


async def take(engine: AsyncEngine, key: str = "c-1", *, at: datetime = T0, **body: Any) -> Taken:
    return await inbox.take(
        engine, key=key, kind=COMMAND, ticket_no="T-1", name="accept", body={"n": 1, **body}, received_at=at
    )


async def test_the_same_again_years_later_is_the_same_and_the_first_row_stands(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        first = await take(engine)
        again = await take(engine, at=T0 + 3000 * DAY)
    assert (first.kept, again.kept) == (Kept.NEW, Kept.SAME)
    assert again.row == first.row


async def test_something_else_under_a_key_that_is_taken_is_a_conflict(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        first = await take(engine)
        other = await take(engine, n=2)
    assert (other.kept, other.row) == (Kept.CONFLICT, first.row)


async def test_a_command_is_known_by_its_id_on_its_own_ticket_alone(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await take(engine, command_id="k-1")
        asked = [("T-1", "k-1"), ("T-1", "k-2"), ("T-2", "k-1")]
        held = [await inbox.holds_command(engine, ticket_no=no, command_id=key) for no, key in asked]
    assert held == [True, False, False]


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({}, Kept.SAME),
        ({"created_at": T0.astimezone(timezone(timedelta(hours=8)))}, Kept.SAME),  # one instant, another zone
        ({"words": "另一件事"}, Kept.CONFLICT),
        ({"customer": {"name": "李四"}}, Kept.CONFLICT),
        ({"tags": ["body.paint"]}, Kept.CONFLICT),
    ],
)
async def test_a_ticket_that_comes_again_is_judged_by_its_content(
    tmp_path: Path, changes: dict[str, Any], kept: Kept
) -> None:
    async with a_ledger(tmp_path) as engine:
        first = await inbox.take_ticket(engine, a_whole_ticket(), received_at=T0, key=KEY)
        again = await inbox.take_ticket(engine, a_whole_ticket(**changes), received_at=T0 + HOUR, key=KEY)
        assert first.kept is Kept.NEW
        assert again == Taken(kept, first.row)
        assert await tickets.get(engine, "T-1") == a_whole_ticket()


async def test_a_ticket_under_another_key_is_the_same_ticket(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        first = await inbox.take_ticket(engine, a_whole_ticket(), received_at=T0, key=KEY)
        again = await inbox.take_ticket(engine, a_whole_ticket(), received_at=T0, key="webhook:9")
        assert again == Taken(Kept.SAME, first.row)
        assert len(await inbox.undelivered(engine, before=T0, limit=9)) == 1


async def test_a_ticket_kept_before_is_still_to_be_started(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await tickets.keep(engine, a_whole_ticket(), received_at=T0)
        assert (await inbox.take_ticket(engine, a_whole_ticket(), received_at=T0, key=KEY)).kept is Kept.NEW
        assert [row.key for row in await inbox.undelivered(engine, before=T0, limit=9)] == [KEY]


async def test_a_ticket_that_contradicts_one_kept_before_is_not_taken(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await tickets.keep(engine, a_whole_ticket(), received_at=T0)
        other = await inbox.take_ticket(engine, a_whole_ticket(words="另一件事"), received_at=T0, key=KEY)
        assert other.kept is Kept.CONFLICT
        assert await inbox.undelivered(engine, before=T0, limit=9) == ()


async def test_what_is_delivered_is_not_tried_again(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await take(engine)
        await inbox.delivered(engine, "c-1", at=T0 + SECOND)
        await inbox.delivered(engine, "c-1", at=T0 + HOUR)
        await inbox.failed(engine, "c-1", error="too late", at=T0 + HOUR)
        row = (await take(engine)).row
        assert (row.delivered_at, row.attempts, row.last_error) == (T0 + SECOND, 1, "")
        assert await inbox.undelivered(engine, before=T0 + DAY, limit=9) == ()


async def test_one_that_fails_again_and_again_keeps_no_other_waiting(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number in range(3):
            await take(engine, f"c-{number}", at=T0 + number * SECOND)
        await inbox.failed(engine, "c-0", error="RPCError", at=T0 + HOUR)
        (first,) = await inbox.undelivered(engine, before=T0 + HOUR, limit=1)
        rows = await inbox.undelivered(engine, before=T0 + HOUR, limit=9)
    assert first.key == "c-1"
    assert [(row.key, row.attempts, row.last_error) for row in rows][-1] == ("c-0", 1, "RPCError")


async def test_only_what_was_received_by_then_is_asked_for(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await take(engine, "c-1", at=T0)
        await take(engine, "c-2", at=T0 + SECOND)
        assert [row.key for row in await inbox.undelivered(engine, before=T0, limit=9)] == ["c-1"]


async def test_a_ticket_comes_back_whole_by_number_and_by_vin(tmp_path: Path) -> None:
    later = a_whole_ticket("T-0", created_at=T0 + DAY)
    async with a_ledger(tmp_path) as engine:
        for ticket in (later, a_whole_ticket("T-1"), a_whole_ticket("T-2", vehicle={"vin": "OTHER"})):
            assert await tickets.keep(engine, ticket, received_at=T0) is Kept.NEW
        assert await tickets.get(engine, "T-0") == later
        assert await tickets.by_vin(engine, "LVSHCAMB1CE000001") == (a_whole_ticket("T-1"), later)
        assert await tickets.get(engine, "T-9") is None
