"""A red line is owed in the transaction that takes what told of it, once; then started, and recorded."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain.red_line import Act, Calling, Order, Origin, Source, begin, take
from ledger import inbox, red_lines
from ledger.inbox import Kept
from tests.builders import CX, DAY, HOUR, NOTE, T0, Played
from tests.domain.test_red_line import VP
from tests.ledger.building import a_ledger, a_whole_ticket, recorded

CALLING = Calling(chain=("quality.vp",), each=timedelta(minutes=10), decide_within=HOUR)


async def owed(engine: AsyncEngine) -> list[tuple[str, Source, tuple[str, ...]]]:
    return [(row.red_line_id, row.source, row.matters) for row in await red_lines.owed(engine)]


async def test_a_tickets_words_owe_one_red_line_however_often_it_comes(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for expected in (Kept.NEW, Kept.SAME):
            taken = await inbox.take_ticket(
                engine, a_whole_ticket(), received_at=T0, key="k", matters=("fire", "injury")
            )
            assert taken.kept is expected
        assert await owed(engine) == [("T-1", Source.WORDS, ("fire", "injury"))]


async def test_a_red_line_tag_at_opening_owes_one(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, Played("battery.fire"))
        assert await owed(engine) == [("T-1", Source.TAG, ("battery.fire",))]


async def test_an_archive_that_is_brought_in_rings_nobody_up(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, Played("battery.fire", at=T0, created_at=T0 - 8 * DAY))
        assert await owed(engine) == []


async def test_a_tag_that_cx_adds_later_owes_one_and_an_ordinary_tag_none(tmp_path: Path) -> None:
    played = Played("engine.oil")
    async with a_ledger(tmp_path) as engine:
        await recorded(engine, played)
        assert await owed(engine) == []
        played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("battery.fire",), note_id=NOTE)
        await recorded(engine, played)
        assert await owed(engine) == [("T-1", Source.TAG, ("battery.fire",))]


async def test_what_happened_is_kept_once_and_the_state_never_goes_back(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await red_lines.begin_drill(engine, "drill-1", at=T0, by="ops-1")
        assert not await red_lines.begin_drill(engine, "drill-1", at=T0 + DAY, by="ops-2")
        origin = Origin(id="drill-1", source=Source.DRILL, matters=(), opened_at=T0, calling=CALLING)
        first = begin(origin, at=T0)
        second = take(first.red_line, Order(command_id="c", act=Act.ACKNOWLEDGE, actor=VP), at=T0 + HOUR)
        for step in (second, first, second):
            await red_lines.record(engine, step.red_line, step.happened)
        row = await red_lines.get(engine, "drill-1")
        assert row
        assert row.state == second.red_line
        assert await red_lines.happened(engine, "drill-1") == (*first.happened, *second.happened)


async def test_what_was_started_is_owed_no_more(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await red_lines.begin_drill(engine, "drill-1", at=T0, by="ops-1")
        for at in (T0 + HOUR, T0 + DAY):
            await red_lines.started(engine, "drill-1", at=at)
        assert await owed(engine) == []
        [row] = await red_lines.every(engine)
        assert (row.started_at, row.told_by) == (T0 + HOUR, "ops-1")
