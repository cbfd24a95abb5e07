"""What the routes that answer with a file have in common."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from domain.wording import Language
from starter.api.answers import At
from starter.exports import csv_file, xlsx_file
from starter.exports.columns import Column, Reader
from starter.exports.exporting import Format, TooManyRows, export
from starter.http.behind import BehindRoutes
from starter.http.problems import Problem, language_of
from starter.telling.events import Names

_BINARY = {"schema": {"type": "string", "format": "binary"}}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file. Instants are in the company's time zone; CSV has them in UTC beside it.",
        "content": {csv_file.MEDIA_TYPE: _BINARY, xlsx_file.MEDIA_TYPE: _BINARY},
    }
}

Ending = Annotated[Format, Path(description="`csv` or `xlsx`.")]
Spoken = Annotated[Language | None, Query(description="Of headers and names; else as Accept-Language says.")]


class Exporting:
    """What every export needs to know of its request."""

    def __init__(self, request: Request, behind: BehindRoutes, at: At) -> None:
        self.behind, self.at, self.names = behind, at, Names(behind.files)
        self.zone = behind.files.policy_at(at).calendar.zone
        self._accepted = language_of(request)

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
        name = f"{called}-{_stamp(self.at, self.zone)}"
        reader = Reader(language or self._accepted, self.zone)
        try:
            return await export(rows, columns, format=ending, file_name=name, reader=reader)
        except TooManyRows as refused:
            said = (f"超过 {refused.most} 行；请加上筛选条件后再导出。", str(refused))
            raise Problem("too_many_rows", detail=said) from None


Asks = Annotated[Exporting, Depends()]


def _stamp(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y%m%d-%H%M}"
