"""A whole ledger into another, empty one: from SQLite to PostgreSQL, or back, and proof that nothing was lost."""

import hashlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from sqlalchemy import Integer, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

import ledger
from ledger.columns import metadata
from ledger.database import is_ready, reach, reading, writing
from ledger.verifying import Fault, heads, verify

_AT_A_TIME = 500  # rows a statement
OnProgress = Callable[[int, int], None]


class CannotCopy(Exception):  # noqa: N818  It names a state, not a mistake.
    """The message is a sentence that says what to do. Nothing was copied."""


class Copied(NamedTuple):
    """What was compared afterwards. `differing` are tables that do not hold the same rows on both sides."""

    rows: int
    complaints: int
    differing: tuple[str, ...]
    heads_differ: bool
    faults: tuple[Fault, ...]

    @property
    def is_whole(self) -> bool:
        return not (self.differing or self.heads_differ or self.faults)


async def copy(
    source: AsyncEngine,
    target: AsyncEngine,
    *,
    on_progress: OnProgress | None = None,
    on_verify: OnProgress | None = None,
) -> Copied:
    """Copy every row in one transaction, then hold both sides against each other.

    One that is cut off leaves the target empty: begin again. Nobody may write meanwhile. `on_progress` hears rows,
    `on_verify` complaints. Raises CannotCopy when either lacks this release's tables or the target holds something,
    and LedgerUnavailable.
    """
    await _check(source, target)
    before = await _copy_all(source, target, on_progress)
    async with reading(target) as connection:
        after = {table.name: await _digest(connection, table) for table in _tables()}
    differing = tuple(name for name in before if before[name] != after[name])
    theirs, ours = await heads(source), await heads(target)
    return Copied(
        rows=sum(count for count, _ in after.values()),
        complaints=len(ours),
        differing=differing,
        heads_differ=theirs != ours,
        faults=await verify(target, on_verify, anchored=theirs),
    )


class _Digest:
    """The same for the same rows, in whichever order a database has them."""

    def __init__(self) -> None:
        self.count, self._sum = 0, 0

    def add(self, row: Sequence[Any]) -> None:
        self.count += 1
        self._sum += int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest(), "big")

    def value(self) -> tuple[int, str]:
        return self.count, f"{self._sum:x}"


@cache
def _tables() -> tuple[Table, ...]:
    """All that the ledger's modules define, wherever; those that others refer to first."""
    for module in pkgutil.iter_modules(ledger.__path__):
        import_module(f"{ledger.__name__}.{module.name}")
    return tuple(metadata.sorted_tables)


async def _check(source: AsyncEngine, target: AsyncEngine) -> None:
    for engine, which in ((source, "from"), (target, "to")):
        await reach(engine)
        if not await is_ready(engine):
            raise CannotCopy(f"There are no tables of this release at --{which}: run `vocloop migrate` on it first.")
    async with reading(target) as connection:
        held = [table.name for table in _tables() if (await connection.execute(select(table).limit(1))).first()]
    if held:
        raise CannotCopy(f"--to is not empty ({', '.join(sorted(held))}): name a database that was only migrated.")


async def _copy_all(
    source: AsyncEngine, target: AsyncEngine, on_progress: OnProgress | None
) -> dict[str, tuple[int, str]]:
    """What each table held, as `_Digest` tells it."""
    digests, done = {}, 0
    async with reading(source) as there, writing(target) as here:
        total = sum([await there.scalar(select(func.count()).select_from(table)) or 0 for table in _tables()])
        for table in _tables():
            digest = _Digest()
            async for rows in _batches(there, table):
                for row in rows:
                    digest.add(row)
                await here.execute(insert(table), [dict(zip(table.columns.keys(), row, strict=True)) for row in rows])
                done += len(rows)
                if on_progress:
                    on_progress(done, total)
            digests[table.name] = digest.value()
        await _set_up(here)
    return digests


async def _digest(connection: AsyncConnection, table: Table) -> tuple[int, str]:
    digest = _Digest()
    async for rows in _batches(connection, table):
        for row in rows:
            digest.add(row)
    return digest.value()


async def _batches(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Sequence[Any]]]:
    result = await connection.stream(select(table))
    async for rows in result.partitions(_AT_A_TIME):
        yield rows


async def _set_up(connection: AsyncConnection) -> None:
    """What follows from the rows and is no row: SQLite's index of words, PostgreSQL's next numbers."""
    if connection.dialect.name == "sqlite":
        await connection.execute(text("INSERT INTO search_index (search_index) VALUES ('rebuild')"))
        return
    for table in _tables():
        numbered = table.autoincrement_column
        if numbered is not None and isinstance(numbered.type, Integer):
            sequence = func.pg_get_serial_sequence(table.name, numbered.name)
            last = select(func.max(numbered)).scalar_subquery()
            await connection.execute(select(func.setval(sequence, last)).where(last.is_not(None)))
