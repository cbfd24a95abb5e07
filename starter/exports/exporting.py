"""Any list as a file to take along. `export(rows, columns, format=…, …)` is all that a door needs.

The file is written whole before its first byte is sent: a list that cannot be read to its end becomes a problem and no
half file, and no reader's slow line keeps a transaction of the ledger open.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from enum import StrEnum
from typing import IO, Any
from urllib.parse import quote

from starlette.responses import StreamingResponse

from starter.exports import csv_file, xlsx_file
from starter.exports.columns import Cell, Column, Reader, cells
from starter.exports.csv_file import CsvFile
from starter.exports.xlsx_file import XlsxFile

MOST_ROWS = 100_000
_AT_ONCE = 500
_PIECE = 1 << 16


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


_FILES: dict[Format, type[CsvFile] | type[XlsxFile]] = {Format.CSV: CsvFile, Format.XLSX: XlsxFile}
_MEDIA_TYPES = {Format.CSV: csv_file.MEDIA_TYPE, Format.XLSX: xlsx_file.MEDIA_TYPE}


class TooManyRows(ValueError):  # noqa: N818 - an answer, not a fault
    """More than `most` rows: whoever asks has to ask for fewer."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"There are more than {most} rows: narrow the list and export it again.")


async def export(
    rows: AsyncGenerator[Any, None],
    columns: Sequence[Column],
    *,
    format: Format,  # noqa: A002 - what people call it
    file_name: str,
    reader: Reader,
    most: int = MOST_ROWS,
) -> StreamingResponse:
    """The rows as a file to be saved. `file_name` has no ending. Raises TooManyRows, and whatever `rows` raises."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    try:
        await _write(file, rows, columns, format=format, reader=reader, most=most)
        size = await asyncio.to_thread(_rewound, file)
    except BaseException:  # also when the reader goes away: nobody else has the file to close it
        file.close()
        raise
    return StreamingResponse(_pieces(file), headers=_headers(f"{file_name}.{format}", format, size))


async def each(items: Sequence[Any]) -> AsyncGenerator[Any, None]:
    """For a short list that is in memory already."""
    for item in items:
        yield item


async def _write(
    file: IO[bytes],
    rows: AsyncGenerator[Any, None],
    columns: Sequence[Column],
    *,
    format: Format,  # noqa: A002
    reader: Reader,
    most: int,
) -> None:
    table = _FILES[format](file, columns, reader)
    try:
        async with aclosing(_batches(rows, columns, reader, most=most)) as batches:
            async for batch in batches:
                await asyncio.to_thread(table.write, batch)
    finally:
        await asyncio.to_thread(table.finish)  # also when it is given up: Excel's writer has files of its own


async def _batches(
    rows: AsyncGenerator[Any, None], columns: Sequence[Column], reader: Reader, *, most: int
) -> AsyncGenerator[list[list[Cell]], None]:
    batch, count = list[list[Cell]](), 0
    async with aclosing(rows):
        async for row in rows:
            if count == most:
                raise TooManyRows(most)
            count += 1
            batch.append(cells(row, columns, reader))
            if len(batch) == _AT_ONCE:
                yield batch
                batch = []
    yield batch


def _rewound(file: IO[bytes]) -> int:
    """Its size; it is read from its beginning next."""
    size = file.seek(0, 2)
    file.seek(0)
    return size


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _headers(name: str, format: Format, size: int) -> dict[str, str]:  # noqa: A002
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return {
        "Content-Type": _MEDIA_TYPES[format],
        "Content-Length": str(size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
