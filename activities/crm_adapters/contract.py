"""What every adapter has to hold to, as checks that anybody can run against their own: docs/connect/own-adapter.md.

`CHECKS` needs no test framework. `CrmContract` is the same as a class for pytest with pytest-asyncio: inherit from it
and give it a fixture `bench`.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.crm_adapters.page import CrmAdapter, CrmCannot, CrmRefuses, CrmSaid, Found, Position, state_of
from domain.lights import Light
from domain.outlets import CrmWrite

_NOBODY = "nobody-has-this-1"
_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
_MOST = 500  # tickets that a check reads at the most


class Bench(ABC):
    """A CRM to try the adapter on. It may hold other tickets."""

    adapter: CrmAdapter
    has_list: bool = True  # whether the adapter reads tickets; False where the CRM tells us of each by itself
    has_notes: bool = False  # whether the adapter puts notes on tickets; then `notes` says what stands there

    @abstractmethod
    async def make_ticket(self) -> str:
        """Create a ticket by the CRM's own means, in the state in which the adapter finds it; returns its number."""

    async def notes(self, ticket_no: str) -> Sequence[str]:
        """The texts on the ticket, the oldest first, by the CRM's own means; what else stands there does no harm."""
        raise NotImplementedError(ticket_no)


async def finds_a_new_ticket(bench: Bench) -> None:
    """Behind the position of what was there before stands what was made since, once."""
    if not bench.has_list:
        return
    before = await _everything(bench)
    ticket_no = await bench.make_ticket()
    since = before[-1].position if before else Position(at=datetime(2000, 1, 1, tzinfo=UTC))
    found = [each for each in await _behind(bench, since, limit=50) if each.ticket_no == ticket_no]
    assert len(found) == 1, f"{ticket_no} was found {len(found)} times"
    assert found[0].ticket is not None, f"no ticket can be made of it: {found[0].fault}"
    assert found[0].ticket.ticket_no == ticket_no
    offset = found[0].ticket.created_at.utcoffset()
    assert offset is not None, "created_at says no offset"


async def pages_lose_and_repeat_nothing(bench: Bench) -> None:
    """Page by page, one ticket each, is the same as all at once; also within one instant."""
    if not bench.has_list:
        return
    for _ in range(3):
        await bench.make_ticket()
    whole = await _everything(bench)
    last = whole[-4:]
    start = whole[-5].position if len(whole) > 4 else Position(at=datetime(2000, 1, 1, tzinfo=UTC))
    assert [each.ticket_no for each in await _behind(bench, start, limit=1)] == [each.ticket_no for each in last]
    instants = [each.position.at for each in whole]
    assert instants == sorted(instants), "the tickets do not stand in order of when they changed"


async def has_no_state_before_the_first_write(bench: Bench) -> None:
    """A ticket without a state is None; a ticket that is not there is left out."""
    ticket_no = await bench.make_ticket()
    assert await bench.adapter.states([ticket_no, _NOBODY]) == {ticket_no: None}


async def reads_what_it_wrote(bench: Bench) -> None:
    """Of each write the ticket says everything, also under the last one alone."""
    ticket_no = await bench.make_ticket()
    for write in (a_write(ticket_no, 2), a_write(ticket_no, 5, owner="chassis", light=Light.RED)):
        await bench.adapter.write(write)
        assert (await bench.adapter.states([ticket_no]))[ticket_no] == state_of(write)


async def repeats_harmlessly(bench: Bench) -> None:
    """The same write again, also after its answer was lost, changes nothing and is no error."""
    ticket_no = await bench.make_ticket()
    for _ in range(3):
        await bench.adapter.write(a_write(ticket_no, 2))
    assert (await bench.adapter.states([ticket_no]))[ticket_no] == state_of(a_write(ticket_no, 2))


async def never_goes_back(bench: Bench) -> None:
    """A write that comes late leaves the later one standing and is no error."""
    ticket_no = await bench.make_ticket()
    newer = a_write(ticket_no, 9, owner="chassis")
    await bench.adapter.write(newer)
    await bench.adapter.write(a_write(ticket_no, 3))
    assert (await bench.adapter.states([ticket_no]))[ticket_no] == state_of(newer)


async def heals_a_difference(bench: Bench) -> None:
    """The same `seq` under another key replaces what stands there."""
    ticket_no = await bench.make_ticket()
    await bench.adapter.write(a_write(ticket_no, 4, owner="chassis"))
    right = a_write(ticket_no, 4, owner="body").model_copy(update={"key": f"{ticket_no}:4:crm:healed"})
    await bench.adapter.write(right)
    assert (await bench.adapter.states([ticket_no]))[ticket_no] == state_of(right)


async def refuses_what_it_does_not_know(bench: Bench) -> None:
    """A write for a ticket that is not there is refused for good: not an error that asks to be repeated."""
    try:
        await bench.adapter.write(a_write(_NOBODY, 1))
        raise AssertionError("CrmRefuses was not raised")
    except CrmRefuses as refusal:
        said = str(refusal)
    assert _NOBODY not in said, "an error's text names no ticket"


