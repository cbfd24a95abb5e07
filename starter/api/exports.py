"""The API's lists as files for a spreadsheet, with the same filters. Personal data is masked as it is there."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from domain.access import Permission
from domain.outlets import Audience
from domain.wording import Language
from ledger import notices, queries
from ledger.queries import ComplaintFilter
from starter.api.answers import At, TicketNo
from starter.api.lists import show_timeline, told_to_of
from starter.exports import csv_file, tables, xlsx_file
from starter.exports.columns import Column, Reader
from starter.exports.exporting import Format, TooManyRows, each, export
from starter.http.behind import BehindRoutes
from starter.http.disclosures import shown_to
from starter.http.principals import Who, needs
from starter.http.problems import ACCESS, Problem, documented, language_of
from starter.telling.events import Names

router = APIRouter(tags=["exports"], dependencies=[needs(Permission.EXPORT)])

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file. Instants are in the company's time zone; CSV has them in UTC beside it.",
        "content": {csv_file.MEDIA_TYPE: _BINARY, xlsx_file.MEDIA_TYPE: _BINARY},
    }
}

Ending = Annotated[Format, Path(description="`csv` or `xlsx`.")]
Spoken = Annotated[Language | None, Query(description="Of headers and names; else as Accept-Language says.")]


class AskedToExport(ComplaintFilter):
    """As the list's query, without pages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    department: str | None = Field(None, max_length=64)
    tag: str | None = Field(None, max_length=64)
    vin: str | None = Field(None, max_length=17)
    language: Language | None = Field(None, description="Of headers and names; else as Accept-Language says.")


class Exporting:
    """What every export needs to know of its request."""

    def __init__(self, request: Request, behind: BehindRoutes, at: At) -> None:
        self.behind, self.at, self.names = behind, at, Names(behind.files)
        self._accepted, self._zone = language_of(request), behind.files.policy_at(at).calendar.zone

    async def file(
        self,
        rows: AsyncGenerator[Any, None],
        columns: Sequence[Column],
        *,
        ending: Format,
        called: str,
        language: Language | None,
    ) -> StreamingResponse:
        """Raises the problem `too_many_rows`."""
        name = f"{called}-{_stamp(self.at, self._zone)}"
        reader = Reader(language or self._accepted, self._zone)
        try:
            return await export(rows, columns, format=ending, file_name=name, reader=reader)
        except TooManyRows as refused:
            said = (f"超过 {refused.most} 行；请加上筛选条件后再导出。", str(refused))
            raise Problem("too_many_rows", detail=said) from None


Asks = Annotated[Exporting, Depends()]


@router.get(
    "/complaints.{ending}",
    summary="Complaints as a table",
    response_class=StreamingResponse,
    responses={**_FILE, **documented(*ACCESS, "too_many_rows", "malformed")},
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
    responses={**_FILE, **documented(*ACCESS, "unknown_complaint", "malformed")},
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
    responses={**_FILE, **documented(*ACCESS, "not_concerned", "too_many_rows", "malformed")},
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


def _stamp(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y%m%d-%H%M}"
