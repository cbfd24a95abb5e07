"""`vocloop crm` against the reference CRM in a process of its own."""

import asyncio
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import settings
from domain import commands as cmd
from ledger import crm_differences, inbox
from ledger.crm_differences import Difference, What
from starter.doctor.crm import differences, unread
from starter.verbs.crm import app
from tests.builders import CX, DAY, HOUR, T0, Played
from tests.ledger.building import a_ledger, recorded
from tests.starter.crm_process import CrmProcess, a_crm, a_ticket_body


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrmProcess]:
    """It knows T-1, which our ledger has as withdrawn, and no state of it."""
    with a_crm(tmp_path_factory.mktemp("crm") / "crm.db") as running:
        running.post("/tickets", a_ticket_body("T-1"))
        yield running


@pytest.fixture
def home(crm: CrmProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    asyncio.run(_fill(tmp_path))
    monkeypatch.setenv("VOCLOOP_HOME", str(tmp_path))
    monkeypatch.setenv("VOCLOOP_CRM_URL", crm.url)
    settings.load.cache_clear()
    yield tmp_path
    settings.load.cache_clear()


def taken_back(ticket_no: str, *, at: datetime) -> Played:
    played = Played(ticket_no=ticket_no, at=at)
    played.send(cmd.Withdraw, at=at + HOUR, by=CX)
    return played


async def _fill(folder: Path) -> None:
    at = settings.utc_now() - DAY
    async with a_ledger(folder) as engine:
        await recorded(engine, taken_back("T-1", at=at), taken_back("T-2", at=at))


def said(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


def test_it_says_what_the_crm_offers(home: Path) -> None:
    assert said("check").splitlines() == ["yes: tickets can be read", "yes: states can be compared"]


def test_differences_are_listed_then_healed_and_what_stands_is_the_doctors(home: Path, crm: CrmProcess) -> None:
    looked = said("reconcile", "--dry-run", code=1)
    assert "2 complaints compared, 0 healed, 2 stand; 0 tickets taken" in looked
    assert "T-1\tstands\tstate\t" in looked
    done = json.loads(said("reconcile", "--json", code=1))
    assert ([each["ticket_no"] for each in done["healed"]], done["taken"]) == (
        ["T-1"],
        1,
    )
    assert crm.get("/tickets/T-1/state")["closing"] == "withdrawn"
    assert asyncio.run(_found(home)) == [("crm_missing", "T-2")]
    crm.post("/tickets", a_ticket_body("T-2"))
    assert "1 healed, 0 stand" in said("reconcile")
    assert asyncio.run(_found(home)) == []


async def _found(folder: Path) -> list[tuple[str, str]]:
    from ledger.database import connect

    engine = connect(f"sqlite+aiosqlite:///{folder / 'ledger.db'}")
    try:
        return [(each.code, each.where) for each in await differences(engine)]
    finally:
        await engine.dispose()


def test_tickets_are_read_from_where_one_says(home: Path, crm: CrmProcess) -> None:
    crm.post("/tickets", a_ticket_body("READ-1"))
    assert "taken" in said("poll", "--since", "2026-01-01T00:00:00Z")
    assert "0 taken" in said("poll")
    assert "offset" in said("poll", "--since", "2026-01-01", code=2)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("VOCLOOP_CRM_URL", "", "set VOCLOOP_CRM_URL"),
        ("VOCLOOP_CRM_URL", "http://127.0.0.1:1", "see that it runs"),
        ("VOCLOOP_CRM_KIND", "siebel", "choose one of http, salesforce, tryton"),
        ("VOCLOOP_CRM_OPTIONS", "[1]", "no JSON object"),
        ("VOCLOOP_CRM_KIND", "salesforce", "VOCLOOP_CRM_OPTIONS lacks 'client_id'"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    settings.load.cache_clear()
    assert words in said("check", code=2)


async def test_each_kind_of_difference_says_what_to_do_and_nothing_of_what_stands_there(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        found = [Difference(ticket_no="T-1", what=what, fields={"owner": ("engine", "王女士")}) for what in What]
        await crm_differences.keep(engine, found, at=T0)
        shown = await differences(engine)
    assert {each.code for each in shown} == {f"crm_{what}" for what in What}
    assert not any("王女士" in each.model_dump_json() for each in shown)
    assert all(each.do.endswith(".") for each in shown)


async def test_tickets_that_are_not_read_are_the_doctors(tmp_path: Path) -> None:
    asked = settings.Settings(home=tmp_path, crm_url="http://127.0.0.1:1", crm_poll=True)
    async with a_ledger(tmp_path) as engine:
        assert [each.code for each in await unread(engine, asked, T0)] == ["crm_unread"]
        assert await unread(engine, asked.model_copy(update={"crm_poll": False}), T0) == []
        assert await inbox.undelivered(engine, before=T0, limit=1) == ()
