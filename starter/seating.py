"""Each complaint that calls for a seat of CX gets one by rule, and anyone of CX may give it to another."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.complaint import Complaint
from domain.seats import Need, Seat, SeatLevel, Why, need_of, route
from domain.ticket import Ticket
from ledger import queries, seatings, tickets
from policy.reading import PolicyFiles
from policy.seats import Roster
from policy.suggesting import Suggester

_AT_ONCE = 200  # complaints in one look


class Seating:
    """Made once for the process: reading the customers' words takes preparing."""

    def __init__(self, engine: AsyncEngine, files: PolicyFiles, roster: Roster) -> None:
        self._engine, self._seats = engine, roster.seats
        self._zone = ZoneInfo(files.sheets.calendar.table.zone)
        self._suggester = Suggester(files)

    async def look(self, *, at: datetime) -> int:
        """Take back what is over and give what waits; how many were given. Safe to repeat, also by several at once."""
        if not self._seats.seats:
            return 0
        day, here, given = self._day(at), self.here(at=at), 0
        experts = [each.id for each in here if each.is_of(SeatLevel.EXPERT)]
        await seatings.let_go(self._engine, here=[each.id for each in here], experts=experts, at=at)
        found = await seatings.waiting(self._engine, limit=_AT_ONCE)
        told = await tickets.of_many(self._engine, [c.ticket.ticket_no for c in found])
        load = await seatings.loads(self._engine)
        for c in found:
            given += await self._seat(c, told.get(c.ticket.ticket_no), load, day=day, at=at)
        return given

    def here(self, *, at: datetime) -> tuple[Seat, ...]:
        """Those who are not away today."""
        return self._seats.here(self._day(at))

    async def give(self, ticket_no: str, seat: str, *, by: str, at: datetime) -> bool:
        """By hand, whatever somebody knows or has in hand; False where the complaint calls for no seat.

        Raises LookupError when there is no such seat, or it is away.
        """
        chosen = self._seats.named(seat)
        if chosen is None or not chosen.is_here(self._day(at)):
            raise LookupError(seat)
        c = await queries.complaint(self._engine, ticket_no)
        need = need_of(c, self._seats) if c else None
        if need is None:
            return False
        return await seatings.give(self._engine, ticket_no, seat=seat, duty=need.duty, why=Why.BY_HAND, by=by, at=at)

    async def _seat(
        self, c: Complaint, ticket: Ticket | None, load: dict[str, int], *, day: date, at: datetime
    ) -> bool:
        number = c.ticket.ticket_no
        had = [each.seat for each in await seatings.of_ticket(self._engine, number)]
        need = self._need(c, ticket)
        given = route(need, self._seats, load, day=day, before=had[-1] if had else "") if need else None
        if need is None or given is None:
            return False
        seat, why = given
        if not await seatings.give(self._engine, number, seat=seat, duty=need.duty, why=why, at=at):
            return False
        load[seat] = load.get(seat, 0) + 1
        return True

    def _need(self, c: Complaint, ticket: Ticket | None) -> Need | None:
        """Before triage nobody has said what it is about, and the customer's words stand in."""
        if ticket is None:
            return need_of(c, self._seats)
        known = [tag for owned in c.policy.matrix.owners.values() for tag in owned]
        suggested = self._suggester.suggest(ticket.words, known=known, most=1)
        systems = {each.tag.partition(".")[0] for each in suggested}
        return need_of(c, self._seats, systems=systems, language=ticket.customer.language)

    def _day(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()
