"""A complaint's vehicle: its repairs, all complaints of it, and how near it is to each of the three guarantees.

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
from domain.access import Permission
from domain.kinship import Inherited, Windows, inherited
from domain.statute import StatutePack
from domain.vehicle import VehicleFacts
from ledger import vehicles
from starter.api.answers import At, TicketNo, known_ticket
from starter.http.behind import BehindRoutes
from starter.http.disclosures import check_concerned
from starter.http.principals import Who, needs
from starter.web import pages
from starter.web.vehicle_complaints import OneComplaint, complaints_of

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
    shown = await complaints_of(behind, vin, who=who)
    context: dict[str, Any] = {
        "ticket_no": ticket_no,
        "vin": masking.vin(vin),
        "facts": facts,
        "complaints": shown,
        "before": _before(shown, ticket_no, behind.kinship),
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


def _before(shown: tuple[OneComplaint, ...], ticket_no: str, windows: Windows) -> Inherited:
    """What the customer of this ticket has been through already, as far as who asks may know."""
    known = {each.ticket.ticket_no: each.complaint for each in shown if each.complaint}
    this = known.get(ticket_no)
    return inherited(this, known.values(), windows) if this else Inherited()


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
