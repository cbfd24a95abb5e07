"""One complaint over many runs: state, what it has seen and what has still to leave go along."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from activities.crm import CrmGateway
from activities.crm_adapters.http import HttpCrm
from activities.crm_adapters.page import CrmConnection
from domain.outlets import CrmBatch
from ledger import crm_refusals
from settings import utc_now
from starter.demo import theatre
from starter.demo.theatre import World
from tests.workflows.cases import CUSTOMER, Case, begin, until

SOON = 20  # events: every quiet moment ends a run
SUGGESTED_AFTER = 120  # events: the server asks for a new run, quiet or not


@pytest.fixture(scope="module")
async def impatient(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A server that suggests continue-as-new early."""
    option = f"limit.historyCount.suggestContinueAsNew={SUGGESTED_AFTER}"
    home = tmp_path_factory.mktemp("impatient")
    async with theatre.world(home, server_options=("--dynamic-config-value", option)) as stage:
        yield stage


async def test_state_and_seen_ids_survive_several_runs_and_the_ledger_has_no_gap(world: World) -> None:
    case = await begin(world, continue_after=SOON)
    accept = await case.envelope(await case.owner(), command_id="the-same")
    first = await case.ask("accept", accept)
    await case.pass_time(days=6)
    await case.settled()
    again = await case.ask("accept", accept)
    assert (again.seq, again.is_duplicate, again.accepted) == (first.seq, True, True)
    await case.claim()
    await case.reply("confirm")
    await until(case.is_closed, True)
    assert len(await case.runs()) >= 4
    assert await _faults(case) == []
    assert (await case.kinds()).count("accepted") == 1


async def test_a_command_sent_by_signal_in_a_later_run_still_counts_once(world: World) -> None:
    case = await begin(world, continue_after=SOON)
    progress = await case.envelope(await case.owner(), command_id="news", note_id=await case.note())
    await case.ask("post_progress", progress)
    await case.pass_time(days=1)
    await until(case.run_count, lambda runs: runs >= 2)
    await case.handle.signal("post_progress", progress)
    await case.pass_time(hours=1)
    assert (await case.kinds()).count("progress_posted") == 1


async def test_no_deadline_starts_anew_in_a_new_run(world: World) -> None:
    case, steady = await begin(world, continue_after=SOON), await begin(world)
    for each in (case, steady):
        await each.pass_time(days=5, hours=1)
        await until(each.kinds, lambda kinds: kinds[-1] == "escalation_raised", seconds=30)
    assert len(await case.runs()) > 1
    assert [_without_instants(event) for event in await case.events()] == [
        _without_instants(event) for event in await steady.events()
    ]
    assert [event.at == event.due_at for event in await case.events() if event.kind == "clock_breached"].count(
        False
    ) == 0


async def test_a_run_that_must_end_while_the_crm_is_down_takes_the_outbox_along(impatient: World) -> None:
    case = await begin(impatient)
    await case.settled()
    await _fail(impatient)
    try:
        await case.accept()
        await _fill(case)
        await until(case.run_count, lambda runs: runs >= 2)
        assert (await case.handle.query("backlog"))["crm"] > 0
        assert (await case.look())["stage"] == "in_work"
    finally:
        await _mend(impatient)
    await case.pass_time(hours=1)
    assert await _faults(case) == []
    assert "notice_failed" not in await case.kinds()


async def test_a_closed_complaint_whose_crm_refuses_asks_on_and_tells_it_all_once_it_may(impatient: World) -> None:
    case = await begin(impatient, in_crm=False)
    await case.send("withdraw", CUSTOMER)
    await case.pass_time(hours=2)
    await case.tell_crm()
    await case.pass_time(hours=2)
    assert (await case.handle.result())["closing"] == "withdrawn"
    assert [write["stage"] for write in await case.writes()] == ["dispatched", "closed"]
    assert await case.kinds() == ["opened", "dispatched", "closed"]
    assert await crm_refusals.owed(impatient.engine, [case.ticket_no]) == ()


async def test_a_closed_complaint_whose_crm_refuses_for_good_ends_and_keeps_what_is_owed(impatient: World) -> None:
    case = await begin(impatient, in_crm=False)
    await case.send("withdraw", CUSTOMER)
    await case.pass_time(hours=12)
    assert (await case.handle.result())["closing"] == "withdrawn"
    assert await case.kinds() == ["opened", "dispatched", "closed"]
    owed = await crm_refusals.owed(impatient.engine, [case.ticket_no])
    assert [(each.write.stage, each.given_up_at is None) for each in owed] == [("dispatched", False), ("closed", False)]
    await case.tell_crm()
    adapter = HttpCrm(CrmConnection(str(impatient.crm.base_url), impatient.crm))
    crm = CrmGateway(adapter, engine=impatient.engine, clock=utc_now)
    await crm.write_back(CrmBatch(ticket_no=case.ticket_no, writes=tuple(each.write for each in owed)))
    assert [write["stage"] for write in await case.writes()] == ["dispatched", "closed"]


async def test_nothing_is_lost_of_a_burst_of_signals_over_many_runs(impatient: World) -> None:
    case = await begin(impatient)
    owner, note_id = await case.owner(), await case.note()
    for number in range(60):
        said = await case.envelope(owner, command_id=f"burst-{number}", note_id=note_id)
        await case.handle.signal("post_progress", said)
    await case.send("withdraw", CUSTOMER)
    await until(case.is_closed, True)
    causes = [event.cause for event in await case.events() if event.kind == "progress_posted"]
    assert causes == [f"burst-{number}" for number in range(60)]
    assert await _faults(case) == []


async def _fill(case: Case) -> None:
    """Messages until the server suggests a new run: each is an event at least."""
    owner, note_id = await case.owner(), await case.note()
    for number in range(SUGGESTED_AFTER):
        # By signal: the server may turn away an update that meets the end of a run, and then nothing is recorded of it.
        await case.signal("post_progress", owner, note_id=note_id, command_id=f"fill-{number}")
        await asyncio.sleep(0)


async def _faults(case: Case) -> list[str]:
    """All but lateness: skipped time runs on while the server holds a new run back for a second; real time cannot."""
    return [fault for fault in await case.check() if "and noticed at" not in fault]


async def _fail(world: World) -> None:
    (await world.crm.post("/faults", json={"mode": "500", "until_cleared": True})).raise_for_status()


async def _mend(world: World) -> None:
    (await world.crm.post("/faults", json={"mode": "none"})).raise_for_status()


def _without_instants(event: object) -> tuple[str, int, str]:
    return event.kind, event.seq, event.cause  # type: ignore[attr-defined]
