"""Sessions of people who signed in, by the SHA-256 of the id that their browser holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import access_tables as t
from ledger.database import reading, writing
from ledger.rows import insert_new

LONGEST = timedelta(hours=12)
IDLE = timedelta(hours=2)


class SessionRow(NamedTuple):
    """`name` is {"zh": …, "en": …}."""

    id_hash: str
    person_id: str
    name: Mapping[str, str]
    role: str
    department: str
    begun_at: datetime
    used_at: datetime
    ended_at: datetime | None

    def is_valid(self, *, at: datetime) -> bool:
        return self.ended_at is None and at < self.begun_at + LONGEST and at < self.used_at + IDLE


async def begin(
    engine: AsyncEngine,
    *,
    id_hash: str,
    person_id: str,
    name: Mapping[str, str],
    role: str,
    department: str,
    at: datetime,
) -> None:
    """Keep a new session, and forget those that are long over."""
    row = SessionRow(id_hash, person_id, dict(name), role, department, at, at, None)
    async with writing(engine) as connection:
        await connection.execute(delete(t.sessions).where(t.sessions.c.begun_at < at - 2 * LONGEST))
        await insert_new(connection, t.sessions, row._asdict())


async def get(engine: AsyncEngine, id_hash: str) -> SessionRow | None:
    async with reading(engine) as connection:
        row = (await connection.execute(select(t.sessions).where(t.sessions.c.id_hash == id_hash))).one_or_none()
    return SessionRow(**row._mapping) if row else None


async def used(engine: AsyncEngine, id_hash: str, *, at: datetime) -> None:
    async with writing(engine) as connection:
        await connection.execute(update(t.sessions).where(t.sessions.c.id_hash == id_hash).values(used_at=at))


async def end(engine: AsyncEngine, id_hash: str, *, at: datetime) -> None:
    """End this one. To end a session again changes nothing."""
    mine = (t.sessions.c.id_hash == id_hash) & t.sessions.c.ended_at.is_(None)
    async with writing(engine) as connection:
        await connection.execute(update(t.sessions).where(mine).values(ended_at=at))


async def end_of(engine: AsyncEngine, person_id: str, *, at: datetime) -> int:
    """End all of a person's sessions; how many there were."""
    theirs = (t.sessions.c.person_id == person_id) & t.sessions.c.ended_at.is_(None)
    async with writing(engine) as connection:
        return (await connection.execute(update(t.sessions).where(theirs).values(ended_at=at))).rowcount


async def open_ones(engine: AsyncEngine, *, at: datetime) -> tuple[SessionRow, ...]:
    """Those that are not over, the newest first."""
    query = select(t.sessions).where(t.sessions.c.ended_at.is_(None)).order_by(t.sessions.c.begun_at.desc())
    async with reading(engine) as connection:
        found = (SessionRow(**row._mapping) for row in await connection.execute(query))
        return tuple(row for row in found if row.is_valid(at=at))
