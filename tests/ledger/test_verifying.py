"""Somebody with the database's password tampers; the chain tells where."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import tables as t
from ledger.chain import digest
from ledger.database import writing
from ledger.rebuilding import rebuild
from ledger.verifying import Fault, FaultKind, heads, verify
from tests.builders import T0
from tests.ledger.building import a_ledger, eventful, recorded, withdrawn

OTHERS = "x" * 64
STATE_OF_ANOTHER = "SELECT other.state FROM complaints AS other ORDER BY ticket_no DESC LIMIT 1"
PLACES = ((4, 99), (5, 4), (99, 5))  # 4 and 5 change places; no two rows may stand in one


async def _tampered(engine: AsyncEngine, statements: Sequence[str]) -> list[tuple[str, int, str]]:
    async with writing(engine) as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)
    return [(fault.ticket_no, fault.seq, fault.kind.value) for fault in await verify(engine)]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        # content, when and by whom are all under the hash
        (
            "UPDATE events SET body = replace(body, 'engine', 'body') WHERE ticket_no = 'T-1' AND seq = 2",
            (2, "changed"),
        ),
        ("UPDATE events SET at = '2026-03-02 00:00:00.000000' WHERE ticket_no = 'T-1' AND seq = 7", (7, "changed")),
        (
            "UPDATE events SET recorded_at = '2026-01-01 00:00:00.000000' WHERE ticket_no = 'T-1' AND seq = 4",
            (4, "changed"),
        ),
        ("UPDATE events SET kind = 'accepted' WHERE ticket_no = 'T-1' AND seq = 8", (8, "changed")),
        # the links themselves
        (f"UPDATE events SET hash = '{OTHERS}' WHERE ticket_no = 'T-1' AND seq = 5", (5, "changed")),
        (f"UPDATE events SET prev_hash = '{OTHERS}' WHERE ticket_no = 'T-1' AND seq = 1", (1, "changed")),
        # the first, one in the middle, the last
        ("DELETE FROM events WHERE ticket_no = 'T-1' AND seq = 1", (1, "missing")),
        ("DELETE FROM events WHERE ticket_no = 'T-1' AND seq = 6", (6, "missing")),
        ("DELETE FROM events WHERE ticket_no = 'T-1' AND seq = 21", (21, "missing")),
        # the whole of it
        ("DELETE FROM events WHERE ticket_no = 'T-1'", (1, "missing")),
    ],
)
async def test_one_touched_row_is_named_and_no_other(tmp_path: Path, statement: str, found: tuple[int, str]) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), withdrawn("T-2"))
        assert await _tampered(engine, [statement]) == [("T-1", *found)]


async def test_two_rows_that_changed_places_are_named(tmp_path: Path) -> None:
    swap = [f"UPDATE events SET seq = {new} WHERE ticket_no = 'T-1' AND seq = {old}" for old, new in PLACES]
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), withdrawn("T-2"))
        assert await _tampered(engine, swap) == [("T-1", 4, "reordered"), ("T-1", 5, "reordered")]


async def test_a_row_changed_together_with_its_hash_is_betrayed_by_the_next(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"))
        await _forge(engine, first=9, last=9)
        assert [(fault.seq, fault.kind) for fault in await verify(engine)] == [(9, FaultKind.CHANGED)]


async def test_a_chain_rewritten_to_its_end_is_seen_against_anchored_heads(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"))
        anchored = await heads(engine)
        await _forge(engine, first=9, last=21)
        assert await verify(engine) == ()
        faults = await verify(engine, anchored=anchored)
    assert [(fault.seq, fault.kind) for fault in faults] == [(21, FaultKind.CHANGED)]


async def _forge(engine: AsyncEngine, *, first: int, last: int) -> None:
    """Change event `first` as a careful forger would: with its hash, and all links up to `last`."""
    async with writing(engine) as connection:
        before = None
        for seq in range(first, last + 1):
            mine = t.events.c.seq == seq
            row = (await connection.execute(select(t.events).where(mine))).one()._asdict()
            row["recorded_at"] = T0 if seq == first else row["recorded_at"]
            row["prev_hash"] = before or row["prev_hash"]
            before = row["hash"] = digest(row)
            await connection.execute(update(t.events).where(mine).values(**row))


async def test_a_tail_cut_off_with_its_projection_is_seen_against_anchored_heads(tmp_path: Path) -> None:
    cut = "DELETE FROM events WHERE ticket_no = 'T-1' AND seq > 19"
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"))
        anchored = await heads(engine)
        assert await _tampered(engine, [cut]) == [("T-1", 20, "missing")]
        await rebuild(engine)
        assert await verify(engine) == ()
        faults = await verify(engine, anchored=anchored)
    assert faults == (Fault("T-1", 20, FaultKind.MISSING, "T-1: events 20 to 21 are missing."),)


async def test_a_complaint_removed_whole_is_seen_against_anchored_heads(tmp_path: Path) -> None:
    removed = [f"DELETE FROM {table} WHERE ticket_no = 'T-1'" for table in ("events", "complaints")]
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), withdrawn("T-2"))
        anchored = await heads(engine)
        assert await _tampered(engine, removed) == []
        faults = await verify(engine, anchored=anchored)
    assert [(fault.ticket_no, fault.seq, fault.kind) for fault in faults] == [("T-1", 1, FaultKind.MISSING)]


async def test_a_whole_ledger_has_no_faults_and_says_how_far_it_is(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), withdrawn("T-2"), withdrawn("T-3"))
        faults = await verify(engine, lambda done, total: seen.append((done, total)), anchored=await heads(engine))
    assert faults == ()
    assert seen == [(3, 3)]  # it says so every fifty complaints


async def test_a_row_added_by_hand_is_named(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, withdrawn("T-1"))
        last = (await heads(engine))[0]
        async with writing(engine) as connection:
            row = (await connection.execute(select(t.events).where(t.events.c.seq == last.seq))).one()._asdict()
            added = row | {"seq": last.seq + 1, "prev_hash": last.hash}
            await connection.execute(insert(t.events).values(**added | {"hash": digest(added)}))
        assert [(fault.seq, fault.kind) for fault in await verify(engine)] == [(last.seq + 1, FaultKind.UNKNOWN)]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE complaints SET owner = 'nobody'", "the row of complaints differs from its events in owner;"),
        ("UPDATE complaints SET due_at = '2026-01-01 00:00:00.000000'", "differs from its events in due_at;"),
        (
            f"UPDATE complaints SET state = ({STATE_OF_ANOTHER}), hops = 9",
            "differs from its events in hops, state;",
        ),
        ("UPDATE complaints SET state = '{}'", "differs from its events in state;"),
        ("UPDATE hops SET department = 'nobody' WHERE number = 2", "the row of hops 2 differs from its events in dep"),
        ("DELETE FROM claims WHERE round = 1", "the row of claims 1 is missing;"),
        ("DELETE FROM refusals", "the row of refusals 3 is missing;"),
        ("UPDATE complaint_tags SET tag = 'noise'", "the row of complaint_tags noise is one too many;"),
    ],
)
async def test_a_projected_row_that_is_not_what_the_events_say_is_named(
    tmp_path: Path, statement: str, said: str
) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, eventful("T-1"), withdrawn("T-2"))
        assert await verify(engine) == ()
        async with writing(engine) as connection:
            await connection.exec_driver_sql(
                f"{statement}{' AND' if 'WHERE' in statement else ' WHERE'} ticket_no = 'T-1'"
            )
        faults = await verify(engine)
        assert await verify(engine, chain_only=True) == ()
    assert {(fault.ticket_no, fault.kind) for fault in faults} == {("T-1", FaultKind.PROJECTION)}
    assert any(said in fault.sentence and "ledger rebuild" in fault.sentence for fault in faults)
