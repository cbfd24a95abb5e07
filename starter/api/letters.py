"""Doors for those who bring customers' letters and text messages: a mail provider's and an SMS provider's calls."""

import hashlib
from datetime import datetime, timedelta

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.complaint import Stage
from domain.ticket import Customer, Ticket, Vehicle
from domain.vin import only_one_in
from ledger import queries
from starter import campaigns
from starter.api.answers import At
from starter.api.crm_events import Connection, check_channel, signed
from starter.commands import Admission
from starter.http.behind import Behind, BehindRoutes
from starter.letters_in import taking
from starter.letters_in.taking import Taken, What

LETTERS = "/crm/letters/"  # below it more bytes may be sent
router = APIRouter(prefix="/crm", include_in_schema=False, dependencies=[Depends(signed)])


class TextMessage(BaseModel):
    """`sender` is the customer's number, `id` the provider's own for the message."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    id: str = Field(min_length=1, max_length=200)
    sender: str = Field(alias="from", pattern=r"^\+?[0-9]{5,20}$")
    text: str = Field(min_length=1, max_length=5_000)
    at: AwareDatetime | None = None


class LetterTaken(BaseModel):
    """`ticket_no` is the new ticket's, or of the complaint that it was added to; "" of what was laid aside, and why."""

    what: What
    ticket_no: str
    why: str


@router.post("/letters/{connection}", status_code=202)
async def take_letter(
    connection: Connection, request: Request, response: Response, behind: BehindRoutes, at: At
) -> LetterTaken:
    """A letter as it came, `message/rfc822`. Safe to send again."""
    check_channel(behind.settings, connection, "email")
    return _told(await taking.take(behind, await request.body(), at=at), response)


@router.post("/texts/{connection}", status_code=202)
async def take_text(
    connection: Connection, text: TextMessage, response: Response, behind: BehindRoutes, at: At
) -> LetterTaken:
    """A text message: further words on the one open complaint of this number, else a ticket. Safe to send again."""
    check_channel(behind.settings, connection, "sms")
    ticket = _ticket(text, at=at)
    if about := await _their_only_one(behind, ticket):
        return _told(await taking.add(behind, about, ticket.words, of=ticket.ticket_no, at=at), response)
    admission = await behind.complaints.open(ticket, received_at=at)
    return _told(Taken(What.NEW if admission is Admission.NEW else What.AGAIN, ticket.ticket_no), response)


def _ticket(text: TextMessage, *, at: datetime) -> Ticket:
    said_at = text.at or at
    return Ticket(
        ticket_no=f"SMS-{hashlib.sha256(text.id.encode()).hexdigest()[:20]}",
        created_at=said_at if at - timedelta(days=7) <= said_at <= at else at,
        channel="sms",
        words=text.text.replace("\x00", ""),
        customer=Customer(phone=text.sender, language="en" if text.text.isascii() else "zh"),
        vehicle=Vehicle(vin=only_one_in(text.text)),
    )


async def _their_only_one(behind: Behind, ticket: Ticket) -> str:
    """ "" where this number has none or several open: then nobody could say which is meant."""
    window = behind.kinship.repeat
    known = await campaigns.of_customer(behind.engine, ticket, within=window, secret=behind.secret)
    found = [await queries.complaint(behind.engine, number) for number in known if number != ticket.ticket_no]
    still = [c.ticket.ticket_no for c in found if c and c.stage is not Stage.CLOSED]
    return still[0] if len(still) == 1 else ""


def _told(taken: Taken, response: Response) -> LetterTaken:
    response.status_code = 202 if taken.what is What.NEW else 200
    return LetterTaken(what=taken.what, ticket_no=taken.ticket_no, why=taken.why)
