"""Reading a CRM's tickets: none is lost, whatever its date; none is taken twice; and it goes on where it was."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from activities import crm_polling
from activities.crm_adapters.page import CrmAway, Found, Position
from activities.crm_polling import OVERLAP, Polled, poll
from domain.ticket import Ticket
from ledger import crm_cursors, crm_differences, inbox, tickets
from ledger.crm_differences import What
from tests.activities.crm_tickets import ListedCrm
from tests.builders import DAY, HOUR, SECOND, T0
from tests.ledger.building import a_ledger


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(tmp_path) as engine:
        yield engine


async def test_the_first_reading_begins_now_and_takes_nothing_old(engine: AsyncEngine) -> None:
    crm = ListedCrm()
    crm.shows("OLD-1", T0 - DAY)
    crm.shows("NEW-1", T0 - SECOND)
    assert await poll(crm, engine, connection="crm", at=T0) == Polled(read=1, taken=1, faults=0)
    assert await poll(crm, engine, connection="crm", at=T0, since=T0 - 2 * DAY) == Polled(2, 1, 0)


async def test_what_is_taken_lies_in_the_inbox_once(engine: AsyncEngine) -> None:
    crm = ListedCrm()
    crm.shows("T-1", T0)
    for _ in range(3):
        await poll(crm, engine, connection="crm", at=T0)
    (row,) = await inbox.undelivered(engine, before=T0, limit=10)
    assert (row.ticket_no, row.kind, row.key, row.received_at) == ("T-1", "ticket", "ticket:T-1", T0)


async def test_a_ticket_that_comes_to_light_late_under_an_earlier_date_is_taken(engine: AsyncEngine) -> None:
    crm = ListedCrm()
    crm.shows("T-2", T0)
    await poll(crm, engine, connection="crm", at=T0)
    crm.shows("T-1", T0 - OVERLAP + SECOND)
    crm.shows("T-0", T0)  # of the same instant as the last, and before it by number
    assert (await poll(crm, engine, connection="crm", at=T0 + HOUR)).taken == 2


async def test_more_tickets_of_one_instant_than_a_page_holds_are_all_taken(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crm_polling, "_PAGE", 2)
    crm = ListedCrm()
    for number in range(7):
        crm.shows(f"T-{number}", T0)
    assert await poll(crm, engine, connection="crm", at=T0) == Polled(read=7, taken=7, faults=0)


async def test_what_was_read_before_the_crm_broke_down_stays_read(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crm_polling, "_PAGE", 1)
    crm = ListedCrm()
    for number in range(3):
        crm.shows(f"T-{number}", T0 + number * DAY)
    crm.pages = 2
    with pytest.raises(CrmAway):
        await poll(crm, engine, connection="crm", at=T0 + 3 * DAY, since=T0 - SECOND)
    cursor = await crm_cursors.get(engine, "crm")
    assert cursor
    assert cursor.reached_at == T0 + DAY
    crm.pages = 9
    assert (await poll(crm, engine, connection="crm", at=T0 + 3 * DAY)).taken == 1


async def test_the_cursor_never_goes_back_and_each_connection_has_its_own(engine: AsyncEngine) -> None:
    crm = ListedCrm()
    crm.shows("T-1", T0)
    await poll(crm, engine, connection="one", at=T0)
    await poll(crm, engine, connection="one", at=T0 + HOUR, since=T0 - DAY)
    assert [await crm_cursors.get(engine, name) for name in ("one", "two")] == [(T0, "T-1", T0 + HOUR), None]
    crm.found.clear()
    await poll(crm, engine, connection="one", at=T0 + 2 * HOUR)
    assert await crm_cursors.get(engine, "one") == (T0, "T-1", T0 + 2 * HOUR)


async def test_a_number_taken_by_another_way_is_left_as_it_is(engine: AsyncEngine) -> None:
    first = Ticket(ticket_no="T-1", created_at=T0, words="first")
    await tickets.keep(engine, first, received_at=T0)
    crm = ListedCrm()
    crm.shows("T-1", T0, words="edited since")
    assert await poll(crm, engine, connection="crm", at=T0) == Polled(read=1, taken=0, faults=0)
    assert await tickets.get(engine, "T-1") == first


async def test_what_cannot_be_read_stands_until_it_can(engine: AsyncEngine) -> None:
    crm = ListedCrm()
    crm.shows("T-1", T0, fault="malformed:created_at")
    crm.shows("T-2", T0, words="ends in a NUL \x00")
    for _ in range(2):
        assert await poll(crm, engine, connection="crm", at=T0) == Polled(read=2, taken=0, faults=2)
    standing = await crm_differences.standing(engine)
    assert [(each.ticket_no, each.what, each.times) for each in standing] == [
        ("T-1", What.UNREADABLE, 2),
        ("T-2", What.UNREADABLE, 2),
    ]
    crm.found.clear()
    crm.shows("T-1", T0)
    await poll(crm, engine, connection="crm", at=T0)
    assert [each.ticket_no for each in await crm_differences.standing(engine)] == ["T-2"]


class StuckCrm(ListedCrm):
    async def tickets_after(self, position: Position, *, limit: int) -> tuple[Found, ...]:
        return tuple(self.found)


async def test_a_list_that_does_not_go_on_is_not_asked_for_ever(engine: AsyncEngine) -> None:
    crm = StuckCrm()
    crm.shows("T-1", T0)
    with pytest.raises(CrmAway, match="does not go on"):
        await poll(crm, engine, connection="crm", at=T0)
    assert await tickets.get(engine, "T-1")


async def test_a_ticket_dated_in_the_future_hides_none_that_come_after_it(engine: AsyncEngine) -> None:
    crm = ListedCrm()
    crm.shows("T-2099", T0 + 26_000 * DAY)
    assert (await poll(crm, engine, connection="crm", at=T0)).taken == 1
    crm.shows("T-1", T0 + HOUR)  # while we were away for a day
    assert (await poll(crm, engine, connection="crm", at=T0 + DAY)).taken == 1
    cursor = await crm_cursors.get(engine, "crm")
    assert cursor
    assert cursor.reached_at == T0 + HOUR


class CirclingCrm(ListedCrm):
    async def tickets_after(self, position: Position, *, limit: int) -> tuple[Found, ...]:
        self.found.append(self.found.pop(0))
        return tuple(self.found[-1:])


async def test_a_list_that_goes_in_a_circle_is_not_asked_for_ever(engine: AsyncEngine) -> None:
    crm = CirclingCrm()
    crm.shows("T-1", T0)
    crm.shows("T-2", T0 - SECOND)
    with pytest.raises(CrmAway, match="does not go on"):
        await poll(crm, engine, connection="crm", at=T0)


@pytest.mark.parametrize("number", ["T\x00-1", "T\ud800-1"])  # JSON may hold either, a database neither
async def test_a_number_that_no_database_keeps_is_told_without_that(engine: AsyncEngine, number: str) -> None:
    crm = ListedCrm()
    crm.found.append(Found(position=Position(at=T0, id="x\x00"), ticket_no="", fault="malformed:ticket_no"))
    crm.found.append(
        Found.model_construct(position=Position(at=T0, id="y"), ticket_no=number, ticket=None, fault="malformed")
    )
    assert await poll(crm, engine, connection="crm", at=T0) == Polled(read=2, taken=0, faults=2)
    assert {each.ticket_no for each in await crm_differences.standing(engine)} == {"id-x", "T-1"}
