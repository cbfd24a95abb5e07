"""Rows as CSV that Excel opens as it is: UTF-8 with its mark, RFC 4180, and no cell that a spreadsheet would run."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import IO
from zoneinfo import ZoneInfo

from starter.exports.columns import Cell, Column, Reader

MEDIA_TYPE = "text/csv; charset=utf-8"
_RUNS = "=+-@＝＋－＠﹢﹣﹦﹫−"  # also as Chinese keyboards write them
_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"  # strip() takes white space alone


def harmless(text: str) -> str:
    """The text as it is, behind an apostrophe where a spreadsheet might take it for a formula."""
    plain = text.replace("\r\n", "\n").replace("\x00", "")
    begins = plain.lstrip().lstrip(_UNSEEN).lstrip()
    return f"'{plain}" if begins.startswith(tuple(_RUNS)) or plain.startswith(("\t", "\r", "\n")) else plain


class CsvFile:
    """Writes into `file`. An instant takes two columns: in the reader's zone, and in UTC."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], reader: Reader) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="", write_through=False)
        self._rows = csv.writer(self._text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self._columns, self._zone = columns, ZoneInfo(reader.zone)
        self._rows.writerow([head for column in columns for head in _heads(column, reader)])

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        self._rows.writerows(
            [part for cell, column in zip(row, self._columns, strict=True) for part in self._parts(cell, column)]
            for row in rows
        )

    def finish(self) -> None:
        self._text.flush()
        self._text.detach()

    def _parts(self, cell: Cell, column: Column) -> tuple[str | int | float, ...]:
        if column.is_instant:
            return _instant(cell, self._zone)
        if cell is None:
            return ("",)
        return (
            harmless(cell) if isinstance(cell, str) else cell if not isinstance(cell, datetime) else cell.isoformat(),
        )


def _instant(cell: Cell, zone: ZoneInfo) -> tuple[str, str]:
    if not isinstance(cell, datetime):
        return "", ""
    return f"{cell.astimezone(zone):%Y-%m-%d %H:%M:%S}", f"{cell.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _heads(column: Column, reader: Reader) -> tuple[str, ...]:
    said = harmless(reader.say(column.head))
    return (f"{said} ({reader.zone})", f"{said} (UTC)") if column.is_instant else (said,)
