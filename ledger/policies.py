"""The policies that complaints were and are decided under, each version whole and kept for ever."""

from functools import lru_cache
from weakref import WeakKeyDictionary

from pydantic import TypeAdapter
from sqlalchemy import Pool, Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.policy import Policy
from ledger.database import reading, writing
from ledger.rows import Kept, insert_new
from ledger.tables import policies

_POLICY = TypeAdapter(Policy)
_known: WeakKeyDictionary[Pool, dict[str, Policy]] = WeakKeyDictionary()  # by what all engines of a database share


class UnknownPolicy(LookupError):  # noqa: N818  It names a state that may pass, not a mistake.
    """The ledger has not been given this version: keep it first."""


async def keep(engine: AsyncEngine, policy: Policy) -> Kept:
    """Keep `policy` under its version. CONFLICT: that version is kept with other rules, and those stay."""
    async with writing(engine) as connection:
        return await keep_in(connection, policy)


async def get(engine: AsyncEngine, version: str) -> Policy:
    """The policy called `version`. Raises UnknownPolicy."""
    async with reading(engine) as connection:
        return await get_in(connection, version)


async def keep_in(connection: AsyncConnection, policy: Policy) -> Kept:
    row = {"version": policy.version, "body": policy.model_dump(mode="json")}
    if await insert_new(connection, policies, row):
        return Kept.NEW
    # Compared as values: a later release may write the same rules with one field more.
    return Kept.SAME if await get_in(connection, policy.version) == policy else Kept.CONFLICT


async def known_in(connection: AsyncConnection, version: str) -> Policy:
    """As `get_in`, for a version that a committed complaint lives under: what is kept stays, so it is read once."""
    known = _known.setdefault(connection.sync_engine.pool, {})
    if version not in known:
        known[version] = await get_in(connection, version)
    return known[version]


async def get_in(connection: AsyncConnection, version: str) -> Policy:
    as_text = cast(policies.c.body, Text)
    body = await connection.scalar(select(as_text).where(policies.c.version == version))
    if body is None:
        raise UnknownPolicy(f"the ledger does not know policy {version}: keep it there first")
    return _parsed(body)


@lru_cache(maxsize=64)
def _parsed(body: str) -> Policy:
    """Each complaint that is read asks for its policy, and there are few: known by its text, it is parsed once."""
    return _POLICY.validate_json(body)
