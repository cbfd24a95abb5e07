"""What is asked of the ledger behind PgBouncer in transaction pooling; writers and events run there as well."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger import tickets
from ledger.database import LedgerUnavailable, connect, head_revision, is_ready, migrate, reading, writing
from tests.builders import T0
from tests.ledger.building import POOLED, a_database, a_ledger, a_whole_ticket, url_again
from tests.pgbouncer import pgbouncer_or_skip

pytestmark = pytest.mark.on(POOLED)


async def test_each_transaction_has_our_limits_whichever_connection_it_meets(tmp_path: Path) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "jit")

    async def held(engine_url: str) -> list[object]:
        engine = connect(engine_url)
        async with writing(engine) as connection:
            found = [await connection.scalar(text(f"SHOW {name}")) for name in names]
            found.append(await connection.scalar(text("SHOW transaction_isolation")))
        async with reading(engine) as connection:
            found.append(await connection.scalar(text("SHOW transaction_isolation")))
        await engine.dispose()
        return found

    async with a_ledger(tmp_path) as engine:
        mine = url_again(engine, statement_timeout=7, lock_timeout=2.5)
        found = await asyncio.gather(*(held(mine) for _ in range(6)))
    assert found == [["7s", "2500ms", "2min", "off", "read committed", "repeatable read"]] * 6


async def test_nothing_of_a_transaction_is_left_for_the_next_client(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await asyncio.gather(*(tickets.keep(engine, a_whole_ticket(f"T-{n}"), received_at=T0) for n in range(12)))
        async with reading(engine) as connection:
            assert await connection.scalar(text("SELECT count(*) FROM tickets")) == 12
            assert await connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0


async def test_the_tables_are_made_and_taken_away_through_it(tmp_path: Path) -> None:
    async with a_database(tmp_path) as url:
        steps = list[str]()
        await asyncio.gather(migrate(url, steps.append), migrate(url, steps.append))
        engine = connect(url)
        assert await is_ready(engine)
        await engine.dispose()
        await migrate(url, to="base")
    assert len(steps) == int(head_revision())


async def test_who_does_not_say_that_a_pooler_is_there_is_told_what_to_add(tmp_path: Path) -> None:
    engine = connect(pgbouncer_or_skip().url("postgres").replace("&pooling=transaction", ""))
    with pytest.raises(LedgerUnavailable, match="add pooling=transaction to VOCLOOP_DATABASE_URL"):
        await tickets.get(engine, "T-1")
    await engine.dispose()


def test_a_word_for_pooling_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="pooling is session or transaction"):
        connect("postgresql://u@h/d?pooling=statement")
