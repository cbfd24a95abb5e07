"""Appending: gap-free, once, and never two truths."""

import asyncio
import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from domain.fold import replay
from domain.messages import Malformed
from domain.outlets import LedgerBatch
from ledger import tables as t
from ledger.database import connect, writing
from ledger.events import LedgerFork, LedgerGap, append, events_of, messages, timeline
from ledger.policies import UnknownPolicy
from ledger.queries import complaint
from ledger.tables import PROJECTIONS
from ledger.verifying import verify
from tests.builders import HOUR, T0, a_policy
from tests.ledger.building import a_batch, a_ledger, dump, eventful, recorded, url_again, withdrawn

pytestmark = pytest.mark.pooled

LATER = T0 + timedelta(days=30)


async def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    played = eventful()
    async with a_ledger(tmp_path) as engine:
        last = await append(engine, a_batch(played), recorded_at=LATER)
        assert await events_of(engine, "T-1") == tuple(played.events)
        assert last == len(played.events)
        assert {recorded.recorded_at for recorded in await timeline(engine, "T-1")} == {LATER}


async def test_the_projection_is_the_domains_own_fold_whatever_the_batches(tmp_path: Path) -> None:
    played = eventful()
    async with a_ledger(tmp_path) as engine:
        for seq in range(1, len(played.events) + 1):
            await append(engine, a_batch(played, seq, seq), recorded_at=LATER)
            expected = replay(played.events[:seq], played.policy)
            assert await complaint(engine, "T-1") == expected


async def test_a_batch_sent_twice_changes_nothing(tmp_path: Path) -> None:
    played = eventful()
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, played)
        before = await dump(engine, t.events, t.messages, *PROJECTIONS)
        again = await append(engine, a_batch(played, messages=True), recorded_at=LATER)
        assert again == len(played.events)
        assert await dump(engine, t.events, t.messages, *PROJECTIONS) == before


async def test_a_batch_that_overlaps_appends_only_what_is_new(tmp_path: Path) -> None:
    played = eventful()
    async with a_ledger(tmp_path) as engine:
        await append(engine, a_batch(played, 1, 6), recorded_at=LATER)
        await append(engine, a_batch(played, 4), recorded_at=LATER)
        assert await events_of(engine, "T-1") == tuple(played.events)
        assert await complaint(engine, "T-1") == played.complaint


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (2, "the ledger has nothing yet"),
        (5, "the ledger has three"),
    ],
)
async def test_a_gap_is_refused_and_nothing_is_written(tmp_path: Path, first: int, why: str) -> None:
    played = eventful()
    async with a_ledger(tmp_path) as engine:
        if first > 2:
            await append(engine, a_batch(played, 1, 3), recorded_at=LATER)
        before = await dump(engine, t.events, *PROJECTIONS)
        with pytest.raises(LedgerGap, match="cannot follow"):
            await append(engine, a_batch(played, first), recorded_at=LATER)
        assert await dump(engine, t.events, *PROJECTIONS) == before, why


async def test_a_hole_within_the_batch_is_refused(tmp_path: Path) -> None:
    played = eventful()
    batch = a_batch(played)
    holed = batch.model_copy(update={"events": (*batch.events[:3], *batch.events[4:])})
    async with a_ledger(tmp_path) as engine:
        with pytest.raises(LedgerGap, match="event 5 cannot follow 3"):
            await append(engine, holed, recorded_at=LATER)
        assert await events_of(engine, "T-1") == ()


async def test_a_complaint_begins_with_its_own_opening(tmp_path: Path) -> None:
    batch = a_batch(eventful()).model_copy(update={"ticket_no": "T-2"})
    async with a_ledger(tmp_path) as engine:
        with pytest.raises(LedgerGap, match="its own opening"):
            await append(engine, batch, recorded_at=LATER)


async def test_another_event_in_a_place_that_is_taken_is_refused(tmp_path: Path) -> None:
    played, other = eventful(), withdrawn("T-1")
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, played)
        before = await dump(engine, t.events, *PROJECTIONS)
        with pytest.raises(LedgerFork, match="another event 3"):
            await append(engine, a_batch(other), recorded_at=LATER)
        assert await dump(engine, t.events, *PROJECTIONS) == before


async def test_events_of_an_unknown_policy_wait_until_it_is_kept(tmp_path: Path) -> None:
    played = eventful(policy=a_policy(version="test+2"))
    async with a_ledger(tmp_path) as engine:
        with pytest.raises(UnknownPolicy, match=r"test\+2"):
            await append(engine, a_batch(played), recorded_at=LATER)
        assert await events_of(engine, "T-1") == ()


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ({"seq": 2}, "it fell behind"),
        ({"state": {"of": "an older release"}}, "it can no longer be read"),
    ],
)
async def test_a_projection_of_no_use_is_made_anew_on_the_next_append(
    tmp_path: Path, damage: dict[str, object], why: str
) -> None:
    played = eventful()
    async with a_ledger(tmp_path) as engine:
        await append(engine, a_batch(played, 1, 5), recorded_at=LATER)
        async with writing(engine) as connection:
            await connection.execute(update(t.complaints).values(**damage))
        await append(engine, a_batch(played, 6), recorded_at=LATER)
        assert await complaint(engine, "T-1") == played.complaint, why


async def test_messages_are_kept_once_in_the_order_they_were_taken(tmp_path: Path) -> None:
    played = eventful()
    async with a_ledger(tmp_path) as engine:
        for _ in range(2):
            await append(engine, a_batch(played, messages=True), recorded_at=LATER)
        kept = await messages(engine, "T-1")
    assert [each.message for each in kept] == played.messages
    assert [each.number for each in kept] == list(range(1, len(played.messages) + 1))


async def test_malformed_messages_that_are_all_alike_are_all_kept(tmp_path: Path) -> None:
    played = eventful()
    nonsense = Malformed(received_at=T0 + HOUR, name="accept", code="not_a_mapping")
    batch = LedgerBatch(**{**dict(a_batch(played)), "messages": (nonsense, nonsense)})
    async with a_ledger(tmp_path) as engine:
        for _ in range(2):
            await append(engine, batch, recorded_at=LATER)
        assert [each.message for each in await messages(engine, "T-1")] == [nonsense, nonsense]


async def test_many_complaints_appended_at_once_by_two_programs_are_all_whole(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        spawn = multiprocessing.get_context("spawn")
        url = url_again(engine)
        other = spawn.Process(target=_append_many, args=(url, "B"))
        other.start()
        await _append_each(url, "A")
        await asyncio.to_thread(other.join)
        assert other.exitcode == 0
        assert await verify(engine) == ()
        for name in ("A", "B"):
            for number in range(_EACH):
                assert (await complaint(engine, f"{name}-{number}")) == withdrawn(f"{name}-{number}").complaint


_EACH = 10


def _append_many(url: str, name: str) -> None:
    asyncio.run(_append_each(url, name))


async def _append_each(url: str, name: str) -> None:
    """One event a transaction, all complaints at once."""
    engine = connect(url)

    async def one(number: int) -> None:
        played = withdrawn(f"{name}-{number}")
        for seq in range(1, len(played.events) + 1):
            await append(engine, a_batch(played, seq, seq), recorded_at=LATER)

    await asyncio.gather(*(one(number) for number in range(_EACH)))
    await engine.dispose()
