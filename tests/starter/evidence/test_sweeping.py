"""Orphans go, whatever a complaint names stays; and what stands is held against what is named."""

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.commands import EvidenceKind
from ledger import erasing, evidence, holds, restricting, tickets
from starter.evidence import sweeping
from starter.evidence.copying import copy
from starter.evidence.keeping import keep_upload
from starter.evidence.store import EvidenceStore, StoreUnavailable
from starter.evidence.sweeping import TooManyOrphans, sweep
from starter.evidence.verifying import verify
from tests.ledger.building import a_ledger, a_whole_ticket
from tests.starter.evidence.buckets import a_store

NOW = datetime.now(UTC)
TOMORROW = NOW + timedelta(hours=25)
BOTH = pytest.mark.parametrize("where", ["disk", "s3"])


def quietly(done: int, total: int) -> None:
    assert 0 < done <= total


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def orphan(store: EvidenceStore, name: str) -> str:
    return (await store.keep(pieces(name.encode()), kind=EvidenceKind.LOG)).sha256


async def handed_in(engine: AsyncEngine, store: EvidenceStore, name: str, *, on: str = "T-1") -> str:
    given = (store, engine, pieces(name.encode()))
    return (await keep_upload(*given, ticket_no=on, kind=EvidenceKind.LOG, at=NOW)).sha256


async def in_store(store: EvidenceStore) -> set[str]:
    return {each.sha256 async for each in store.every()}


