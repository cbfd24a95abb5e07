"""Goodwill is kept before it is asked for, stands as the region's month says, and is forgotten with its customer."""

from datetime import timedelta
from pathlib import Path

from domain.goodwill import Alike, Entry, GoodwillKind, GoodwillPayer, GoodwillRequest, GoodwillState
from ledger import goodwill
from ledger.database import writing
from tests.builders import DAY, HOUR, T0
from tests.ledger.building import a_ledger

KEY, OTHER = "0f" * 16, "aa" * 16


def a_request(number: int, *, fen: int = 100, key: str = KEY, at: timedelta = timedelta()) -> GoodwillRequest:
    return GoodwillRequest(
        request_id=f"gw-{number}",
        ticket_no=f"T-{number}",
        matter_keys=(key,),
        kind=GoodwillKind.MONEY,
        fen=fen,
        asked_by="m-1",
        at=T0 + at,
    )


def an_entry(number: int, state: GoodwillState = GoodwillState.HELD) -> Entry:
    return Entry(request=a_request(number), state=state, payer=GoodwillPayer.REGION, fen=100)


async def test_what_was_kept_first_stands_whatever_is_asked_later(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        first = await goodwill.keep(engine, a_request(1), region="east", month="2026-03")
        again = await goodwill.keep(engine, a_request(1, fen=200), region="west", month="2026-04")
        assert (again, first.entry) == (first, None)
        assert [row.request_id for row in await goodwill.unanswered(engine, before=T0 + HOUR)] == ["gw-1"]


async def test_an_older_change_never_overwrites_a_newer_one(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await goodwill.keep(engine, a_request(1), region="east", month="2026-03")
        await goodwill.stands(engine, [(7, an_entry(1, GoodwillState.COMMITTED))])
        await goodwill.stands(engine, [(3, an_entry(1))])
        (row,) = await goodwill.of_month(engine, "east", "2026-03")
        assert row.entry
        assert row.entry.state is GoodwillState.COMMITTED
        assert await goodwill.unanswered(engine, before=T0 + HOUR) == ()


async def test_one_matter_is_found_across_regions_until_its_customer_is_forgotten(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number, region in ((1, "east"), (2, "west"), (3, "east")):
            key = OTHER if number == 3 else KEY
            await goodwill.keep(engine, a_request(number, key=key), region=region, month="2026-03")
            await goodwill.stands(engine, [(1, an_entry(number))])
        found = await goodwill.alike(engine, "T-9", [KEY], since=T0 - DAY, but="gw-2")
        assert found == (Alike(request_id="gw-1", fen=100),)
        assert await goodwill.alike(engine, "T-9", [KEY], since=T0 + HOUR, but="") == ()
        async with writing(engine) as connection:
            await goodwill.forget_in(connection, "T-1")
        assert await goodwill.alike(engine, "T-9", [KEY], since=T0 - DAY, but="gw-2") == ()
        row = await goodwill.get(engine, "gw-1")
        assert row
        assert row.entry
        assert row.entry.request.matter_keys == ()
