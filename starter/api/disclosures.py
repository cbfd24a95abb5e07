"""A complaint's personal data for those it concerns, and the record of who was shown any."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from domain.access import Permission
from domain.explanations import Sentence
from domain.ticket import TICKET_NO
from ledger import disclosures, notes
from starter.api.answers import At, TicketNo, known_ticket
from starter.api.bodies import STRICT, as_sent
from starter.api.views import View
from starter.http.behind import BehindRoutes
from starter.http.disclosures import MAX_WHY, PERSONAL, check_concerned, check_whole, disclose
from starter.http.principals import Who, needs
from starter.http.problems import ACCESS, documented

router = APIRouter(tags=["personal data"])


class WhyBody(BaseModel):
    """`why` is kept with your name, the ticket and the time."""

    model_config = STRICT

    why: Annotated[str, Field(min_length=1, max_length=MAX_WHY, pattern=r"\S", examples=["Call the customer back"])]


class NoteText(View):
    note_id: str
    at: datetime
    text: str


class PersonalView(View):
    """Unmasked, as it was taken."""

    ticket_no: str
    customer: dict[str, str]
    vehicle: dict[str, Any]
    words: str
    files: tuple[str, ...]
    notes: tuple[NoteText, ...]


class DisclosureItem(View):
    """`what` is "personal", or "evidence:" and the file's SHA-256."""

    number: int
    at: datetime
    person_id: str
    name: Sentence
    role: str
    department: str
    ticket_no: str
    what: str
    why: str


class DisclosurePage(View):
    """The newest first. `next_before` is the next page's `before`; null on the last."""

    items: tuple[DisclosureItem, ...]
    next_before: int | None


@router.post(
    "/complaints/{ticket_no}/personal",
    dependencies=[needs(Permission.SEE_PERSONAL)],
    summary="Show a complaint's personal data, and write down who saw it",
    responses=documented(
        *("unreadable_body", *ACCESS, "not_concerned", "unknown_complaint"),
        *("personal_gone", "too_large", "malformed"),
    ),
)
async def show_personal(ticket_no: TicketNo, body: WhyBody, who: Who, behind: BehindRoutes, at: At) -> PersonalView:
    """For CX, the service coordinator, those who have or support the complaint, and its arbiter."""
    as_sent(body)
    ticket = await known_ticket(behind, ticket_no)
    await check_concerned(behind, ticket_no, who=who)
    await check_whole(behind, ticket_no)
    written = await notes.of_ticket(behind.engine, ticket_no)
    await disclose(behind, ticket_no, who=who, what=PERSONAL, why=body.why, at=at)
    return PersonalView(
        ticket_no=ticket_no,
        customer=ticket.customer.model_dump(mode="json"),
        vehicle=ticket.vehicle.model_dump(mode="json"),
        words=ticket.words,
        files=ticket.files,
        notes=tuple(NoteText(note_id=note.note_id, at=note.at, text=note.text) for note in written),
    )


@router.get(
    "/disclosures",
    dependencies=[needs(Permission.READ_DISCLOSURES)],
    summary="Who was shown whose personal data",
    responses=documented(*ACCESS, "malformed"),
)
async def list_disclosures(
    behind: BehindRoutes,
    ticket_no: Annotated[str, Query(pattern=rf"{TICKET_NO}|^$")] = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DisclosurePage:
    """The newest first, for all tickets or for one."""
    found = await disclosures.latest(behind.engine, ticket_no=ticket_no, before=before, limit=limit)
    return DisclosurePage(
        items=tuple(DisclosureItem.model_validate(each._asdict()) for each in found),
        next_before=found[-1].number if len(found) == limit else None,
    )
