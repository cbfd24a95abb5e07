"""Who was shown whose personal data, what of it, when and why. Rows are only ever added."""

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import access_tables as t
from ledger.database import reading, writing

_LAST = 2**31 - 1  # that a disclosure can have
_AT_ONCE = 500


class Disclosure(NamedTuple):
    """`what` is "personal", or "evidence:" and the file's SHA-256. `name` is {"zh": …, "en": …}."""

    number: int
    at: datetime
    person_id: str
    name: Mapping[str, str]
    role: str
    department: str
    ticket_no: str
    what: str
    why: str


async def record(
    engine: AsyncEngine,
    *,
    at: datetime,
    person_id: str,
    name: Mapping[str, str],
    role: str,
    department: str,
    ticket_no: str,
    what: str,
    why: str,
) -> None:
    """Write it down. Do so before anything is shown: what cannot be written down is not shown."""
    row = {"at": at, "person_id": person_id, "name": dict(name), "role": role, "department": department}
    async with writing(engine) as connection:
        await connection.execute(insert(t.disclosures).values(**row, ticket_no=ticket_no, what=what, why=why))


async def latest(
    engine: AsyncEngine, *, ticket_no: str = "", before: int | None = None, limit: int = 50
) -> tuple[Disclosure, ...]:
    """The newest first, those numbered below `before` where it is given; of one ticket where that is given."""
    query = select(t.disclosures).order_by(t.disclosures.c.number.desc()).limit(limit)
    if ticket_no:
        query = query.where(t.disclosures.c.ticket_no == ticket_no)
    if before is not None:
        query = query.where(t.disclosures.c.number < min(before, _LAST))  # PostgreSQL compares no larger number with it
    async with reading(engine) as connection:
        return tuple(Disclosure(**row._mapping) for row in await connection.execute(query))


async def every(engine: AsyncEngine, *, ticket_no: str = "") -> AsyncGenerator[Disclosure, None]:
    """All that `latest` would page through, in one snapshot, a few hundred in memory at once. Close it."""
    query = select(t.disclosures).order_by(t.disclosures.c.number.desc())
    if ticket_no:
        query = query.where(t.disclosures.c.ticket_no == ticket_no)
    async with reading(engine) as connection:
        async for row in await connection.stream(query.execution_options(yield_per=_AT_ONCE)):
            yield Disclosure(**row._mapping)