async def closes(bench: Bench) -> None:
    """However a complaint ends, the ticket says so, and saying it again is harmless."""
    for closing in ("confirmed", "unreachable", "withdrawn", "merged", "in_disagreement"):
        ticket_no = await bench.make_ticket()
        last = a_write(ticket_no, 7, stage="closed", closing=closing, clock="", due_at=None, light=Light.GREEN)
        for write in (a_write(ticket_no, 2), last, last):
            await bench.adapter.write(write)
        assert (await bench.adapter.states([ticket_no]))[ticket_no] == state_of(last)


async def keeps_what_was_told(bench: Bench) -> None:
    """Each note stands on the ticket once, in order and whole, and the state is what it was. Without a place for notes
    the adapter says so.
    """
    ticket_no = await bench.make_ticket()
    write = a_write(ticket_no, 2)
    await bench.adapter.write(write)
    first, second = (
        a_note(ticket_no, 2, text="配件明天到店。\nvocloop-state: {}"),
        a_note(ticket_no, 5, text="Piston rings"),
    )
    try:
        for said in (first, first, second, first):
            await bench.adapter.tell(said)
    except CrmCannot:
        assert not bench.has_notes, "CrmCannot was raised by an adapter whose CRM has a place for notes"
        return
    assert bench.has_notes, "set has_notes on the bench, and say which notes stand there"
    there = await bench.notes(ticket_no)
    places = [[place for place, text in enumerate(there) if said.text in text] for said in (first, second)]
    assert [len(found) for found in places] == [1, 1], (
        f"each note stands there {[len(found) for found in places]} times"
    )
    assert places[0] < places[1], "the notes do not stand in order"
    assert (await bench.adapter.states([ticket_no]))[ticket_no] == state_of(write)


Check = Callable[[Bench], Awaitable[None]]
CHECKS: tuple[Check, ...] = (
    *(finds_a_new_ticket, pages_lose_and_repeat_nothing, has_no_state_before_the_first_write, reads_what_it_wrote),
    *(repeats_harmlessly, never_goes_back, heals_a_difference, refuses_what_it_does_not_know, closes),
    keeps_what_was_told,
)


class CrmContract:
    """One test for each check."""

    async def test_finds_a_new_ticket(self, bench: Bench) -> None:
        await finds_a_new_ticket(bench)

    async def test_pages_lose_and_repeat_nothing(self, bench: Bench) -> None:
        await pages_lose_and_repeat_nothing(bench)

    async def test_has_no_state_before_the_first_write(self, bench: Bench) -> None:
        await has_no_state_before_the_first_write(bench)

    async def test_reads_what_it_wrote(self, bench: Bench) -> None:
        await reads_what_it_wrote(bench)

    async def test_repeats_harmlessly(self, bench: Bench) -> None:
        await repeats_harmlessly(bench)

    async def test_never_goes_back(self, bench: Bench) -> None:
        await never_goes_back(bench)

    async def test_heals_a_difference(self, bench: Bench) -> None:
        await heals_a_difference(bench)

    async def test_refuses_what_it_does_not_know(self, bench: Bench) -> None:
        await refuses_what_it_does_not_know(bench)

    async def test_closes(self, bench: Bench) -> None:
        await closes(bench)

    async def test_keeps_what_was_told(self, bench: Bench) -> None:
        await keeps_what_was_told(bench)


def a_write(ticket_no: str, seq: int, **said: Any) -> CrmWrite:
    """A write as Vocloop sends it; `said` are fields of CrmWrite."""
    usual: dict[str, Any] = {
        "key": f"{ticket_no}:{seq}:crm",
        "at": _AT,
        "stage": "in_work",
        "owner": "engine",
        "light": Light.YELLOW,
        "clock": "resolution",
        "due_at": _AT + timedelta(hours=seq),
    }
    return CrmWrite.model_validate({**usual, **said, "ticket_no": ticket_no, "seq": seq})


def a_note(ticket_no: str, seq: int, *, text: str) -> CrmSaid:
    """A note as Vocloop tells it."""
    key, at = f"{ticket_no}:{seq}:note", _AT + timedelta(minutes=seq)
    return CrmSaid(key=key, ticket_no=ticket_no, seq=seq, at=at, kind="progress_posted", by="engine", text=text)


async def _everything(bench: Bench) -> list[Found]:
    return await _behind(bench, Position(at=datetime(2000, 1, 1, tzinfo=UTC)), limit=50)


async def _behind(bench: Bench, position: Position, *, limit: int) -> list[Found]:
    """All tickets behind it, page by page."""
    found: list[Found] = []
    while page := await bench.adapter.tickets_after(position, limit=limit):
        found += page
        assert len(page) <= limit, f"a page of {len(page)} is over its limit of {limit}"
        assert len(found) <= _MOST, "the pages never end"
        assert page[-1].position != position, "a page begins before its position"
        position = page[-1].position
    return found
