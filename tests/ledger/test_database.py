"""Connections, migrations and what is said when the database cannot be had."""

import asyncio
import io
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import StatementError

from ledger import tables as t
from ledger import tickets
from ledger.columns import metadata
from ledger.database import LedgerUnavailable, connect, head_revision, is_ready, migrate, migrations, reading, writing
from ledger.turnstile import my_turn
from tests.builders import T0
from tests.ledger.building import a_database, a_ledger, a_whole_ticket, url_of

_ASKED = ("SELECT count(*) FROM seen", "PRAGMA journal_mode")


async def test_an_empty_file_is_migrated_step_by_step_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    steps = list[str]()
    async with a_database(tmp_path) as url:
        await migrate(url, steps.append)
        first_run = len(steps)
        await migrate(url, steps.append)
        engine = connect(url)
        assert await is_ready(engine)
        await engine.dispose()
    assert first_run == len(steps) == int(head_revision() or 0)


async def test_going_down_to_base_removes_every_table(tmp_path: Path) -> None:
    async with a_database(tmp_path) as url:
        await migrate(url)
        await migrate(url, to="base")
        engine = connect(url)
        async with reading(engine) as connection:
            left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert left == ["alembic_version"]
        assert not await is_ready(engine)
        await engine.dispose()


async def test_the_migrations_make_the_tables_that_the_code_names(tmp_path: Path) -> None:
    # FTS5 keeps its own tables, and PostgreSQL's index of words has no columns that the code could name.
    apart = ("search_index", "ix_search_texts_")
    opts = {"compare_type": True, "include_name": lambda name, *_: not str(name).startswith(apart)}
    async with a_ledger(tmp_path) as engine, reading(engine) as connection:
        differing = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts=opts), metadata)
        )
    assert differing == []


def test_the_migrations_are_sql_that_postgresql_can_read() -> None:
    config = migrations()
    config.attributes["dialect"] = "postgresql"
    config.output_buffer = io.StringIO()
    command.upgrade(config, "head", sql=True)
    written = config.output_buffer.getvalue()
    assert all(f"CREATE TABLE {name} " in written for name in metadata.tables)
    assert "TIMESTAMP WITH TIME ZONE" in written


async def test_programs_may_migrate_the_same_database_at_once(tmp_path: Path) -> None:
    heard: list[list[str]] = [[], [], []]
    async with a_database(tmp_path) as url:
        await asyncio.gather(*(migrate(url, steps.append) for steps in heard))
        engine = connect(url)
        assert await is_ready(engine)
        await engine.dispose()
    assert sorted(len(steps) for steps in heard) == [0, 0, int(head_revision())]


@pytest.mark.on("sqlite")
async def test_who_open_a_new_file_at_once_all_write_to_it(tmp_path: Path) -> None:
    """Each of forty files is one that SQLite refuses to some, one time in eight."""

    async def written(url: str) -> None:
        engine = connect(url)
        async with writing(engine) as connection:
            await connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS seen (who)")
            await connection.exec_driver_sql("INSERT INTO seen VALUES (1)")
        await engine.dispose()

    for number in range(40):
        url = f"sqlite+aiosqlite:///{tmp_path}/{number}.db"
        await asyncio.gather(*(written(url) for _ in range(5)))
        engine = connect(url)
        async with reading(engine) as connection:
            found = [(await connection.exec_driver_sql(ask)).scalar() for ask in _ASKED]
        await engine.dispose()
        assert found == [5, "wal"]


@pytest.mark.on("sqlite")
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),  # readers and one writer at once
        ("synchronous", 1),  # NORMAL
        ("foreign_keys", 1),
        ("busy_timeout", 15_000),  # milliseconds
    ],
)
async def test_each_connection_is_set_up(tmp_path: Path, pragma: str, value: object) -> None:
    async with a_ledger(tmp_path) as engine, reading(engine) as connection:
        assert (await connection.exec_driver_sql(f"PRAGMA {pragma}")).scalar() == value


