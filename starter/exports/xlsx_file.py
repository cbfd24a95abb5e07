"""Rows as an Excel file, written row by row: 100,000 of them do not stand in memory."""

from collections.abc import Sequence
from datetime import datetime
from typing import IO
from zoneinfo import ZoneInfo

from starter.exports.columns import Cell, Column, Reader

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST = 32_767  # Excel's limit for a cell; xlsxwriter would leave a longer one out
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class XlsxFile:
    """Writes into `file`. Text is always text here: nothing in it is run. Instants are told in the reader's zone."""

    def __init__(self, file: IO[bytes], columns: Sequence[Column], reader: Reader) -> None:
        import xlsxwriter  # it starts slowly, and most processes never write a file of Excel's

        self._book = xlsxwriter.Workbook(file, _OPTIONS)
        self._sheet = self._book.add_worksheet()
        self._columns, self._zone, self._row = columns, ZoneInfo(reader.zone), 0
        self._instant = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = self._book.add_format({"bold": True})
        for number, column in enumerate(columns):
            self._sheet.set_column(number, number, max(column.width, 19) if column.is_instant else column.width)
        self._sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            said = reader.say(column.head)
            self._sheet.write_string(0, number, f"{said} ({reader.zone})" if column.is_instant else said, bold)

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            self._row += 1
            for number, cell in enumerate(row):
                self._write(number, cell)

    def finish(self) -> None:
        if self._row:
            self._sheet.autofilter(0, 0, self._row, len(self._columns) - 1)
        self._book.close()

    def _write(self, number: int, cell: Cell) -> None:
        if isinstance(cell, str):
            shown = cell if len(cell) <= _LONGEST else f"{cell[: _LONGEST - 1]}…"
            self._sheet.write_string(self._row, number, shown)
        elif isinstance(cell, datetime):
            there = cell.astimezone(self._zone).replace(tzinfo=None)  # Excel knows no zones
            self._sheet.write_datetime(self._row, number, there, self._instant)
        elif cell is not None:
            self._sheet.write_number(self._row, number, cell)
