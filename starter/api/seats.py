"""The seats of CX: who has how much in hand, who looks after a complaint, and giving it to somebody else."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from domain.access import Permission, is_concerned_with_all
from domain.explanations import Sentence
from domain.seats import Duty, SeatLevel, Why
from ledger import seatings
from ledger.seatings import Seating
from policy.seats import Roster
from starter.api.answers import At, TicketNo, known_ticket
from starter.api.bodies import STRICT
from starter.api.views import View
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import ACCESS, Problem, documented

router = APIRouter(tags=["seats"])

SeatId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", examples=["li.min"])]


class SeatView(View):
    """One of the desk. No `skills` is every system."""

    seat: str
    named: Sentence
    level: SeatLevel
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    in_hand: int
    at_most: int
    is_here: bool = Field(description="False on days of absence, when what they had goes to others.")


class SeatsView(View):
    """`waiting` are complaints that call for a seat while nobody who could has room."""

    items: tuple[SeatView, ...]
    waiting: int


class SeatingView(View):
    """Whose it is, or was until `ended_at`. `by` gave it by hand, else `why` is the rule's reason."""

    seat: str
    named: Sentence
    duty: Duty
    why: Why
    by: str
    given_at: datetime
    ended_at: datetime | None


class SeatingsView(View):
    """Everyone who looked after it, the first first."""

    ticket_no: str
    items: tuple[SeatingView, ...]


class SeatBody(BaseModel):
    model_config = STRICT

    seat: SeatId


@router.get(
    "/seats",
    dependencies=[needs(Permission.READ)],
    summary="The seats of CX, and how much each has in hand",
    responses=documented(*ACCESS),
)
async def list_seats(behind: BehindRoutes, at: At) -> SeatsView:
    """In the order of `seats.toml`. Every three seconds what waits is given to who has room."""
    return SeatsView(items=await seats_now(behind, at=at), waiting=await seatings.waits(behind.engine))


@router.get(
    "/complaints/{ticket_no}/seats",
    dependencies=[needs(Permission.READ)],
    summary="Who of CX looks after it, and who did before",
    responses=documented(*ACCESS, "unknown_complaint", "malformed"),
)
async def list_seatings(ticket_no: TicketNo, behind: BehindRoutes) -> SeatingsView:
    """The last is theirs now unless it has ended. A seat owns nothing: anyone of CX may act."""
    await known_ticket(behind, ticket_no)
    return await _seatings(behind, ticket_no)


@router.post(
    "/complaints/{ticket_no}/seats",
    dependencies=[needs(Permission.ACT)],
    status_code=201,
    summary="Give it to one of CX",
    responses=documented(*ACCESS, "unreadable_body", "unknown_complaint", "needs_no_seat", "too_large", "malformed"),
)
async def give_seat(ticket_no: TicketNo, body: SeatBody, who: Who, behind: BehindRoutes, at: At) -> SeatingsView:
    """For CX, the service coordinator, and systems of no department. Limits and levels bind the rules, not people."""
    await known_ticket(behind, ticket_no)
    await give(behind, ticket_no, body.seat, who=who, at=at)
    return await _seatings(behind, ticket_no)


async def give(behind: Behind, ticket_no: str, seat: str, *, who: Principal, at: datetime) -> None:
    """Raises the problems `not_permitted`, `malformed` and `needs_no_seat`."""
    if not is_concerned_with_all(who.actor):
        raise Problem("not_permitted")
    try:
        is_given = await behind.seating.give(ticket_no, seat, by=who.id, at=at)
    except LookupError:
        what = ("没有这个坐席，或其当日不在", "There is no such seat, or they are away today")
        raise Problem("malformed", errors=[("body.seat", what)]) from None
    if not is_given:
        raise Problem("needs_no_seat")


async def seats_now(behind: Behind, *, at: datetime) -> tuple[SeatView, ...]:
    """Each seat as it stands, in the policy's order."""
    load, here = await seatings.loads(behind.engine), behind.seating.here(at=at)
    return tuple(
        SeatView(
            seat=each.id,
            named=called(behind.roster, each.id),
            level=each.level,
            skills=tuple(sorted(each.skills)),
            languages=tuple(sorted(each.languages)),
            in_hand=load.get(each.id, 0),
            at_most=each.at_most,
            is_here=each in here,
        )
        for each in behind.roster.seats.seats
    )


def called(roster: Roster, seat: str) -> Sentence:
    """The person's name; one who is not in the policy any more is told by the id."""
    zh, en = roster.names.get(seat, (seat, seat))
    return Sentence(zh=zh, en=en)


async def _seatings(behind: Behind, ticket_no: str) -> SeatingsView:
    found = await seatings.of_ticket(behind.engine, ticket_no)
    return SeatingsView(ticket_no=ticket_no, items=tuple(_view(behind.roster, each) for each in found))


def _view(roster: Roster, each: Seating) -> SeatingView:
    return SeatingView(
        seat=each.seat,
        named=called(roster, each.seat),
        duty=each.duty,
        why=each.why,
        by=each.by,
        given_at=each.given_at,
        ended_at=each.ended_at,
    )
