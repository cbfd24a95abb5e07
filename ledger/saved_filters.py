"""The lists that a person looks at again and again, each under a name of theirs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import JSON, Column, String, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.policy import Value
from ledger.columns import instant, metadata
from ledger.database import reading, writing, written

MOST = 50  # a person's filters
LONGEST_NAME = 80

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("person_id", String(200), primary_key=True),
    Column("name", String(LONGEST_NAME), primary_key=True),
    Column("query", JSON, nullable=False),
    instant("created_at"),
)
_f = saved_filters.c


class TooManyFilters(ValueError):  # noqa: N818  It is the person's, and becomes an answer, not a failure.
    """The message is a sentence that says what to do."""


class SavedFilter(Value):
    """`query` is what the list was asked with, by parameter; the page that made it knows its meaning."""

    name: str
    query: dict[str, Any]
    created_at: AwareDatetime


async def keep(engine: AsyncEngine, *, person_id: str, name: str, query: Mapping[str, Any], at: datetime) -> None:
    """Keep the list under `name` (1 to 80 characters); one of that name is replaced. Raises TooManyFilters."""
    mine = _f.person_id == person_id
    values = {"query": dict(query), "created_at": at}

    async def work(connection: AsyncConnection) -> None:
        if (await connection.execute(update(saved_filters).where(mine, _f.name == name).values(**values))).rowcount:
            return
        if (await connection.scalar(select(func.count()).select_from(saved_filters).where(mine)) or 0) >= MOST:
            raise TooManyFilters(f"You have {MOST} saved lists already: drop one first.")
        await connection.execute(insert(saved_filters).values(person_id=person_id, name=name, **values))

    await written(engine, work)


async def of_person(engine: AsyncEngine, person_id: str) -> tuple[SavedFilter, ...]:
    """The person's lists, by name."""
    query = select(_f.name, _f.query, _f.created_at).where(_f.person_id == person_id).order_by(_f.name)
    async with reading(engine) as connection:
        return tuple(SavedFilter.model_validate(dict(row)) for row in (await connection.execute(query)).mappings())


async def drop(engine: AsyncEngine, *, person_id: str, name: str) -> bool:
    """Whether there was one."""
    async with writing(engine) as connection:
        dropped = await connection.execute(delete(saved_filters).where(_f.person_id == person_id, _f.name == name))
    return dropped.rowcount == 1
