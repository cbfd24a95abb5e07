"""Of all who were let in, those whose session or key is good still."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import keys, sessions
from ledger.admission import good_still
from ledger.sessions import IDLE, LONGEST
from tests.builders import HOUR, SECOND, T0
from tests.ledger.building import a_ledger

SESSION, ENDED, KEY, REVOKED = "a" * 64, "b" * 64, "key-good", "key-revoked"
HELD = (SESSION, ENDED, KEY, REVOKED, "never-issued")


async def _filled(engine: AsyncEngine) -> None:
    for id_hash in (SESSION, ENDED):
        await sessions.begin(engine, id_hash=id_hash, person_id="e-1", name={}, role="cx", department="cx", at=T0)
    await sessions.end(engine, ENDED, at=T0 + SECOND)
    for key_id, lives in ((KEY, 3 * HOUR), (REVOKED, 9 * HOUR)):
        await keys.keep(engine, key_id=key_id, secret_hash="s", name="k", scopes=(), at=T0, expires_at=T0 + lives)
    await keys.revoke(engine, REVOKED, at=T0 + SECOND)


@pytest.mark.parametrize(
    ("at", "used", "good"),
    [
        (HOUR, timedelta(), {SESSION, KEY}),  # what was ended or revoked is out
        (IDLE, timedelta(), {KEY}),  # unused so long that the session is over
        (IDLE, HOUR, {SESSION, KEY}),
        (3 * HOUR, 2 * HOUR, {SESSION}),  # the key has expired
        (LONGEST, LONGEST - SECOND, set()),  # however busy, the day ends
    ],
)
async def test_what_is_over_is_left_out(tmp_path: Path, at: timedelta, used: timedelta, good: set[str]) -> None:
    async with a_ledger(tmp_path) as engine:
        await _filled(engine)
        await sessions.used(engine, SESSION, at=T0 + used)
        assert await good_still(engine, HELD, at=T0 + at) == frozenset(good)


async def test_nobody_holds_nothing(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await good_still(engine, (), at=T0) == frozenset()
