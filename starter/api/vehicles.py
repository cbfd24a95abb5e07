"""A vehicle's facts and repairs as other systems tell them, and how it stands towards the three guarantees."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, create_model, model_validator

from domain import three_guarantees as radar
from domain.access import Permission, is_concerned, is_concerned_with_all
from domain.complaint import Complaint
from domain.guarantee_periods import Warranty
from domain.kinship import Kin, Windows, relations
from domain.statute import StatutePack
from domain.three_guarantees import Meter
from domain.ticket import Ticket
from domain.vehicle import REPAIR_NO, Repair, VehicleFacts, Waiting
from ledger import queries, tickets, vehicles
from starter.api.answers import At
from starter.api.bodies import STRICT, as_sent
from starter.api.views import View
from starter.http.behind import Behind, BehindRoutes
from starter.http.disclosures import disclose
from starter.http.principals import Principal, Who, needs
from starter.http.problems import ACCESS, Problem, documented
from starter.vehicle_news import tell_complaints

VEHICLE = "vehicle"  # what is written down that somebody saw

router = APIRouter(tags=["vehicles"])

Vin = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{5,17}$", description="The whole VIN.", examples=["LSVAA4182E2184847"])]
RepairNo = Annotated[str, Path(pattern=REPAIR_NO, description="The job card's number.", examples=["RO-20260302-07"])]


class WaitingBody(Waiting):
    model_config = STRICT


def _fields(model: type[BaseModel], *, but: str, **instead: Any) -> dict[str, Any]:
    own = {name: (field.annotation, field) for name, field in model.model_fields.items() if name != but}
    return own | instead


class _Body(BaseModel):
    model_config = STRICT

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        self.told()
        return self

    def told(self) -> Any:
        raise NotImplementedError


class _FactsBody(_Body):
    def told(self) -> VehicleFacts:
        return VehicleFacts.model_validate(dict(self))


class _RepairBody(_Body):
    def told(self, repair_no: str = "unnumbered") -> Repair:
        """The number stands in the path."""
        return Repair.model_validate({**self.model_dump(), "repair_no": repair_no})


VehicleBody: Any = create_model(
    "VehicleBody", __base__=_FactsBody, __doc__="Days are of the place of sale.", **_fields(VehicleFacts, but="repairs")
)
RepairBody: Any = create_model(
    "RepairBody",
    __base__=_RepairBody,
    __doc__=Repair.__doc__,
    **_fields(Repair, but="repair_no", excluded=(tuple[WaitingBody, ...], Repair.model_fields["excluded"])),
)


class VehicleKept(View):
    """`changed` is false when the same was told before; `told` are the vehicle's open complaints, which know it now."""

    changed: bool
    told: int


class StatuteView(View):
    """What the meters were read by. `confirmed_by` "" is nobody yet: it informs and does not replace counsel."""

    version: str
    zh: str
    en: str
    source: str
    confirmed_by: str
    how_to_check: str


class RelationView(View):
    """What a complaint is to an earlier one. `charged_to` is whose claim did not hold; "" unless it came back."""

    ticket_no: str
    kin: Kin
    earlier: str
    charged_to: str


class VehicleView(View):
    """`next_change_at` is when time alone changes `met`, `near` or `warranty`. `statute` null: none is for it."""

    vin: str
    at: datetime
    started_on: date | None
    mileage_km: int | None
    read_at: datetime | None
    is_household: bool
    repairs: tuple[dict[str, Any], ...]
    complaints: tuple[str, ...]
    relations: tuple[RelationView, ...]
    warranty: Warranty | None
    met: tuple[str, ...]
    near: tuple[str, ...]
    meters: tuple[Meter, ...]
    next_change_at: datetime | None
    statute: StatuteView | None


@router.put(
    "/vehicles/{vin}",
    dependencies=[needs(Permission.OPEN_TICKETS)],
    summary="Tell what is known of a vehicle",
    responses=documented("unreadable_body", *ACCESS, "too_large", "malformed"),
)
async def keep_vehicle(vin: Vin, body: VehicleBody, who: Who, behind: BehindRoutes, at: At) -> VehicleKept:
    """Takes the place of what was told before; what is left out is not known. Its repairs are told apart."""
    as_sent(body)
    facts: VehicleFacts = body.told()
    _check_past(at, facts.read_at, "read_at")
    changed = await vehicles.keep(behind.engine, vin, facts, at=at, by=who.id)
    return VehicleKept(changed=changed, told=await _told(behind, vin, at=at))


