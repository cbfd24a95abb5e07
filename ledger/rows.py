"""Writing rows in ways that are safe to repeat, on either database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Executable, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Rows = Sequence[Mapping[str, Any]]
Write = tuple[Executable, Rows]  # a statement that is made once, and what it is run for


class Kept(StrEnum):
    """What became of something that may have been here before."""

    NEW = "new"
    SAME = "same"  # it was here, with the same content
    CONFLICT = "conflict"  # something else is here under its name; that was left as it is


def inserting(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """An insert that may be told what to do when the key is taken."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def upserting(table: Table, dialect: str) -> Insert:
    """Insert rows, or bring those up to date whose key is there."""
    made = inserting(table, dialect)
    changing = {column.name: made.excluded[column.name] for column in table.c if not column.primary_key}
    if not changing:
        return made.on_conflict_do_nothing()
    return made.on_conflict_do_update(index_elements=list(table.primary_key), set_=changing)


async def write(connection: AsyncConnection, writes: Iterable[Write]) -> None:
    """Run each statement for all its rows, which have the same keys, in a transaction that has begun.

    Straight to the driver: SQLAlchemy's own way costs three to four times as much for each statement. Statements are
    kept for ever, so each has to be made once. The driver's errors come as they are: `database.writing` explains them.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver
    for statement, rows in writes:
        if rows:
            made = _prepared(statement, connection.dialect, tuple(rows[0]))
            await driver.executemany(made.sql, [made.values(row) for row in rows])


class _Prepared(NamedTuple):
    sql: str
    named: tuple[
        tuple[str, Callable[[Any], Any] | None], ...
    ]  # in the order of the statement, with what makes them fit

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(fit(row[name]) if fit else row[name] for name, fit in self.named)


_made: dict[tuple[Executable, str, tuple[str, ...]], _Prepared] = {}


def _prepared(statement: Executable, dialect: Dialect, keys: tuple[str, ...]) -> _Prepared:
    found = _made.get((statement, dialect.name, keys))
    if found:
        return found
    compiled = statement.compile(dialect=dialect, column_keys=list(keys))  # type: ignore[attr-defined]
    fits = {name: bound.type.dialect_impl(dialect).bind_processor(dialect) for name, bound in compiled.binds.items()}
    made = _Prepared(str(compiled), tuple((name, fits[name]) for name in compiled.positiontup))
    return _made.setdefault((statement, dialect.name, keys), made)


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless its key is taken; whether it was inserted."""
    insert = inserting(table, connection.dialect.name).on_conflict_do_nothing()
    result = await connection.execute(insert.values(**row))
    return result.rowcount == 1
