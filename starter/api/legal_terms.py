"""By when the law wants a demand answered and carried out: counted at the door, where calendars and statutes are."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.demands import legal_terms
from domain.vehicle import VehicleFacts
from ledger import tickets, vehicles
from starter.http.behind import Behind
from starter.http.problems import Problem


async def terms_of(behind: Behind, ticket_no: str, demanded_on: str | None, *, at: datetime) -> dict[str, Any]:
    """The terms of a demand made on that day ("2026-03-02"), or today. Raises a problem for a day that is still to
    come, and for a vehicle that no statute of ours is for.
    """
    ticket = await tickets.get(behind.engine, ticket_no)
    facts = await vehicles.facts_of(behind.engine, ticket.vehicle.vin) if ticket and ticket.vehicle.vin else None
    pack = behind.statutes.of(facts or VehicleFacts(), at=at)
    if pack is None:
        raise Problem("no_statute")
    today = at.astimezone(ZoneInfo(pack.zone)).date()
    day = date.fromisoformat(demanded_on) if demanded_on else today
    if not date(2000, 1, 1) <= day <= today:
        said = ("应为今天或更早的日期", "A day of this century, and not one that is still to come")
        raise Problem("malformed", errors=[("body.demanded_on", said)])
    state = behind.files.sheets.calendar.table.state(zone=pack.zone, since=day.year)
    return legal_terms(pack, demanded_on=day, state=state).model_dump(mode="json")
