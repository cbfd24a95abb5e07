"""The ledger's activity: what it refuses for good, and what it asks to be tried again."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import ports
from activities.ledger import SqlLedger
from ledger.database import LedgerUnavailable, connect
from ledger.events import timeline
from tests.builders import DAY, T0
from tests.ledger.building import a_batch, a_ledger, eventful, url_of, withdrawn


async def test_it_appends_at_the_clocks_instant_and_says_how_far_the_ledger_is(tmp_path: Path) -> None:
    played = eventful()
    async with a_ledger(tmp_path) as engine:
        ledger = SqlLedger(engine, lambda: T0 + DAY)
        assert await ActivityEnvironment().run(ledger.append, a_batch(played)) == len(played.events)
        assert {each.recorded_at for each in await timeline(engine, "T-1")} == {T0 + DAY}


def test_it_goes_by_the_ports_name() -> None:
    definition = activity._Definition.must_from_callable(SqlLedger.append)
    assert definition.name == activity._Definition.must_from_callable(ports.Ledger.append).name == "append_to_ledger"


@pytest.mark.parametrize("error", ["LedgerGap", "LedgerFork"])
async def test_what_cannot_belong_there_is_refused_for_good(tmp_path: Path, error: str) -> None:
    batch = a_batch(eventful(), 4) if error == "LedgerGap" else a_batch(withdrawn("T-1"))
    async with a_ledger(tmp_path) as engine:
        ledger = SqlLedger(engine, lambda: T0)
        await ledger.append(a_batch(eventful(), 1, 2 if error == "LedgerGap" else 21))
        with pytest.raises(ApplicationError) as refused:
            await ledger.append(batch)
    assert (refused.value.type, refused.value.non_retryable) == (error, True)


async def test_a_database_that_is_locked_is_asked_again_later(tmp_path: Path) -> None:
    async with a_ledger(tmp_path):
        impatient = connect(url_of(tmp_path / "ledger.db"), patience=timedelta(milliseconds=50))
        holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        ledger = SqlLedger(impatient, lambda: T0)
        with pytest.raises(LedgerUnavailable):
            await ledger.append(a_batch(eventful()))
        holder.close()
        assert await ledger.append(a_batch(eventful())) == 21
        await impatient.dispose()