@router.put(
    "/vehicles/{vin}/repairs/{repair_no}",
    dependencies=[needs(Permission.OPEN_TICKETS)],
    summary="Tell of a repair, begun or done",
    responses=documented("unreadable_body", *ACCESS, "too_large", "malformed"),
)
async def keep_repair(
    vin: Vin, repair_no: RepairNo, body: RepairBody, who: Who, behind: BehindRoutes, at: At
) -> VehicleKept:
    """Takes the place of what was told under this number. Safe to send again for ever."""
    as_sent(body)
    repair: Repair = body.told(repair_no)
    _check_past(at, repair.begun_at, "begun_at")
    _check_past(at, repair.ended_at, "ended_at")
    changed = await vehicles.keep_repair(behind.engine, vin, repair, at=at, by=who.id)
    return VehicleKept(changed=changed, told=await _told(behind, vin, at=at))


async def _told(behind: Behind, vin: str, *, at: datetime) -> int:
    """Also when nothing changed: whoever tells again may do so because we were stopped half-way."""
    return await tell_complaints(behind.engine, behind.statutes, vin, submit=behind.complaints.submit, at=at)


@router.get(
    "/vehicles/{vin}",
    dependencies=[needs(Permission.SEE_PERSONAL)],
    summary="Show a vehicle, its repairs and how it stands towards the three guarantees; and write down who saw it",
    responses=documented(*ACCESS, "not_concerned", "unknown_vehicle", "malformed"),
)
async def show_vehicle(vin: Vin, who: Who, behind: BehindRoutes, at: At, response: Response) -> VehicleView:
    """For CX, the service coordinator, and those whom one of its complaints concerns. `complaints` are those alone."""
    found = await tickets.by_vin(behind.engine, vin)
    theirs = await _concerning(behind, found, who=who)
    if not (theirs or is_concerned_with_all(who.actor)):
        raise Problem("not_concerned")
    facts = await vehicles.facts_of(behind.engine, vin)
    if facts is None and not found:
        raise Problem("unknown_vehicle")
    await disclose(behind, next(reversed(tuple(theirs)), ""), who=who, what=VEHICLE, why="", at=at)
    response.headers["Cache-Control"] = "no-store"
    return _view(vin, facts or VehicleFacts(), theirs, behind, at)


Known = Mapping[str, Complaint | None]  # None of a complaint until its workflow has begun


async def _concerning(behind: Behind, found: tuple[Ticket, ...], *, who: Principal) -> Known:
    known = {ticket.ticket_no: await queries.complaint(behind.engine, ticket.ticket_no) for ticket in found}
    return {no: complaint for no, complaint in known.items() if is_concerned(complaint, who.actor)}


def _relations(known: Known, windows: Windows) -> Iterator[RelationView]:
    begun = [each for each in known.values() if each]
    for complaint in begun:
        for kin, earlier, charged_to in relations(complaint, begun, windows):
            no = complaint.ticket.ticket_no
            yield RelationView(ticket_no=no, kin=kin, earlier=earlier, charged_to=charged_to)


def _view(vin: str, facts: VehicleFacts, known: Known, behind: Behind, at: datetime) -> VehicleView:
    pack = behind.statutes.of(facts, at=at)
    said = facts.model_dump(mode="json")
    standing = radar.standing(facts, pack, at=at) if pack else None
    return VehicleView(
        vin=vin,
        at=at,
        started_on=facts.started_on,
        mileage_km=facts.mileage_km,
        read_at=facts.read_at,
        is_household=facts.is_household,
        repairs=tuple(said.get("repairs", ())),
        complaints=tuple(known),
        relations=tuple(_relations(known, behind.kinship)),
        warranty=standing.warranty if standing else None,
        met=standing.met if standing else (),
        near=standing.near if standing else (),
        meters=radar.meters(facts, pack, at=at) if pack else (),
        next_change_at=radar.next_change(facts, pack, after=at) if pack else None,
        statute=_statute(pack) if pack else None,
    )


def _statute(pack: StatutePack) -> StatuteView:
    return StatuteView.model_validate(pack.model_dump(include=set(StatuteView.model_fields)))


def _check_past(at: datetime, told: datetime | None, name: str) -> None:
    if told and told > at:
        raise Problem("malformed", errors=[(f"body.{name}", ("晚于现在", "It lies in the future"))])
