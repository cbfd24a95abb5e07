"""The desk's seats: what the visitor has in hand, and who of CX has how much."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from domain.access import Permission, is_concerned_with_all
from domain.complaint import Stage
from ledger import desk, seatings
from ledger.desk import MOST
from starter.api import seats as api
from starter.api.answers import At, TicketNo, known_ticket
from starter.http.behind import BehindRoutes
from starter.http.principals import Who, needs
from starter.web import pages
from starter.web.desk import ADDRESSES, Done
from starter.web.desk_view import rows_of

router = pages.router()

_WORK = {Stage.TRIAGE: "/desk/triage/{}", Stage.VERIFICATION: "/desk/calls/{}"}
_Seat = Annotated[str, StringConstraints(max_length=64), Form()]


@router.get("/desk/seats", dependencies=[needs(Permission.READ)])
async def show_seats(request: Request, who: Who, behind: BehindRoutes, at: At, done: Done = "") -> Response:
    mine = await rows_of(behind, await seatings.held_by(behind.engine, who.id, limit=MOST))
    seats = await api.seats_now(behind, at=at)
    return pages.page(
        request,
        who,
        "desk_seats_live.html" if pages.is_part(request) else "desk_seats.html",
        pile="seats",
        addresses=ADDRESSES,
        heights=await desk.heights(behind.engine, at=at),
        mine=mine,
        work={row.ticket_no: _WORK.get(row.c.stage, "/complaints/{}").format(row.ticket_no) for row in mine},
        has_seat=any(each.seat == who.id for each in seats),
        may=who.may(Permission.ACT) and is_concerned_with_all(who.actor),
        seats=seats,
        systems={each.id: (each.zh, each.en) for each in behind.files.sheets.matrix.table.system},
        waiting=await seatings.waits(behind.engine),
        done=done,
    )


@router.post("/desk/seats/{ticket_no}", dependencies=[needs(Permission.ACT)])
async def give(
    request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At, seat: _Seat = ""
) -> Response:
    """Give it to somebody, oneself included."""
    await known_ticket(behind, ticket_no)
    await api.give(behind, ticket_no, seat, who=who, at=at)
    return pages.see_other(request, f"/desk/seats?done={ticket_no}")
