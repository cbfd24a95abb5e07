"""What the ledger keeps of the CRM: how far it was read, where it differs, and what it should say."""

from pathlib import Path

from domain.telling import crm_write
from ledger import crm_cursors, crm_differences, crm_states
from ledger.crm_cursors import Cursor
from ledger.crm_differences import Difference, What
from tests.builders import DAY, HOUR, T0
from tests.ledger.building import a_ledger, eventful, recorded, withdrawn


async def test_a_cursor_goes_on_and_never_back(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await crm_cursors.get(engine, "http") is None
        for cursor in (Cursor(T0, "a", T0), Cursor(T0 + HOUR, "b", T0 + HOUR), Cursor(T0, "c", T0 + DAY)):
            await crm_cursors.move(engine, "http", cursor)
        assert await crm_cursors.get(engine, "http") == Cursor(T0 + HOUR, "b", T0 + DAY)
        assert await crm_cursors.get(engine, "tryton") is None


async def test_a_difference_stands_from_when_it_was_first_found_until_it_is_over(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for at, theirs in ((T0, "engine"), (T0 + DAY, "body")):
            found = Difference(ticket_no="T-1", what=What.STATE, fields={"owner": ("chassis", theirs)})
            await crm_differences.keep(engine, [found], at=at)
        await crm_differences.keep(engine, [Difference(ticket_no="T-1", what=What.CONFLICT)], at=T0)
        conflict, state = await crm_differences.standing(engine)
        assert conflict.what is What.CONFLICT
        assert (state.found_at, state.seen_at, state.times) == (T0, T0 + DAY, 2)
        assert state.fields == {"owner": ("chassis", "body")}
        await crm_differences.over(engine, ["T-1", "T-2"], what=[What.STATE, What.MISSING])
        assert await crm_differences.standing(engine) == (conflict,)


async def test_what_the_crm_should_say_is_what_was_written_to_it_last(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        played = [eventful("T-1"), withdrawn("T-2"), withdrawn("T-3")]
        await recorded(engine, *played)
        ours = [crm_write(each.complaint, at=each.complaint.settled_at) for each in played]
        first = await crm_states.after(engine, "", closed_since=T0, limit=2)
        assert [*first, *await crm_states.after(engine, "T-2", closed_since=T0, limit=2)] == ours
        assert await crm_states.after(engine, "", closed_since=T0 + 300 * DAY, limit=9) == ()
