"""Who is perhaps alike is found by hashes, campaigns grow together, and the hashes go with the customer's data."""

from pathlib import Path

from sqlalchemy import func, select

from ledger import campaigns, erasing, tickets
from ledger.database import reading
from tests.builders import DAY, HOUR, T0, Played
from tests.ledger.building import a_ledger, a_whole_ticket, recorded, withdrawn

BANDS = ("a", "b", "c")


async def test_a_band_in_common_at_the_same_place_and_within_the_days_is_found(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        said = {"T-1": ("a", "x", "y"), "T-2": ("x", "a", "b"), "T-3": BANDS}
        for number, bands in said.items():
            await tickets.keep(engine, a_whole_ticket(number), received_at=T0)
            for _ in range(2):
                await campaigns.keep_signature(engine, number, bands, at=T0)

        async def found(days: int) -> tuple[str, ...]:
            return await campaigns.perhaps_alike(engine, "T-3", BANDS, at=T0 + days * DAY, within=14 * DAY)

        assert (await found(14), await found(-14), await found(15)) == (("T-1",), ("T-1",), ())
        assert await campaigns.perhaps_alike(engine, "T-3", (), at=T0, within=DAY) == ()


async def test_campaigns_that_turn_out_to_be_one_become_one(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number in range(1, 6):
            each = a_whole_ticket(f"T-{number}", created_at=T0 + number * HOUR, channel="app" if number > 3 else "sms")
            await tickets.keep(engine, each, received_at=T0 + DAY)
        await campaigns.join(engine, ("T-2", "T-3"))
        await campaigns.join(engine, ("T-5", "T-4"))
        assert [each.campaign for each in await campaigns.newest(engine, limit=9)] == ["T-4", "T-2"]
        for _ in range(2):
            await campaigns.join(engine, ("T-1", "T-3", "T-5"))
        numbers, born = (tuple(f"T-{n}" for n in range(1, 6)), tuple(T0 + n * HOUR for n in range(1, 6)))
        whole = campaigns.Campaign("T-1", 5, 5, born[0], born[-1], ("app", "sms"), numbers, born)
        assert await campaigns.newest(engine, limit=9) == (whole,)
        assert await campaigns.of_ticket(engine, "T-4") == whole
        assert await campaigns.of_ticket(engine, "T-9") is None


async def test_what_could_be_tried_out_goes_with_the_customers_data(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:

        async def marked(*found: str) -> tuple[str, ...]:
            return await campaigns.marked(engine, found, since=T0 - DAY, until=T0 + DAY, limit=9)

        for number in ("T-1", "T-2"):
            await tickets.keep(engine, a_whole_ticket(number), received_at=T0)
            await campaigns.keep_signature(engine, number, BANDS, at=T0)
            await campaigns.keep_marks(engine, number, ("m1", "m2"))
        await campaigns.join(engine, ("T-1", "T-2"))
        assert await marked("m2", "m9") == ("T-1", "T-2")
        await erasing.erase(engine, "T-1", at=T0, by="dpo-1", why="asked", is_forced=True)
        await campaigns.keep_signature(engine, "T-1", BANDS, at=T0)  # by one who read the text before
        await campaigns.keep_marks(engine, "T-1", ("m1",))
        async with reading(engine) as connection:
            kept = [
                await connection.scalar(select(func.count()).where(table.c.ticket_no == "T-1"))
                for table in (campaigns.signatures, campaigns.marks, campaigns.members)
            ]
        assert kept == [0, 0, 1]
        assert await marked("m1") == ("T-2",)


async def test_open_ones_beyond_the_first_of_each_campaign_are_counted_again(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        lives = [Played(ticket_no=f"T-{number}") for number in range(1, 6)]
        await recorded(engine, *lives, withdrawn("T-6"))
        for number in range(1, 7):
            await tickets.keep(engine, a_whole_ticket(f"T-{number}"), received_at=T0)
        await campaigns.join(engine, ("T-1", "T-2", "T-6"))
        await campaigns.join(engine, ("T-3", "T-4"))
        async with reading(engine) as connection:
            assert await campaigns.counted_again(connection) == 2
        assert [(each.size, each.still_open) for each in await campaigns.newest(engine, limit=9)] == [(3, 2), (2, 2)]
