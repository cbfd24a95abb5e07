"""What is PostgreSQL's own: its limits, what it cannot hold, and what people are told when it refuses."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import inbox, tickets
from ledger import tables as t
from ledger.database import LedgerUnavailable, connect, reading, writing
from settings import Settings
from tests.builders import T0
from tests.ledger.building import a_ledger, a_whole_ticket
from tests.postgres import postgres_or_skip

pytestmark = pytest.mark.on("postgresql")


def url_of(engine: AsyncEngine, **limits: object) -> str:
    """The engine's URL with other limits."""
    return engine.url.update_query_dict({name: str(value) for name, value in limits.items()}).render_as_string(False)


async def test_the_limits_of_the_settings_hold_on_the_server(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        given = Settings(database_url=url_of(engine), database_pool=3, database_lock_timeout=2.5)
        mine = connect(given.ledger_url)
        async with reading(mine) as connection:
            names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
            held = [await connection.scalar(text(f"SHOW {name}")) for name in names]
        await mine.dispose()
    assert held == ["30s", "2500ms", "2min", "vocloop"]


async def test_what_stands_in_the_url_itself_counts(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        mine = connect(Settings(database_url=url_of(engine, statement_timeout=7)).ledger_url)
        async with writing(mine) as connection:
            assert await connection.scalar(text("SHOW statement_timeout")) == "7s"
            assert await connection.scalar(text("SHOW transaction_isolation")) == "read committed"
        async with reading(mine) as connection:
            assert await connection.scalar(text("SHOW transaction_isolation")) == "repeatable read"
            assert await connection.scalar(text("SHOW transaction_read_only")) == "on"
        await mine.dispose()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
async def test_other_ways_to_write_the_url_are_understood(tmp_path: Path, scheme: str) -> None:
    async with a_ledger(tmp_path) as engine:
        mine = connect(url_of(engine).replace("postgresql+asyncpg", scheme))
        async with reading(mine) as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
        await mine.dispose()


@pytest.mark.parametrize(
    ("user", "name", "said"),
    [
        ("postgres", "nowhere", "There is no database for the ledger at .*/nowhere: create it"),
        ("nobody", "postgres", "refuses this user: correct the name and the password"),
        ("postgres", "postgres", "lacks tables of this release: run its migrations"),
    ],
)
async def test_a_refusal_is_one_sentence_that_says_what_to_do(user: str, name: str, said: str, tmp_path: Path) -> None:
    engine = connect(postgres_or_skip().url(name, user=user))
    with pytest.raises(LedgerUnavailable, match=said):
        await tickets.get(engine, "T-1")
    await engine.dispose()


@pytest.mark.parametrize(
    "url",
    ["nonsense", "mysql://a:secret@b/c", "postgresql+asyncpg://u:secret@h/d?pool=many", "postgresql://u:p@h:port/d"],
)
def test_a_url_without_sense_is_refused_without_being_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="VOCLOOP_DATABASE_URL") as refused:
        connect(url)
    assert "secret" not in str(refused.value)


async def test_a_server_that_is_not_there_is_said_not_to_answer(tmp_path: Path) -> None:
    engine = connect(f"postgresql+asyncpg://u:secret@/vocloop?host={tmp_path}")
    with pytest.raises(LedgerUnavailable, match="does not answer: check that it runs") as away:
        await tickets.get(engine, "T-1")
    assert "secret" not in str(away.value)
    await engine.dispose()


async def test_a_question_that_takes_too_long_is_given_up_and_the_next_is_answered(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        hurried = connect(url_of(engine, statement_timeout=0.5))
        with pytest.raises(LedgerUnavailable, match="took too long over one question"):
            async with reading(hurried) as connection:
                await connection.execute(text("SELECT pg_sleep(5)"))
        assert await tickets.get(hurried, "T-1") is None
        await hurried.dispose()


async def test_when_all_connections_are_in_use_who_waits_is_told_so(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        small = connect(url_of(engine, pool=1), patience=timedelta(milliseconds=20))
        async with reading(small), reading(small):
            with pytest.raises(LedgerUnavailable, match="All connections to the ledger"):
                await tickets.get(small, "T-1")
        assert await tickets.get(small, "T-1") is None
        await small.dispose()


async def test_connections_that_the_server_closed_are_left(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await tickets.get(engine, "T-1") is None
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"
        await postgres_or_skip().ask(ended.format(engine.url.database))
        with suppress(LedgerUnavailable):  # who comes in the very moment of the end may be told so
            await tickets.get(engine, "T-1")
        for _ in range(3):
            assert await tickets.get(engine, "T-1") is None


async def test_a_statement_that_is_wrong_is_not_called_a_database_that_is_away(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        with pytest.raises(ProgrammingError, match="syntax error"):
            async with reading(engine) as connection:
                await connection.execute(text("SELEC 1"))


async def test_a_nul_is_kept_as_the_sign_for_what_cannot_be_shown(tmp_path: Path) -> None:
    ticket = a_whole_ticket(words="制\x00动", customer={"name": "王\x00", "phone": r"\u0000"})
    async with a_ledger(tmp_path) as engine:
        for expected in ("new", "same"):
            assert await tickets.keep(engine, ticket, received_at=T0) == expected
        kept = await tickets.get(engine, "T-1")
        body = {"command_id": "c\x00", r"\\": r"\\u0000"}
        taken: dict[str, Any] = {"key": "k", "kind": inbox.COMMAND, "ticket_no": "T-1", "name": "accept", "body": body}
        await inbox.take(engine, **taken, received_at=T0)
        assert await inbox.holds_command(engine, ticket_no="T-1", command_id="c\ufffd")
    assert kept
    assert (kept.words, kept.customer.name, kept.customer.phone) == ("制\ufffd动", "王\ufffd", r"\u0000")


async def test_a_writer_that_is_cut_off_leaves_nothing_half_written(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        hurried = connect(url_of(engine, idle_timeout=0.02))

        async def dawdle() -> None:
            async with writing(hurried) as connection:
                await connection.execute(insert(t.notes).values(note_id="half", ticket_no="T-1", at=T0))
                await asyncio.sleep(0.2)  # what the server is to put an end to
                await connection.execute(select(t.notes))

        with pytest.raises(LedgerUnavailable):
            await dawdle()
        async with reading(engine) as connection:
            assert (await connection.execute(select(t.notes))).all() == []
        await hurried.dispose()
