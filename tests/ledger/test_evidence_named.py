"""Which files the ledger names, on both databases."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import erasing, evidence, evidence_named, restricting, tickets
from ledger.evidence_named import Named
from tests.builders import HOUR, T0
from tests.ledger.building import a_ledger, a_whole_ticket

MINE, SHARED, BROUGHT, NOBODYS = (letter * 64 for letter in "abcd")


async def hand_in(engine: AsyncEngine, sha256: str, *, on: str = "T-1", after: timedelta = timedelta()) -> None:
    what = {"kind": "log", "media_type": "text/plain", "file_name": "", "by": "x"}
    await evidence.keep(engine, ticket_no=on, sha256=sha256, size=1, stored_at=T0 + after, **what)


async def test_a_file_is_erased_once_all_who_had_it_are(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for ticket_no in ("T-1", "T-2"):
            await tickets.keep(engine, a_whole_ticket(ticket_no, files=[]), received_at=T0)
            await hand_in(engine, SHARED, on=ticket_no)
        await hand_in(engine, MINE)
        erased: dict[str, Any] = {"at": T0 + HOUR, "by": "x", "why": "x", "is_forced": True}
        await erasing.erase(engine, "T-1", **erased)
        await hand_in(engine, NOBODYS, after=2 * HOUR)  # the complaint went on
        assert await evidence_named.every(engine) == (Named(MINE, True), Named(SHARED, False), Named(NOBODYS, False))
        await erasing.erase(engine, "T-2", **erased)
        assert Named(SHARED, True) in await evidence_named.every(engine)
        assert await evidence_named.tickets_of(engine, SHARED) == ("T-1", "T-2")


async def test_what_a_ticket_came_with_is_named_also_when_it_was_put_away(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await tickets.keep(engine, a_whole_ticket("T-1", files=[BROUGHT]), received_at=T0)
        await hand_in(engine, MINE)
        asked = {MINE, BROUGHT, NOBODYS}
        assert await evidence_named.not_evidence(engine, asked) == {BROUGHT, NOBODYS}
        assert await evidence_named.brought(engine, asked) == {BROUGHT}
        assert await restricting.restrict(engine, "T-1", at=T0, by="x", why="x")
        assert await evidence_named.brought(engine, asked) == {BROUGHT}


async def test_nobody_hands_a_file_in_while_it_is_deleted_as_nobodys(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await hand_in(engine, MINE)
        told, coming = list[str](), list[asyncio.Task[None]]()

        async def delete(sha256: str) -> None:
            coming.append(asyncio.create_task(hand_in(engine, sha256)))
            done, _ = await asyncio.wait(coming, timeout=0.2)
            told.append(f"{sha256[0]}: {len(done)} came in between")

        assert await evidence_named.while_not_evidence(engine, {MINE, NOBODYS}, delete) == {NOBODYS}
        await coming[0]
        assert told == ["d: 0 came in between"]
        assert await evidence_named.not_evidence(engine, {NOBODYS}) == frozenset()
