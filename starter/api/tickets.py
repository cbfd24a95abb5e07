"""The CRM's door: a ticket is taken for good, whatever Temporal does at that moment."""

from datetime import UTC, datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from domain.access import Permission
from domain.explanations import Sentence
from domain.ticket import Ticket
from starter.api.answers import At, complaint_path, links, sentence
from starter.api.bodies import as_sent
from starter.commands import Admission
from starter.http.behind import BehindRoutes
from starter.http.principals import needs
from starter.http.problems import ACCESS, Problem, documented

router = APIRouter(tags=["tickets"])

# Before this no complaint of ours was made; an instant near year 1 has no equivalent in UTC.
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)

# Where to go on from a ticket that was taken.
LINKED = links(
    *(
        "show_complaint",
        "show_timeline",
        "show_clocks",
        "show_risk",
        "show_personal",
        "accept",
        "withdraw",
        "reclassify",
    ),
    ticket_no="$response.body#/ticket_no",
)


class TicketTaken(BaseModel):
    """`address` is where the complaint is found from now on."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [{"ticket_no": "CRM-2026-000123"}]})

    ticket_no: str
    address: str
    sentence: Sentence


@router.post(
    "/tickets",
    dependencies=[needs(Permission.OPEN_TICKETS)],
    status_code=202,
    summary="Take a ticket the CRM has created",
    response_model=TicketTaken,
    responses={
        202: LINKED,
        200: {"model": TicketTaken, "description": "It was taken before, with the same content.", **LINKED},
        **documented("unreadable_body", *ACCESS, "ticket_conflict", "too_large", "malformed"),
    },
)
async def take_ticket(ticket: Ticket, response: Response, behind: BehindRoutes, at: At) -> TicketTaken:
    """Safe to send again for ever. Its complaint starts now or, while Temporal is away, as soon as it is back."""
    as_sent(ticket)
    if ticket.created_at.replace(tzinfo=UTC) < _OLDEST:
        raise Problem("malformed", errors=[("body.created_at", ("早于 2000 年", "It lies before the year 2000"))])
    admission = await behind.complaints.open(ticket, received_at=at)
    if admission is Admission.CONFLICT:
        raise Problem("ticket_conflict")
    path = complaint_path(ticket.ticket_no)
    response.headers["Location"] = path
    response.status_code = 202 if admission is Admission.NEW else 200
    return TicketTaken(
        ticket_no=ticket.ticket_no, address=f"{behind.settings.base_url}{path}", sentence=sentence(_SAID[admission])
    )


_SAID = {
    Admission.NEW: ("已收到，工单立即派发。", "Taken; it is dispatched at once."),
    Admission.SAME: ("这张工单已经收到过，内容相同。", "It was taken before, with the same content."),
}