@BOTH
async def test_an_orphan_goes_after_a_day_and_what_is_named_stays(where: str, tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = a_store(where, tmp_path)
        left, named = await orphan(store, "left"), await handed_in(engine, store, "named")
        assert (await sweep(engine, store, at=NOW + timedelta(hours=23))).orphans == ()
        looked = await sweep(engine, store, at=TOMORROW, dry=True)
        assert await in_store(store) == {left, named}
        swept = await sweep(engine, store, at=TOMORROW)
        assert swept.orphans == looked.orphans
        assert [each.sha256 for each in swept.orphans] == [left]
        assert await in_store(store) == {named}


async def test_what_a_ticket_came_with_stays_also_when_it_was_put_away(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = a_store("disk", tmp_path)
        brought = await orphan(store, "sent by the CRM, straight into the folder")
        await tickets.keep(engine, a_whole_ticket("T-1", files=[brought]), received_at=NOW)
        assert (await sweep(engine, store, at=TOMORROW)).orphans == ()
        await restricting.restrict(engine, "T-1", at=NOW, by="x", why="x")
        assert (await sweep(engine, store, at=TOMORROW)).orphans == ()


async def test_a_held_complaint_keeps_its_files(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = a_store("disk", tmp_path)
        proof = await handed_in(engine, store, "proof")
        await holds.place(engine, "T-1", why="court", at=NOW, by="ops")
        refused = await erasing.erase(engine, "T-1", at=NOW, by="x", why="x", is_forced=True)
        assert refused.refused is erasing.Refusal.HELD
        await sweep(engine, store, at=TOMORROW, is_forced=True)
        assert await in_store(store) == {proof}


async def test_a_ledger_that_knows_none_of_the_files_deletes_none(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = a_store("disk", tmp_path)
        every = {await orphan(store, f"of another ledger {number}") for number in range(sweeping.FEW + 1)}
        with pytest.raises(TooManyOrphans, match="21 of 21 files"):
            await sweep(engine, store, at=TOMORROW)
        assert await in_store(store) == every
        assert len((await sweep(engine, store, at=TOMORROW, is_forced=True)).orphans) == len(every)


async def test_drafts_of_killed_processes_go_too(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = a_store("disk", tmp_path)
        sha256 = await handed_in(engine, store, "named")
        arriving = tmp_path / "evidence" / "incoming" / "tmp_half"
        on_way = tmp_path / "evidence" / "kept" / sha256[:2] / f"{sha256}#1"
        fresh = tmp_path / "evidence" / "incoming" / "tmp_now"
        for draft in (arriving, on_way, fresh):
            draft.write_text("half a film")
        for draft in (arriving, on_way):
            os.utime(draft, ((NOW - timedelta(days=2)).timestamp(),) * 2)
        assert (await sweep(engine, store, at=NOW)).told == "0 orphans of 0 bytes and 2 drafts"
        assert [arriving.exists(), on_way.exists(), fresh.exists()] == [False, False, True]


class Vanishing(EvidenceStore):
    """Somebody else's sweep comes between the file and the ledger."""

    async def has(self, sha256: str) -> bool:
        await self.erase(sha256)
        return await super().has(sha256)


async def test_a_file_swept_while_it_came_is_asked_for_again(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        with pytest.raises(StoreUnavailable, match="send it again"):
            await handed_in(engine, Vanishing(tmp_path / "evidence"), "late")
        store = a_store("disk", tmp_path)
        assert await store.read(await handed_in(engine, store, "late")) == b"late"


async def test_verifying_names_what_is_missing_damaged_or_was_to_be_erased(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = a_store("disk", tmp_path)
        for ticket_no in ("T-1", "T-2", "T-3"):
            await tickets.keep(engine, a_whole_ticket(ticket_no, files=[]), received_at=NOW)
        whole, lost, bad, left, shared = [
            await handed_in(engine, store, name, on=on)
            for name, on in (("whole", "T-1"), ("lost", "T-1"), ("bad", "T-1"), ("left", "T-2"), ("shared", "T-2"))
        ]
        await handed_in(engine, store, "bad", on="T-3")
        await handed_in(engine, store, "shared", on="T-3")
        assert (await verify(engine, store, quietly)).faults == ()
        await store.erase(lost)
        (tmp_path / "evidence" / "kept" / bad[:2] / bad).write_text("bat")
        await erasing.erase(engine, "T-2", at=NOW, by="x", why="x", is_forced=True)
        found = await verify(engine, store, quietly)
        assert {(each.sha256, str(each.what), each.ticket_nos) for each in found.faults} == {
            (lost, "missing", ("T-1",)), (bad, "damaged", ("T-1", "T-3")), (left, "left", ("T-2",)),
        }  # fmt: skip
        await store.erase(left)
        after = await verify(engine, store, quietly)
        assert (after.files, after.erased, len(after.faults)) == (5, 1, 2)
        assert await store.has(whole)
        assert await store.has(shared)


async def test_what_comes_after_the_erasure_is_verified_like_any(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = a_store("disk", tmp_path)
        await tickets.keep(engine, a_whole_ticket("T-1", files=[]), received_at=NOW)
        await erasing.erase(engine, "T-1", at=NOW - timedelta(hours=1), by="x", why="x", is_forced=True)
        later = await handed_in(engine, store, "later")
        assert (await verify(engine, store, quietly)).faults == ()
        await store.erase(later)
        assert [each.what for each in (await verify(engine, store, quietly)).faults] == ["missing"]


async def test_a_copy_is_proven_goes_on_where_it_stopped_and_takes_nothing_damaged(tmp_path: Path) -> None:
    source, target = a_store("disk", tmp_path), a_store("s3", tmp_path)
    first, second, third = [await orphan(source, name) for name in ("first", "second", "third")]
    (tmp_path / "evidence" / "kept" / second[:2] / second).write_text("changed")
    await target.adopt(first, b"first")
    assert await copy(source, target, quietly) == (1, 1, (second,))
    assert await copy(source, target, quietly) == (0, 2, (second,))
    assert [await target.read(each) for each in (first, third)] == [b"first", b"third"]
    assert hashlib.sha256(await target.read(first)).hexdigest() == first


async def test_evidence_keeps_when_it_was_stored(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        sha256 = await handed_in(engine, a_store("disk", tmp_path), "x")
        row = await evidence.get(engine, ticket_no="T-1", sha256=sha256)
        assert row
        assert [row.went_by(at) for at in (None, NOW - timedelta(seconds=1), NOW)] == [False, False, True]
