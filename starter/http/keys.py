"""API keys, `vlk_<id>_<secret>`: how one is made, and whose a bearer's is."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.access import Permission
from domain.commands import Role
from ledger import keys
from ledger.keys import KeyRow
from starter import home

_FORM = re.compile(r"vlk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_LOCAL_NAME = "local"


class MadeKey(NamedTuple):
    """`key` is the whole of it, secret and all: it is never seen again."""

    key_id: str
    key: str


async def make(
    engine: AsyncEngine,
    *,
    name: str,
    scopes: Iterable[Permission],
    at: datetime,
    role: Role | None = None,
    department: str = "",
    expires_at: datetime | None = None,
) -> MadeKey:
    """A new key. With a role or a department it speaks, also on behalf of others, as these alone."""
    made = _new()
    await keys.keep(
        engine,
        key_id=made.key_id,
        secret_hash=_hash(made.key),
        name=name,
        scopes=sorted(scopes),
        at=at,
        role=role or "",
        department=department,
        expires_at=expires_at,
    )
    return made


async def make_local(engine: AsyncEngine, folder: Path, *, at: datetime) -> str:
    """The key of this home, for the commands of this machine: made once, and again when it was revoked or lost."""
    kept = home.local_key(folder)
    found = _FORM.fullmatch(kept)
    row = await keys.get(engine, found[1]) if found else None
    if row and row.is_valid(at=at) and hmac.compare_digest(row.secret_hash, _hash(kept)):
        return kept
    made = _new()
    await keys.keep(
        engine,
        key_id=made.key_id,
        secret_hash=_hash(made.key),
        name=_LOCAL_NAME,
        scopes=list(Permission),
        at=at,
        is_local=True,
    )
    home.keep_local_key(folder, made.key)
    return made.key


async def row_of(engine: AsyncEngine, given: str, *, at: datetime) -> KeyRow | None:
    """The key that was given, its last use noted; None when there is no such key, or it is no longer valid."""
    found = _FORM.fullmatch(given)
    row = await keys.get(engine, found[1]) if found else None
    # An unknown id costs a comparison, too, so that the time tells nothing.
    is_right = hmac.compare_digest(row.secret_hash if row else "", _hash(given))
    if row is None or not is_right or not row.is_valid(at=at):
        return None
    if row.last_used_on != at.date():
        await keys.used(engine, row.key_id, at=at)
    return row


def _new() -> MadeKey:
    key_id = secrets.token_hex(6)
    return MadeKey(key_id, f"vlk_{key_id}_{secrets.token_urlsafe(32)}")


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
