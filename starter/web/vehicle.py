"""A complaint's vehicle: its repairs, other complaints of it, and how near it is to each of the three guarantees.

Its address names the ticket, for a VIN names its owner. It is masked; the complaint's page shows it, and logs that.
"""

import re
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, NamedTuple

from fastapi import Query, Request
from fastapi.responses import Response

from domain import masking
from domain import three_guarantees as radar
from domain.access import Permission, is_concerned
from domain.statute import StatutePack
from domain.vehicle import VehicleFacts
from ledger import queries, tickets, vehicles
from starter.api.answers import At, TicketNo, known_ticket
from starter.http.behind import Behind, BehindRoutes
from starter.http.disclosures import check_concerned
from starter.http.principals import Principal, Who, needs
from starter.web import pages

router = pages.router()

_FEN = 100
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_Figure = Annotated[str, Query(max_length=20)]


class Fee(NamedTuple):
    """What was asked of the calculator, as it was typed, and the fee in yuan; None until all of it can be read."""

    price: str
    km: str
    percent: str
    yuan: Decimal | None


@router.get("/complaints/{ticket_no}/vehicle", dependencies=[needs(Permission.READ)])
async def show(
    request: Request,
    ticket_no: TicketNo,
    who: Who,
    behind: BehindRoutes,
    at: At,
    price: _Figure = "",
    km: _Figure = "",
    percent: _Figure = "",
) -> Response:
    """For those whom the complaint concerns. `price` in yuan and `percent` are the calculator's."""
    ticket = await known_ticket(behind, ticket_no)
    await check_concerned(behind, ticket_no, who=who)
    vin = ticket.vehicle.vin
    facts = (await vehicles.facts_of(behind.engine, vin) if vin else None) or VehicleFacts()
    pack = behind.statutes.of(facts, at=at)
    context: dict[str, Any] = {
        "ticket_no": ticket_no,
        "vin": masking.vin(vin),
        "facts": facts,
        "others": await _others(behind, vin, but=ticket_no, who=who),
        "pack": pack,
        **_read(facts, pack, at=at),
        "fee": _fee(price, km or str(facts.mileage_km or ""), percent, pack),
    }
    return pages.page(request, who, "vehicle.html", **context)


def _read(facts: VehicleFacts, pack: StatutePack | None, *, at: datetime) -> dict[str, Any]:
    if pack is None:
        return {"meters": (), "warranty": None, "next_change": None}
    return {
        "meters": radar.meters(facts, pack, at=at),
        "warranty": radar.standing(facts, pack, at=at).warranty,
        "next_change": radar.next_change(facts, pack, after=at),
    }


async def _others(behind: Behind, vin: str, *, but: str, who: Principal) -> list[str]:
    """The vehicle's other complaints, as far as they concern who asks."""
    found = [each.ticket_no for each in (await tickets.by_vin(behind.engine, vin) if vin else ())]
    standing = {no: await queries.complaint(behind.engine, no) for no in found if no != but}
    return [no for no, complaint in standing.items() if is_concerned(complaint, who.actor)]


def _fee(price: str, km: str, percent: str, pack: StatutePack | None) -> Fee:
    given = Fee(price, km, percent, None)
    if pack is None or not all(_NUMBER.fullmatch(each) for each in (price, km, percent)):
        return given
    try:
        fen, coefficient = int(Decimal(price) * _FEN), Fraction(percent) / 100
        owed = radar.use_fee(price_fen=fen, km=int(Decimal(km)), coefficient=coefficient, pack=pack)
    except ValueError:  # the coefficient is beyond the statute's
        return given
    return given._replace(yuan=Decimal(owed) / _FEN)
