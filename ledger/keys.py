"""The keys of systems. A secret is random and long, so its plain SHA-256 is enough to keep of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import access_tables as t
from ledger.database import reading, writing
from ledger.rows import insert_new


class KeyRow(NamedTuple):
    """`role` is "" for a system that speaks for itself; `last_used_on` is a UTC day."""

    key_id: str
    secret_hash: str
    name: str
    scopes: tuple[str, ...]
    role: str
    department: str
    is_local: bool
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_on: Any

    def is_valid(self, *, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


async def keep(
    engine: AsyncEngine,
    *,
    key_id: str,
    secret_hash: str,
    name: str,
    scopes: Iterable[str],
    at: datetime,
    role: str = "",
    department: str = "",
    expires_at: datetime | None = None,
    is_local: bool = False,
) -> bool:
    """Keep a new key; False when its id is taken, which leaves that one as it is."""
    row = KeyRow(
        key_id, secret_hash, name, tuple(scopes), role, department, is_local, at, expires_at, revoked_at=None,
        last_used_on=None,
    )  # fmt: skip
    async with writing(engine) as connection:
        return await insert_new(connection, t.keys, {**row._asdict(), "scopes": list(row.scopes)})


async def get(engine: AsyncEngine, key_id: str) -> KeyRow | None:
    async with reading(engine) as connection:
        row = (await connection.execute(select(t.keys).where(t.keys.c.key_id == key_id))).one_or_none()
    return _row(row) if row else None


async def all_keys(engine: AsyncEngine) -> tuple[KeyRow, ...]:
    """Revoked and expired ones too, oldest first."""
    async with reading(engine) as connection:
        found = await connection.execute(select(t.keys).order_by(t.keys.c.created_at, t.keys.c.key_id))
        return tuple(_row(row) for row in found)


async def revoke(engine: AsyncEngine, key_id: str, *, at: datetime) -> bool:
    """End it for good; False when no key that is still valid has this id."""
    ends = update(t.keys).where(t.keys.c.key_id == key_id, t.keys.c.revoked_at.is_(None))
    async with writing(engine) as connection:
        return bool((await connection.execute(ends.values(revoked_at=at))).rowcount)


async def used(engine: AsyncEngine, key_id: str, *, at: datetime) -> None:
    """Note the day of its last use."""
    async with writing(engine) as connection:
        await connection.execute(update(t.keys).where(t.keys.c.key_id == key_id).values(last_used_on=at.date()))


async def exist(engine: AsyncEngine, *, at: datetime) -> bool:
    """Whether an operator made a key that is valid at `at`. The local one does not count."""
    is_valid = t.keys.c.revoked_at.is_(None) & or_(t.keys.c.expires_at.is_(None), t.keys.c.expires_at > at)
    query = select(func.count()).select_from(t.keys).where(is_valid, t.keys.c.is_local.is_(False))
    async with reading(engine) as connection:
        return bool(await connection.scalar(query))


def _row(row: Any) -> KeyRow:
    return KeyRow(**{**row._mapping, "scopes": tuple(row.scopes)})
