"""Each day a part of the files is read whole; what is wrong is known before somebody asks for the file."""

import asyncio
from datetime import timedelta
from itertools import count
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import erasing, evidence_checks, evidence_named, tickets
from ledger.gauges import gauges
from settings import Settings
from starter.doctor.evidence import faulty_files
from starter.evidence import proving
from starter.evidence.opening import open_store
from starter.evidence.proving import prove
from tests.builders import DAY
from tests.ledger.building import a_ledger, a_whole_ticket
from tests.starter.evidence.test_sweeping import NOW, handed_in


def clock() -> float:
    return asyncio.get_running_loop().time()


async def test_every_file_is_read_within_a_month_and_none_twice(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = open_store(Settings(home=tmp_path))
        named = {await handed_in(engine, store, f"file {number}") for number in range(31)}
        first = await prove(engine, store, at=NOW, clock=clock)
        assert (first.files, first.all_files, first.faults) == (2, 31, 0)
        assert (await prove(engine, store, at=NOW, clock=clock)).files == 0  # the same day's, begun anew
        for day in range(1, 16):
            await prove(engine, store, at=NOW + day * DAY, clock=clock)
        checks = await evidence_checks.every(engine)
    assert {check.sha256 for check in checks} == named
    # Of the two of the first day one had its turn again.
    assert sorted(check.checked_at for check in checks)[:2] == [NOW, NOW + DAY]


async def test_a_file_that_was_lost_is_told_until_it_is_back(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        settings = Settings(home=tmp_path, database_url=engine.url.render_as_string())
        store = open_store(settings)
        lost = await handed_in(engine, store, "lost")
        await store.erase(lost)
        assert await proving.duty(NOW, engine=engine, settings=settings) == "1 of 1 files read, 1 faults"
        (finding,) = await faulty_files(engine)
        assert (finding.code, finding.where) == ("evidence_faulty", lost[:12])
        assert f"{lost} (T-1) is missing: restore it from a backup (read" in finding.what
        assert (await gauges(engine, at=NOW)).evidence_faulty == 1
        await store.adopt(lost, b"lost")
        await proving.duty(NOW + DAY, engine=engine, settings=settings)
        assert await faulty_files(engine) == []
        assert (await gauges(engine, at=NOW)).evidence_faulty == 0


async def test_who_is_out_of_time_goes_on_with_the_rest(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = open_store(Settings(home=tmp_path))
        for number in range(22):
            await handed_in(engine, store, f"file {number}")
        await evidence_checks.keep(engine, dict.fromkeys(await _all(engine), "missing"), at=NOW - DAY)
        seconds = count(0, 60)
        cut = await prove(engine, store, at=NOW, clock=lambda: next(seconds), lasting=timedelta(seconds=30))
        rest = await prove(engine, store, at=NOW, clock=clock)
    assert (cut.files, rest.files, rest.faults) == (20, 2, 0)


async def _all(engine: AsyncEngine) -> list[str]:
    return [each.sha256 for each in await evidence_named.every(engine)]


async def test_what_was_to_be_erased_and_stands_is_a_fault(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        store = open_store(Settings(home=tmp_path))
        await tickets.keep(engine, a_whole_ticket(), received_at=NOW)
        left = await handed_in(engine, store, "left")
        await erasing.erase(engine, "T-1", at=NOW + DAY, by="x", why="x", is_forced=True)
        assert (await prove(engine, store, at=NOW + 2 * DAY, clock=clock)).faults == 1
        (check,) = await evidence_checks.faulty(engine, limit=9)
    assert (check.sha256, check.fault) == (left, "left")
