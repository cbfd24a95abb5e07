"""Logs as files for a spreadsheet, for those who may read them: who saw personal data, and what webhooks were sent."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from domain.access import Permission
from domain.ticket import TICKET_NO
from ledger import disclosures, webhook_log
from starter.api.exporting import FILE, Asks, Ending, Spoken
from starter.api.webhooks import WebhookId, show_webhook
from starter.exports import tables
from starter.http.principals import needs
from starter.http.problems import ACCESS, documented

router = APIRouter(tags=["exports"])

_TicketNo = Annotated[str, Query(pattern=rf"{TICKET_NO}|^$")]


@router.get(
    "/disclosures.{ending}",
    dependencies=[needs(Permission.READ_DISCLOSURES)],
    summary="Who was shown whose personal data, as a table",
    response_class=StreamingResponse,
    responses={**FILE, **documented(*ACCESS, "too_many_rows", "malformed")},
)
async def export_disclosures(
    ending: Ending, asks: Asks, ticket_no: _TicketNo = "", language: Spoken = None
) -> StreamingResponse:
    """The newest first, in one snapshot, for all tickets or for one. At most 100,000 rows."""
    rows = disclosures.every(asks.behind.engine, ticket_no=ticket_no)
    columns = tables.of_disclosures(asks.names)
    return await asks.file(rows, columns, ending=ending, called="vocloop-disclosures", language=language)


@router.get(
    "/webhooks/{webhook_id}/deliveries.{ending}",
    dependencies=[needs(Permission.MANAGE_WEBHOOKS)],
    summary="What a subscription was sent, as a table",
    response_class=StreamingResponse,
    responses={**FILE, **documented(*ACCESS, "unknown_webhook", "too_many_rows", "malformed")},
)
async def export_deliveries(
    webhook_id: WebhookId,
    ending: Ending,
    asks: Asks,
    state: Annotated[Literal["pending", "delivered", "given_up"] | None, Query()] = None,
    ticket_no: Annotated[str | None, Query(max_length=64)] = None,
    language: Spoken = None,
) -> StreamingResponse:
    """The log, the newest first, in one snapshot. At most 100,000 rows."""
    await show_webhook(webhook_id, asks.behind)
    rows = webhook_log.every_delivery(asks.behind.engine, webhook_id, state=state, ticket_no=ticket_no)
    return await asks.file(rows, tables.of_deliveries(), ending=ending, called="vocloop-deliveries", language=language)
