"""The release before this one goes on working while its tables are brought up to this one: migrations only add."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    Table,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import database
from ledger.database import LedgerBusy, connect, is_ready, migrate, reading, writing
from tests.builders import T0
from tests.ledger.building import a_database

NEWEST = 3  # migrations that are tried: the older ones were tried when they were new


async def test_what_the_release_before_wrote_can_be_written_into_the_tables_of_the_next(tmp_path: Path) -> None:
    """A row into each table as it was, read, changed and removed again, once the next migration has run."""
    async with a_database(tmp_path) as url:
        engine = connect(url)
        before, *newest = _revisions()[-NEWEST - 1 :]
        await migrate(url, to=before)
        for revision in newest:
            yesterdays = await _tables(engine)
            await migrate(url, to=revision)
            for table in yesterdays:
                await _use(engine, table, revision)
        await engine.dispose()


async def test_a_step_back_leaves_the_tables_as_they_were_before_it(tmp_path: Path) -> None:
    async with a_database(tmp_path) as url:
        engine = connect(url)
        before = _revisions()[-2]
        await migrate(url, to=before)
        stood = [_said(table) for table in await _tables(engine)]
        await migrate(url)
        await migrate(url, to=before)
        assert [_said(table) for table in await _tables(engine)] == stood
        async with reading(engine) as connection:
            assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == before
        await engine.dispose()


@pytest.mark.on("postgresql")
async def test_a_migration_does_not_wait_long_for_a_table_that_others_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All who come after it would wait behind it. It gives up whole."""
    monkeypatch.setattr(database, "_ALTERING", timedelta(milliseconds=50))
    async with a_database(tmp_path) as url:
        await migrate(url)
        engine = connect(url)
        async with reading(engine) as reader:
            await reader.execute(text("SELECT count(*) FROM events"))
            with pytest.raises(LedgerBusy, match="Other writers were in the way"):
                await migrate(url, to="base")
        assert await is_ready(engine)
        await engine.dispose()


def _revisions() -> list[str]:
    """All, oldest first. A number may be left out."""
    folder = Path(database.__file__).parent / "migrations/versions"
    return sorted(file.name.partition("_")[0] for file in folder.glob("[0-9]*_*.py"))


async def _tables(engine: AsyncEngine) -> list[Table]:
    """As they stand now, whatever the code says; those that others refer to first."""

    def reflect(connection: Connection) -> list[Table]:
        found = MetaData()
        found.reflect(connection, only=lambda name, _: not name.startswith(("search_index", "alembic_")))
        return found.sorted_tables

    async with reading(engine) as connection:
        return await connection.run_sync(reflect)


async def _use(engine: AsyncEngine, table: Table, revision: str) -> None:
    """With every column the release before knew of, and none that it did not."""
    row = {column.name: _value(column) for column in table.columns}
    key = [column == row[column.name] for column in table.primary_key]
    async with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            await connection.execute(text("SET LOCAL session_replication_role = replica"))  # without what it refers to
        else:
            await connection.execute(text("PRAGMA defer_foreign_keys = 1"))
        await connection.execute(insert(table).values(row))
        assert (await connection.execute(select(*table.columns).where(*key))).one(), (revision, table.name)
        changed = {name: value for name, value in row.items() if not table.columns[name].primary_key}
        if changed:
            assert (await connection.execute(update(table).where(*key).values(changed))).rowcount == 1
        assert (await connection.execute(delete(table).where(*key))).rowcount == 1


def _value(column: Column[Any]) -> object:
    kinds: tuple[tuple[type, object], ...] = (
        (JSON, {}),
        (Boolean, False),
        (Integer, 7),
        (DateTime, T0),
        (Date, date(2026, 3, 2)),
    )
    return next((value for kind, value in kinds if isinstance(column.type, kind)), "x")


def _said(table: Table) -> tuple[str, list[tuple[str, str, bool | None]], list[str]]:
    columns = [(column.name, str(column.type), column.nullable) for column in table.columns]
    return table.name, columns, sorted(str(index.name) for index in table.indexes)
