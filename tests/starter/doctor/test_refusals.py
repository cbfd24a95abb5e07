"""What the CRM refused for good is named by the doctor and sent again by hand."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from typer.testing import CliRunner

import settings
from domain.lights import Light
from domain.outlets import CrmWrite
from ledger import crm_refusals
from starter.doctor.refusals import crm_refused
from starter.verbs.ledger import app
from tests.builders import T0
from tests.ledger.building import a_ledger
from tests.starter.crm_process import CrmProcess, a_crm, a_ticket_body


@pytest.fixture
def crm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CrmProcess]:
    """A CRM that knows T-1 and not T-2, and a ledger whose states of both it once refused."""
    asyncio.run(_fill(tmp_path))
    with a_crm(tmp_path / "crm.db") as running:
        running.post("/tickets", a_ticket_body("T-1"))
        monkeypatch.setenv("VOCLOOP_HOME", str(tmp_path))
        monkeypatch.setenv("VOCLOOP_CRM_URL", running.url)
        settings.load.cache_clear()
        yield running
    settings.load.cache_clear()


async def _fill(folder: Path) -> None:
    async with a_ledger(folder) as engine:
        await _owe(engine, "T-1", "T-2")


async def _owe(engine: AsyncEngine, *ticket_nos: str) -> None:
    """The last of them is closed and given up."""
    for ticket_no in ticket_nos:
        for seq in (2, 3):
            await crm_refusals.keep(engine, _write(ticket_no, seq), why="HTTP 404", at=T0)
    await crm_refusals.give_up(engine, [_write(ticket_nos[-1], 2), _write(ticket_nos[-1], 3)], at=T0)


def _write(ticket_no: str, seq: int) -> CrmWrite:
    key = f"{ticket_no}:{seq}:crm"
    return CrmWrite(key=key, ticket_no=ticket_no, seq=seq, at=T0, stage="dispatched", owner="engine", light=Light.GREEN)


async def test_each_complaint_is_named_with_what_it_owes_and_what_to_do(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await crm_refused(engine) == []
        await _owe(engine, "T-1", "T-2")
        asked, given_up = await crm_refused(engine)
    assert (asked.code, asked.where, given_up.where) == ("crm_refused", "T-1", "T-2")
    assert asked.what.endswith("(HTTP 404) since 2026-03-02 01:00 UTC; it is asked again by itself.")
    assert given_up.what.endswith("it is closed, and nobody asks again.")
    assert "`vocloop ledger send-again`" in asked.do


def test_sending_again_tells_the_crm_in_order_and_names_whom_it_still_refuses(crm: CrmProcess) -> None:
    answer = CliRunner().invoke(app, ["send-again"])
    assert (answer.exit_code, answer.stdout.splitlines()) == (
        1,
        [
            "1 of 2 complaints: the CRM has their states now.",
            "T-2: still refused; create the ticket in the CRM first.",
        ],
    )
    assert [write["seq"] for write in crm.get("/tickets/T-1/writes")] == [2, 3]
    crm.post("/tickets", a_ticket_body("T-2"))
    again = CliRunner().invoke(app, ["send-again", "T-2"])
    assert (again.exit_code, again.stdout) == (0, "1 of 1 complaints: the CRM has their states now.\n")
    assert [write["seq"] for write in crm.get("/tickets/T-2/writes")] == [2, 3]


def test_a_crm_that_is_away_ends_in_one_sentence_and_keeps_what_is_owed(crm: CrmProcess) -> None:
    crm.post("/faults", {"mode": "500", "until_cleared": True})
    answer = CliRunner().invoke(app, ["send-again"])
    assert answer.exit_code == 2
    assert "send again when it answers" in answer.stderr
