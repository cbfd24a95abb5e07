"""The customer's link, in CX's hands: end it when it got about, and issue a new one."""

from fastapi import APIRouter, Response

from domain.access import Permission
from ledger import customer_links
from ledger.links import LinkSigner
from settings import Settings
from starter.api.answers import At, TicketNo, known_ticket
from starter.api.views import View
from starter.home import secret
from starter.http.behind import BehindRoutes
from starter.http.disclosures import check_concerned, disclose
from starter.http.principals import Who, needs
from starter.http.problems import ACCESS, documented

CUSTOMER_LINK = "customer_link"

router = APIRouter(tags=["customer's page"])


class LinkIssued(View):
    """`link` is told this once. Give it to the customer alone: whoever has it can answer for them."""

    ticket_no: str
    link: str


class LinkRevoked(View):
    """`was_open` is false when nothing opened the complaint any more."""

    ticket_no: str
    was_open: bool


def signer_of(settings: Settings) -> LinkSigner:
    return LinkSigner(settings.secret_key or secret(settings.home), base_url=settings.base_url)


@router.post(
    "/complaints/{ticket_no}/customer-link",
    dependencies=[needs(Permission.CUSTOMER_LINKS)],
    status_code=201,
    summary="Issue the customer a new link, and end those before it",
    responses=documented(*ACCESS, "not_concerned", "unknown_complaint", "malformed"),
)
async def issue_link(ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At, response: Response) -> LinkIssued:
    """Every letter to the customer carries it from now on. Who asked for it is written down."""
    await known_ticket(behind, ticket_no)
    await check_concerned(behind, ticket_no, who=who)
    await disclose(behind, ticket_no, who=who, what=CUSTOMER_LINK, why="", at=at)
    signer = signer_of(behind.settings)
    token = await customer_links.issue(behind.engine, signer, ticket_no=ticket_no, at=at, by=who.id)
    response.headers["Cache-Control"] = "no-store"
    return LinkIssued(ticket_no=ticket_no, link=signer.address(token))


@router.post(
    "/complaints/{ticket_no}/customer-link/revoke",
    dependencies=[needs(Permission.CUSTOMER_LINKS)],
    summary="End the customer's link",
    responses=documented(*ACCESS, "not_concerned", "unknown_complaint", "malformed"),
)
async def revoke_link(ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At) -> LinkRevoked:
    """No link opens the complaint and no letter carries one until a new one is issued."""
    await known_ticket(behind, ticket_no)
    await check_concerned(behind, ticket_no, who=who)
    signer = signer_of(behind.settings)
    was_open = await customer_links.revoke(behind.engine, signer, ticket_no=ticket_no, at=at, by=who.id)
    return LinkRevoked(ticket_no=ticket_no, was_open=was_open)
