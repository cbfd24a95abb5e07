"""Keys, sessions and disclosures as the ledger keeps them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import disclosures, keys, sessions
from ledger.sessions import IDLE, LONGEST
from tests.builders import DAY, HOUR, SECOND, T0
from tests.ledger.building import a_ledger

NAME = {"zh": "王小明", "en": "Wang"}
LOOK: dict[str, Any] = {"person_id": "e-1", "name": NAME, "role": "cx", "department": "cx", "what": "personal"}


async def begun(engine: AsyncEngine) -> None:
    await sessions.begin(engine, id_hash="h" * 64, person_id="e-1", name=NAME, role="cx", department="cx", at=T0)


async def of_session(engine: AsyncEngine) -> sessions.SessionRow:
    row = await sessions.get(engine, "h" * 64)
    assert row
    return row


@pytest.mark.parametrize(
    ("used", "at", "expected"),
    [
        (timedelta(), IDLE - SECOND, True),
        (timedelta(), IDLE, False),  # nobody has sat there for two hours
        (IDLE - SECOND, 2 * IDLE - 2 * SECOND, True),  # each use begins the wait anew
        (LONGEST - SECOND, LONGEST - SECOND, True),
        (LONGEST - SECOND, LONGEST, False),  # however busy, at the end of the day one signs in again
    ],
)
async def test_a_session_ends_by_itself(tmp_path: Path, used: timedelta, at: timedelta, expected: bool) -> None:
    async with a_ledger(tmp_path) as engine:
        await begun(engine)
        await sessions.used(engine, "h" * 64, at=T0 + used)
        assert (await of_session(engine)).is_valid(at=T0 + at) is expected


async def test_a_session_that_was_ended_stays_so(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await begun(engine)
        await sessions.end(engine, "h" * 64, at=T0 + HOUR)
        await sessions.end(engine, "h" * 64, at=T0 + 2 * HOUR)
        row = await of_session(engine)
        assert (row.is_valid(at=T0 + HOUR), row.ended_at) == (False, T0 + HOUR)


async def test_sessions_long_over_are_forgotten(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await begun(engine)
        await sessions.begin(
            engine, id_hash="i" * 64, person_id="e-2", name=NAME, role="cx", department="cx", at=T0 + 2 * DAY
        )
        assert await sessions.get(engine, "h" * 64) is None
        assert await sessions.get(engine, "i" * 64)


async def test_a_key_counts_until_it_is_revoked_or_over_and_the_local_one_never(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        made: dict[str, Any] = {"secret_hash": "s" * 64, "name": "CRM", "scopes": ["read"], "at": T0}
        assert await keys.keep(engine, key_id="local", is_local=True, **made)
        assert not await keys.exist(engine, at=T0)
        assert await keys.keep(engine, key_id="a", expires_at=T0 + DAY, **made)
        assert not await keys.keep(engine, key_id="a", **made)  # an id is used once
        assert [await keys.exist(engine, at=at) for at in (T0, T0 + DAY)] == [True, False]
        assert await keys.revoke(engine, "a", at=T0 + HOUR)
        assert not await keys.revoke(engine, "a", at=T0 + 2 * HOUR)
        assert not await keys.exist(engine, at=T0 + HOUR)
        row = await keys.get(engine, "a")
        assert row
        assert (row.scopes, row.revoked_at, row.is_valid(at=T0)) == (("read",), T0 + HOUR, False)


async def test_the_day_of_a_keys_last_use_is_kept(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await keys.keep(engine, key_id="a", secret_hash="s" * 64, name="CRM", scopes=[], at=T0)
        await keys.used(engine, "a", at=T0 + DAY)
        assert [row.last_used_on for row in await keys.all_keys(engine)] == [(T0 + DAY).date()]


async def test_disclosures_are_told_newest_first_and_page_by_page(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number in range(5):
            await disclosures.record(engine, at=T0 + number * HOUR, ticket_no=f"T-{number % 2}", why="call", **LOOK)
        first = await disclosures.latest(engine, limit=3)
        assert [each.at for each in first] == [T0 + number * HOUR for number in (4, 3, 2)]
        assert first[0]._asdict().items() >= {**LOOK, "ticket_no": "T-0", "why": "call"}.items()
        assert await disclosures.latest(engine, before=2**62, limit=3) == first
        rest = await disclosures.latest(engine, before=first[-1].number, limit=3)
        assert [each.ticket_no for each in rest] == ["T-1", "T-0"]
        assert {each.ticket_no for each in await disclosures.latest(engine, ticket_no="T-1")} == {"T-1"}
