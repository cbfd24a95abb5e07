"""Several write at once: each of them gets on, nothing is lost, and nothing is there twice."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bench.waiting import beside_a_flood
from ledger import inbox, notes, tickets
from ledger import tables as t
from ledger.database import LedgerBusy, connect, reading, writing, written
from ledger.events import append, events_of, messages
from ledger.queries import complaint
from ledger.rebuilding import rebuild
from ledger.rows import Kept
from ledger.search import search_texts
from ledger.verifying import verify
from tests.builders import T0
from tests.ledger.building import a_batch, a_ledger, a_whole_ticket, eventful, recorded, url_again, withdrawn

pytestmark = pytest.mark.pooled

LATER = T0 + timedelta(days=30)


async def test_a_complaint_that_several_append_to_at_once_is_whole(tmp_path: Path) -> None:
    played = eventful()

    async def from_first_to_last(engine: AsyncEngine, size: int) -> None:
        for first in range(1, len(played.events) + 1, size):
            await append(engine, a_batch(played, first, first + size - 1), recorded_at=LATER)
        await append(engine, a_batch(played, messages=True), recorded_at=LATER)

    async with a_ledger(tmp_path) as engine:
        await asyncio.gather(*(from_first_to_last(engine, size) for size in (1, 2, 3, 5)))
        assert await events_of(engine, "T-1") == tuple(played.events)
        assert await complaint(engine, "T-1") == played.complaint
        assert [each.message for each in await messages(engine, "T-1")] == played.messages
        assert await verify(engine) == ()


async def test_a_rebuild_while_the_complaint_is_appended_to_leaves_it_whole(tmp_path: Path) -> None:
    played = eventful()

    async def one_by_one(engine: AsyncEngine) -> None:
        for seq in range(2, len(played.events) + 1):
            await append(engine, a_batch(played, seq, seq), recorded_at=LATER)

    async def again_and_again(engine: AsyncEngine) -> None:
        for _ in range(6):
            assert (await rebuild(engine)).broken == ()

    async with a_ledger(tmp_path) as engine:
        await append(engine, a_batch(played, 1, 1), recorded_at=LATER)
        await asyncio.gather(one_by_one(engine), again_and_again(engine))
        assert await complaint(engine, "T-1") == played.complaint
        assert await verify(engine) == ()


async def test_of_two_who_take_one_key_at_once_one_wins(tmp_path: Path) -> None:
    async def taken(engine: AsyncEngine, word: str) -> tuple[Kept, str]:
        what: dict[str, Any] = {
            "key": "k",
            "kind": inbox.COMMAND,
            "ticket_no": "T-1",
            "name": "accept",
            "body": {"said": word},
        }
        found = await inbox.take(engine, **what, received_at=T0)
        return found.kept, found.row.body["said"]

    async with a_ledger(tmp_path) as engine:
        found = await asyncio.gather(*(taken(engine, word) for word in ("a", "b", "c")))
    ((winner,),) = [[word for kept, word in found if kept is Kept.NEW]]
    assert sorted(found) == sorted([(Kept.NEW, winner), (Kept.CONFLICT, winner), (Kept.CONFLICT, winner)])


async def test_a_ticket_that_comes_several_times_at_once_is_kept_once(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        coming = [inbox.take_ticket(engine, a_whole_ticket(), received_at=T0, key=f"k{number}") for number in range(4)]
        assert sorted(taken.kept for taken in await asyncio.gather(*coming)) == ["new", "same", "same", "same"]
        assert await tickets.get(engine, "T-1") == a_whole_ticket()


async def test_notes_that_are_written_at_once_are_all_found(tmp_path: Path) -> None:
    said = [f"第{number}次更换助力泵 part{number}" for number in range(5)]
    async with a_ledger(tmp_path) as engine:
        await tickets.keep(engine, a_whole_ticket(), received_at=T0)
        await asyncio.gather(*(notes.keep(engine, ticket_no="T-1", text=one, author="x", at=T0) for one in said))
        async with reading(engine) as connection:
            tokens = str(await connection.scalar(select(search_texts.c.open_tokens)))
    assert {f"wpart{number}" for number in range(5)} <= set(tokens.split())


@pytest.mark.on("sqlite")
async def test_a_process_that_writes_without_pause_lets_another_in_after_each_transaction(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        url = engine.url.render_as_string()
        took = await beside_a_flood(url, each_s=0.2, writes=3, patience=timedelta(seconds=5))
    assert max(took) < 1  # without the turnstile the lock was met free once in a hundred looks


@pytest.mark.on("postgresql")
async def test_writers_that_wait_for_each_other_are_told_apart_and_both_get_on(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, withdrawn("T-1"), withdrawn("T-2"))
        tries: list[str] = []
        both_hold_one = asyncio.Barrier(2)

        async def in_order(connection: AsyncConnection, *order: str) -> None:
            tries.append(order[0])
            for ticket_no in order:
                mine = update(t.complaints).where(t.complaints.c.ticket_no == ticket_no)
                await connection.execute(mine.values(refusals=t.complaints.c.refusals + 1))
                if len(tries) <= 2 and ticket_no == order[0]:
                    await both_hold_one.wait()

        await asyncio.gather(
            written(engine, lambda connection: in_order(connection, "T-1", "T-2")),
            written(engine, lambda connection: in_order(connection, "T-2", "T-1")),
        )
        async with reading(engine) as connection:
            counted = (await connection.scalars(select(t.complaints.c.refusals))).all()
    assert (len(tries), list(counted)) == (3, [2, 2])


@pytest.mark.on("postgresql")
async def test_a_snapshot_that_another_overtook_asks_to_be_tried_again(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, withdrawn("T-1"))

        async def overtaken() -> None:
            async with writing(engine.execution_options(isolation_level="REPEATABLE READ")) as mine:
                await mine.execute(select(t.complaints))
                async with writing(engine) as others:
                    await others.execute(update(t.complaints).values(refusals=7))
                await mine.execute(update(t.complaints).values(refusals=8))

        with pytest.raises(LedgerBusy, match="Other writers were in the way"):
            await overtaken()


@pytest.mark.on("postgresql")
async def test_who_waits_too_long_for_what_another_holds_is_told_to_try_again(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await append(engine, a_batch(withdrawn("T-1"), 1, 1), recorded_at=LATER)
        impatient = connect(url_again(engine, lock_timeout=0.02))
        async with writing(engine) as holder:
            await holder.execute(update(t.complaints).values(refusals=0))
            with pytest.raises(LedgerBusy, match="try again"):
                await append(impatient, a_batch(withdrawn("T-1")), recorded_at=LATER)
        assert await append(impatient, a_batch(withdrawn("T-1")), recorded_at=LATER) == 3
        await impatient.dispose()


async def test_what_the_database_refuses_again_and_again_is_a_mistake_of_ours(tmp_path: Path) -> None:
    async def twice(connection: AsyncConnection) -> None:
        for _ in range(2):
            await connection.execute(insert(t.policies).values(version="v", body={}))

    async with a_ledger(tmp_path) as engine:
        with pytest.raises(IntegrityError):
            await written(engine, twice)
        async with reading(engine) as connection:
            assert await connection.scalar(text("SELECT count(*) FROM policies WHERE version = 'v'")) == 0
