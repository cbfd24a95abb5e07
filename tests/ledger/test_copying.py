"""A whole ledger from one database into the other, and back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import copying, notes, policies, tickets
from ledger import tables as t
from ledger.access_tables import disclosures
from ledger.copying import CannotCopy, copy
from ledger.database import LedgerUnavailable, connect, reading, writing
from ledger.events import append
from ledger.queries import complaint
from ledger.search import matching
from ledger.verifying import heads
from tests.builders import T0, a_policy
from tests.ledger import building
from tests.ledger.building import a_batch, a_database, a_ledger, a_whole_ticket, eventful, recorded, withdrawn

pytestmark = pytest.mark.on("postgresql")  # each test has one of either kind
SHOWN = {"at": T0, "person_id": "p", "name": "", "ticket_no": "T-1", "what": "phone"}


@asynccontextmanager
async def both(folder: Path, source: str) -> AsyncIterator[tuple[AsyncEngine, AsyncEngine]]:
    """A filled ledger on `source`, and one on the other that was only migrated."""
    building.use(source)
    async with a_ledger(folder) as there:
        await _fill(there)
        building.use("sqlite" if source == "postgresql" else "postgresql")
        async with a_database(folder, is_migrated=True) as url:
            here = connect(url)
            building.use("postgresql")
            yield there, here
            await here.dispose()


async def _fill(engine: AsyncEngine) -> None:
    await recorded(engine, eventful("T-1"), withdrawn("T-2"))
    for number in (1, 2):
        await tickets.keep(engine, a_whole_ticket(f"T-{number}"), received_at=T0)
    await notes.keep(engine, ticket_no="T-2", text="更换了助力泵", author="x", at=T0)
    async with writing(engine) as connection:
        await connection.execute(insert(disclosures), [SHOWN, SHOWN])


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
async def test_the_copy_holds_the_same_and_goes_on(tmp_path: Path, source: str) -> None:
    seen: list[tuple[int, int]] = []
    async with both(tmp_path, source) as (there, here):
        copied = await copy(there, here, on_progress=lambda done, total: seen.append((done, total)))
        assert copied.is_whole
        assert (copied.complaints, copied.rows) == (2, seen[-1][1])
        assert seen[-1][0] == seen[-1][1]
        assert await heads(here) == await heads(there)
        assert await complaint(here, "T-1") == eventful("T-1").complaint
        assert await matching(here, "助力泵", limit=5) == ("T-2",)
        await append(here, a_batch(withdrawn("T-3")), recorded_at=T0)
        await tickets.keep(here, a_whole_ticket("T-3"), received_at=T0)
        assert await matching(here, "发动机", limit=5) == ("T-3", "T-2", "T-1")
        async with writing(here) as connection:
            await connection.execute(insert(disclosures).values(SHOWN))
            assert await connection.scalar(select(func.max(disclosures.c.number))) == 3


async def test_every_table_is_copied(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine, reading(engine) as connection:
        there = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert {table.name for table in copying._tables()} == set(there) - {"alembic_version"}


async def test_a_target_that_holds_something_is_refused_and_named(tmp_path: Path) -> None:
    async with both(tmp_path, "sqlite") as (there, here):
        await policies.keep(here, a_policy())
        with pytest.raises(CannotCopy, match=r"--to is not empty \(policies\)"):
            await copy(there, here)


async def test_a_target_without_tables_is_refused(tmp_path: Path) -> None:
    async with both(tmp_path, "postgresql") as (there, _), a_database(tmp_path) as url:
        bare = connect(url)
        with pytest.raises(CannotCopy, match="no tables of this release at --to: run `vocloop migrate`"):
            await copy(there, bare)
        await bare.dispose()


async def test_a_copy_that_is_cut_off_leaves_the_target_empty_and_is_begun_again(tmp_path: Path) -> None:
    class Cut(Exception):  # noqa: N818
        pass

    def cut(done: int, _: int) -> None:
        if done > 20:
            raise Cut

    async with both(tmp_path, "sqlite") as (there, here):
        with pytest.raises(Cut):
            await copy(there, here, on_progress=cut)
        async with reading(here) as connection:
            assert await connection.scalar(select(func.count()).select_from(t.policies)) == 0
        assert (await copy(there, here)).is_whole


async def test_a_fault_that_was_copied_is_told(tmp_path: Path) -> None:
    async with both(tmp_path, "sqlite") as (there, here):
        async with writing(there) as connection:
            await connection.execute(update(t.events).where(t.events.c.seq == 2).values(kind="accepted"))
        copied = await copy(there, here)
    assert not copied.is_whole
    assert {(fault.ticket_no, fault.seq) for fault in copied.faults} == {("T-1", 2), ("T-2", 2)}


async def test_what_postgresql_cannot_hold_makes_the_copy_differ(tmp_path: Path) -> None:
    async with both(tmp_path, "sqlite") as (there, here):
        await tickets.keep(there, a_whole_ticket("T-9", words="制\x00动"), received_at=T0)
        copied = await copy(there, here)
    assert (copied.differing, copied.heads_differ, copied.faults) == (("tickets",), False, ())


async def test_a_server_that_is_away_is_told_as_such(tmp_path: Path) -> None:
    async with both(tmp_path, "sqlite") as (there, _):
        away = connect(f"postgresql+asyncpg://u@/d?host={tmp_path}")
        with pytest.raises(LedgerUnavailable, match="does not answer"):
            await copy(there, away)
        await away.dispose()
