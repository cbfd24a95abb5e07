"""Writing rows in ways that are safe to repeat, on either database."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


class Kept(StrEnum):
    """What became of something that may have been here before."""

    NEW = "new"
    SAME = "same"  # it was here, with the same content
    CONFLICT = "conflict"  # something else is here under its name; that was left as it is


async def insert_new(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert `row` unless its key is taken; whether it was inserted."""
    insert: Insert
    if connection.dialect.name == "sqlite":
        insert = sqlite.insert(table).on_conflict_do_nothing()
    else:
        insert = postgresql.insert(table).on_conflict_do_nothing()
    result = await connection.execute(insert.values(**row))
    return result.rowcount == 1
