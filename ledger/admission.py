"""Who of those that were let in may stay: the sessions and keys that are good still, asked of all at once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import access_tables as t
from ledger.database import reading
from ledger.sessions import IDLE, LONGEST


async def good_still(engine: AsyncEngine, held: Collection[str], *, at: datetime) -> frozenset[str]:
    """Those of `held` (a session's `id_hash`, a key's `key_id`) that are neither ended, revoked nor expired at `at`."""
    s, k = t.sessions.c, t.keys.c
    sessions = select(s.id_hash).where(
        s.id_hash.in_(held), s.ended_at.is_(None), s.begun_at > at - LONGEST, s.used_at > at - IDLE
    )
    keys = select(k.key_id).where(
        k.key_id.in_(held), k.revoked_at.is_(None), or_(k.expires_at.is_(None), k.expires_at > at)
    )
    async with reading(engine) as connection:
        return frozenset((await connection.execute(union_all(sessions, keys))).scalars())
