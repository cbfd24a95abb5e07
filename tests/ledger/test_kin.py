"""Who belongs together is owed from the ticket on, looked for once its complaint has begun, and kept once."""

from pathlib import Path

from domain.kinship import Kin, Relation
from ledger import boards, kin, tickets
from tests.builders import HOUR, T0, Played
from tests.ledger.building import a_ledger, a_whole_ticket, recorded


async def test_a_ticket_owes_an_answer_once_its_complaint_has_begun(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await tickets.keep(engine, a_whole_ticket(), received_at=T0)
        assert await kin.owed(engine) == ()
        await recorded(engine, Played("engine.stall"))
        assert await kin.owed(engine) == (kin.Owed("T-1", "LVSHCAMB1CE000001", T0),)


async def test_a_ticket_that_names_nobody_and_says_nothing_owes_none(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await tickets.keep(engine, a_whole_ticket(vehicle={}, customer={}, words=""), received_at=T0)
        await recorded(engine, Played("engine.stall"))
        assert await kin.owed(engine) == ()


async def test_what_was_found_twice_counts_once_and_shows_from_both_sides(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number in ("T-1", "T-2"):
            await tickets.keep(engine, a_whole_ticket(number), received_at=T0)
        await recorded(engine, Played("engine.stall"), Played("engine.stall", ticket_no="T-2", at=T0 + HOUR))
        for _ in range(2):
            await kin.found(engine, "T-2", [Relation(Kin.CAME_BACK, "T-1", "engine")], at=T0 + HOUR)
        link = (kin.Link("T-2", Kin.CAME_BACK, "T-1"),)
        assert (await kin.links_of(engine, "T-1"), await kin.links_of(engine, "T-2")) == (link, link)
        assert [row.ticket_no for row in await kin.owed(engine)] == ["T-1"]
        (engine_row,) = [row for row in await boards.department_table(engine) if row.department == "engine"]
        assert (engine_row.first_fix_failures, (await boards.totals(engine)).first_fix_failures) == (1, 1)
