"""An outlet that is away, refuses or is locked delays no deadline, loses nothing and gets nothing twice."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.worker import Worker

import worker
from activities.ledger import SqlLedger
from domain.durations import Duration, Unit
from domain.events import ClockBreached, EscalationRaised
from ledger.database import PATIENCE, connect
from settings import Settings, utc_now
from starter.demo.theatre import World
from tests.starter.processes import free_port
from tests.workflows.cases import CX, Case, begin, until

AN_HOUR = 3600  # seconds; the CRM asks to be left alone for so long each time


@pytest.mark.long
async def test_a_crm_that_is_down_for_4_days_delays_nothing_and_hears_all_of_it_in_order(world: World) -> None:
    case = await begin(world)
    await case.settled()
    async with _crm_away(world):
        await case.pass_time(days=4)
        await until(case.kinds, lambda kinds: kinds.count("clock_breached") >= 3)
        fired = [event for event in await case.events() if isinstance(event, ClockBreached | EscalationRaised)]
        assert all(event.noticed_at - event.due_at < timedelta(seconds=5) for event in fired)
        waiting = await until(case.backlog, lambda waiting: waiting["ledger"] == waiting["notices"] == 0)
        assert waiting["crm"] > 1
        assert len(await case.writes()) == 1
    await case.pass_time(hours=2)
    assert await case.check() == ()
    seqs = [write["seq"] for write in await case.writes()]
    assert len(seqs) >= 3
    assert seqs == sorted(set(seqs))


@pytest.mark.long
async def test_a_crm_that_says_nothing_holds_up_neither_the_ledger_nor_whoever_reads_it(world: World) -> None:
    case = await begin(world)
    await case.settled()
    async with _crm_away(world, mode="timeout", seconds=25):
        assert (await case.accept()).accepted
        await case.send("post_progress", await case.owner(), note_id=await case.note())
        await until(case.kinds, ["opened", "dispatched", "accepted", "progress_posted"])
        assert "append_to_ledger" in await case.scheduled()  # it overtook the trip
    assert await case.check() == ()


async def test_a_complaint_that_was_begun_before_trips_goes_on_as_it_began(world: World) -> None:
    case = await begin(world, together=False)
    await case.settled()
    await case.accept()
    await case.claim()
    await case.reply("confirm")
    await until(case.is_closed, True)
    assert await case.check() == ()
    assert set(await case.scheduled()) == {"append_to_ledger", "write_back_to_crm", "send_notices", "invite_to_survey"}


async def test_a_crm_that_refuses_for_good_is_shown_and_does_not_stop_the_clock(world: World) -> None:
    case = await begin(world, in_crm=False)
    await until(case.shown, lambda shown: shown.get("ComplaintBlockedOn") == "crm")
    await case.pass_time(hours=5)
    assert [event.clock_kind for event in await until(lambda: _kept(case, "clock_breached"), bool)] == ["response"]
    await case.tell_crm()
    await case.pass_time(hours=5)  # it is asked more and more rarely
    assert await case.check() == ()
    await until(case.shown, lambda shown: shown.get("ComplaintBlockedOn") == "powertrain")
    assert [write["stage"] for write in await case.writes()][-1] == "in_work"


@pytest.mark.long
async def test_a_mail_server_that_is_away_for_a_day_is_recorded_as_a_failed_notice(
    world: World, tmp_path: Path
) -> None:
    smtp = f"smtp://127.0.0.1:{free_port()}"  # nobody listens there
    async with _worker_with(world, "no-mail", home=tmp_path, smtp_url=smtp):
        case = await begin(world, queue="no-mail")
        await case.pass_time(hours=25)
        failed = await until(lambda: _kept(case, "notice_failed"), lambda found: len(found) >= 3)
        assert {event.cause for event in failed} == {"outlet:notices"}
        assert failed[0].notice.startswith(f"{case.ticket_no}:2:")
        breach = (await _kept(case, "clock_breached"))[0]
        assert breach.noticed_at - breach.due_at < timedelta(seconds=5)
        await case.send("withdraw", CX)


async def test_a_notice_is_given_up_when_the_complaints_own_policy_says_so(world: World, tmp_path: Path) -> None:
    impatient = world.files.policy_at(utc_now()).model_copy(
        update={"version": "test+impatient", "notice_life": Duration(amount=2, unit=Unit.HOURS)}
    )
    async with _worker_with(world, "no-mail-soon", home=tmp_path, smtp_url=f"smtp://127.0.0.1:{free_port()}"):
        case = await begin(world, policy=impatient, queue="no-mail-soon")
        begun = await world.now(case.ticket_no)
        await case.pass_time(hours=3)
        failed = await until(lambda: _kept(case, "notice_failed"), bool)
        assert timedelta(hours=1) < failed[0].at - begun < timedelta(hours=3)
        await case.send("withdraw", CX)


async def test_a_ledger_that_is_locked_for_a_while_loses_nothing_and_doubles_nothing(
    world: World, tmp_path: Path
) -> None:
    async with _worker_with(world, "locked-out", home=tmp_path, patience=timedelta(seconds=1)):
        case = await begin(world, queue="locked-out")
        await case.settled()
        with _locked(_database(world)):
            receipt = await case.accept()
            assert receipt.accepted
            await until(case.attempts, lambda tries: tries.get("append_to_ledger", 0) > 1)
            assert (await case.backlog())["ledger"] == 1
        assert await case.check() == ()
        assert await case.kinds() == ["opened", "dispatched", "accepted"]


@contextlib.asynccontextmanager
async def _crm_away(world: World, *, mode: str = "429", seconds: int = AN_HOUR) -> AsyncIterator[None]:
    away = {"mode": mode, "until_cleared": True, "seconds": seconds}
    (await world.crm.post("/faults", json=away)).raise_for_status()
    try:
        yield
    finally:
        (await world.crm.post("/faults", json={"mode": "none"})).raise_for_status()


@contextlib.asynccontextmanager
async def _worker_with(
    world: World, queue: str, *, home: Path, patience: timedelta = PATIENCE, **settings: Any
) -> AsyncIterator[None]:
    """A worker on a queue of its own, whose outlets have other settings. It waits for the ledger as `patience` says."""
    facts: dict[str, Any] = {
        "database_url": str(world.engine.url),
        "crm_url": str(world.crm.base_url),
        "secret_key": "demo" * 8,
    }
    engine = connect(facts["database_url"], patience=patience)
    async with worker.outlets(Settings(home=home, **facts, **settings)) as outlets:
        chosen = replace(outlets, ledger=SqlLedger(engine, utc_now))
        client = await world.env.connect_client(plugins=[worker.complaint_plugin(chosen)])
        async with Worker(client, task_queue=queue):
            yield
    await engine.dispose()


@contextlib.contextmanager
def _locked(database: str) -> Iterator[None]:
    """Another process's write that takes its time."""
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")


def _database(world: World) -> str:
    return str(world.engine.url.database)


async def _kept(case: Case, kind: str) -> list[Any]:
    return [event for event in await case.events() if event.kind == kind]
