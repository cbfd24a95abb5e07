"""The CRM's other door: a ticket as a signed event, for senders that sign what they send and hold no key of ours."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.ticket import Ticket
from settings import Settings
from starter.api.answers import At
from starter.api.crm_signatures import channels_in, is_signed, secrets_in
from starter.api.tickets import LINKED, TicketTaken, take_ticket
from starter.http.behind import BehindRoutes
from starter.http.problems import Problem, documented

TYPE = "com.vocloop.crm.ticket.created.v1"
BELOW = "/crm/"  # where a signature stands for a key
_RETRY_AFTER_S = 60

router = APIRouter(prefix="/crm", tags=["tickets"])

Connection = Annotated[str, Path(pattern="^[a-z][a-z0-9_-]{0,31}$", description="As named in VOCLOOP_CRM_SIGNING.")]


class TicketEvent(BaseModel):
    """A CloudEvent 1.0 in structured JSON. Attributes that we do not know are left aside, as its standard has it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    specversion: Literal["1.0"]
    id: str = Field(min_length=1, max_length=200)
    source: str = Field(min_length=1, max_length=2000, examples=["https://crm.example.com/tickets"])
    type: Literal["com.vocloop.crm.ticket.created.v1"]
    time: AwareDatetime | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    data: Ticket


async def signed(request: Request, connection: Connection, behind: BehindRoutes, at: At) -> None:
    """Raises the problems `bad_signature` and `too_many_attempts`. An unknown connection is told from nothing else."""
    secrets = secrets_in(behind.settings.crm_signing).get(connection, ())
    if is_signed(request.headers, await request.body(), secrets=secrets, at=at):
        return
    if not behind.failed_keys.admits(request.client.host if request.client else ""):
        raise Problem("too_many_attempts", headers={"Retry-After": str(_RETRY_AFTER_S)})
    raise Problem("bad_signature")


def check_channel(settings: Settings, connection: str, channel: str) -> None:
    """Raises the problem `not_its_channel`: a secret may be kept to the channels that its sender speaks for."""
    allowed = channels_in(settings.crm_channels).get(connection)
    if allowed is not None and channel not in allowed:
        raise Problem("not_its_channel")


@router.post(
    "/{connection}/events",
    dependencies=[Depends(signed)],
    status_code=202,
    summary="Take a ticket that a CRM tells of by a signed event",
    response_model=TicketTaken,
    responses={
        202: LINKED,
        200: {"model": TicketTaken, "description": "It was taken before, with the same content."},
        **documented(
            *("unreadable_body", "bad_signature", "not_its_channel", "cross_site", "too_many_attempts"),
            *("ticket_conflict", "too_large", "malformed"),
        ),
    },
)
async def take_event(
    connection: Connection,
    event: TicketEvent,
    response: Response,
    behind: BehindRoutes,
    at: At,
) -> TicketTaken:
    """As `POST /tickets`, signed by Standard Webhooks: `webhook-id`, `webhook-timestamp` at most 5 minutes from now,
    and `webhook-signature`. Safe to send again for ever.
    """
    check_channel(behind.settings, connection, event.data.channel)
    return await take_ticket(event.data, response, behind, at)