async def test_an_instant_comes_back_as_the_same_one_in_utc(tmp_path: Path) -> None:
    in_shanghai = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    async with a_ledger(tmp_path) as engine, writing(engine) as connection:
        await connection.execute(insert(t.notes).values(note_id="k", ticket_no="T-1", at=in_shanghai))
        kept = await connection.scalar(select(t.notes.c.at))
    assert kept == in_shanghai
    assert kept.tzinfo is UTC


async def test_an_instant_without_a_zone_is_refused(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        with pytest.raises(StatementError, match="without a time zone"):
            async with writing(engine) as connection:
                await connection.execute(
                    insert(t.notes).values(note_id="k", ticket_no="T-1", at=T0.replace(tzinfo=None))
                )


@pytest.mark.on("sqlite")
async def test_a_lock_that_is_not_let_go_ends_in_one_sentence(tmp_path: Path) -> None:
    async with a_ledger(tmp_path):
        impatient = connect(url_of(tmp_path / "ledger.db"), patience=timedelta(milliseconds=50))
        holder = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match="locked by another program"):
            async with writing(impatient):
                pass
        holder.close()
        async with writing(impatient) as connection:
            await connection.execute(insert(t.notes).values(note_id="k", ticket_no="T-1", at=T0))
        await impatient.dispose()


@pytest.mark.on("sqlite")
async def test_a_turn_that_is_not_let_go_ends_in_the_same_sentence(tmp_path: Path) -> None:
    async with a_ledger(tmp_path):
        impatient = connect(url_of(tmp_path / "ledger.db"), patience=timedelta(milliseconds=50))
        async with my_turn(tmp_path / "ledger.db", patience=timedelta(seconds=1)):
            with pytest.raises(LedgerUnavailable, match="locked by another program"):
                async with writing(impatient):
                    pass
        async with writing(impatient) as connection:
            await connection.execute(insert(t.notes).values(note_id="k", ticket_no="T-1", at=T0))
        await impatient.dispose()


@pytest.mark.on("sqlite")
async def test_where_no_turnstile_can_be_made_writers_get_on_as_sqlite_lets_them(tmp_path: Path) -> None:
    (tmp_path / "ledger.db-turn").mkdir()
    async with a_ledger(tmp_path) as engine:
        assert await tickets.keep(engine, a_whole_ticket(), received_at=T0) == "new"


@pytest.mark.on("sqlite")
async def test_a_folder_that_cannot_be_made_ends_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerUnavailable, match="cannot be made: choose another"):
        await migrate(url_of(tmp_path / "file" / "ledger.db"))


@pytest.mark.on("sqlite")
async def test_a_file_that_is_no_database_ends_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_text("a letter, not a ledger " * 100)
    with pytest.raises(LedgerUnavailable, match="is not a ledger"):
        await migrate(url_of(tmp_path / "ledger.db"))


async def test_a_ledger_never_migrated_is_not_ready_and_says_what_to_do(tmp_path: Path) -> None:
    async with a_database(tmp_path) as url:
        engine = connect(url)
        assert not await is_ready(engine)
        with pytest.raises(LedgerUnavailable, match="run its migrations"):
            async with reading(engine) as connection:
                await connection.execute(select(t.events))
        await engine.dispose()


async def test_a_writer_that_is_cancelled_leaves_no_lock_and_nothing_half_written(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        begun = asyncio.Event()

        async def never_done() -> None:
            async with writing(engine) as connection:
                await connection.execute(insert(t.notes).values(note_id="half", ticket_no="T-1", at=T0))
                begun.set()
                await asyncio.Event().wait()

        writer = asyncio.create_task(never_done())
        await begun.wait()
        writer.cancel()
        await asyncio.wait([writer])
        async with writing(engine) as connection:
            assert (await connection.execute(select(t.notes))).all() == []
