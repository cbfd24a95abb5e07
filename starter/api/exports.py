"""The API's lists as files for a spreadsheet, with the same filters. Personal data is masked as it is there."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from domain.access import Permission
from domain.outlets import Audience
from domain.wording import Language
from ledger import notices, queries
from ledger.queries import ComplaintFilter
from starter.api.answers import TicketNo
from starter.api.exporting import FILE, Asks, Ending, Spoken
from starter.api.lists import show_timeline, told_to_of
from starter.exports import tables
from starter.exports.exporting import each
from starter.http.disclosures import shown_to
from starter.http.principals import Who, needs
from starter.http.problems import ACCESS, documented

router = APIRouter(tags=["exports"], dependencies=[needs(Permission.EXPORT)])


class AskedToExport(ComplaintFilter):
    """As the list's query, without pages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    department: str | None = Field(None, max_length=64)
    tag: str | None = Field(None, max_length=64)
    vin: str | None = Field(None, max_length=17)
    language: Language | None = Field(None, description="Of headers and names; else as Accept-Language says.")


@router.get(
    "/complaints.{ending}",
    summary="Complaints as a table",
    response_class=StreamingResponse,
    responses={**FILE, **documented(*ACCESS, "too_many_rows", "malformed")},
)
async def export_complaints(
    ending: Ending, asked: Annotated[AskedToExport, Query()], asks: Asks, who: Who
) -> StreamingResponse:
    """What the list would page through, in one snapshot. At most 100,000 rows."""
    filters = ComplaintFilter.model_validate(asked.model_dump(exclude={"language"}))
    rows = queries.every_complaint(asks.behind.engine, filters, at=asks.at, shown_to=shown_to(who))
    columns = tables.of_complaints(asks.names)
    return await asks.file(rows, columns, ending=ending, called="vocloop-complaints", language=asked.language)


@router.get(
    "/complaints/{ticket_no}/timeline.{ending}",
    summary="What happened to a complaint, as a table",
    response_class=StreamingResponse,
    responses={**FILE, **documented(*ACCESS, "unknown_complaint", "malformed")},
)
async def export_timeline(
    ticket_no: TicketNo, ending: Ending, asks: Asks, language: Spoken = None
) -> StreamingResponse:
    """The complaint's timeline, event by event, as the list has it."""
    told = await show_timeline(ticket_no, asks.behind)
    called = f"vocloop-{ticket_no}"
    return await asks.file(each(told.items), tables.of_timeline(), ending=ending, called=called, language=language)


@router.get(
    "/notices.{ending}",
    summary="The notice centre as a table",
    response_class=StreamingResponse,
    responses={**FILE, **documented(*ACCESS, "not_concerned", "too_many_rows", "malformed")},
)
async def export_notices(
    ending: Ending,
    asks: Asks,
    who: Who,
    audience: Annotated[Audience | None, Query()] = None,
    department: Annotated[str | None, Query(max_length=64)] = None,
    language: Spoken = None,
) -> StreamingResponse:
    """The newest first, in one snapshot, as the list has them for who asks. At most 100,000 rows."""
    told_to = told_to_of(who, department)
    rows = notices.every_notice(asks.behind.engine, department=told_to, audience=audience)
    columns = tables.of_notices(asks.names)
    return await asks.file(rows, columns, ending=ending, called="vocloop-notices", language=language)
