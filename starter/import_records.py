"""Rows of delimited text with the line each begins on. A broken row is said to be broken, and reading goes on."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from starter.import_rows import ImportFileError, Rejected

Record = dict[str, str]
Numbered = tuple[int, Record]

_FIELD_LIMIT = 1 << 20  # far above any complaint; a stray quote must not swallow a whole file in silence


def csv_records(path: Path, *, needs: tuple[str, ...], delimiter: str = ",") -> Iterator[Numbered | Rejected]:
    """Records by the header's names; quoted cells may hold line breaks. Raises ImportFileError for a wrong header."""
    with _open(path, newline="") as file:
        csv.field_size_limit(_FIELD_LIMIT)
        reader = csv.reader(file, delimiter=delimiter)
        header = _header(path, reader, needs)
        line = reader.line_num + 1
        for cells in _cells(reader):
            if isinstance(cells, csv.Error):
                yield Rejected(line=line, reason=f"The row cannot be read as CSV: {cells}.")
            elif any(cell.strip() for cell in cells):
                yield _record(line, header, cells)
            line = reader.line_num + 1


def tab_records(path: Path, *, fields: dict[str, int], width: int) -> Iterator[Numbered | Rejected]:
    """Records of a file without header or quoting; `fields` names the columns that are wanted, from 0."""
    with _open(path, newline="\n") as file:
        for line, text in enumerate(file, start=1):
            cells = _as_latin(text.rstrip("\r\n")).split("\t")
            if cells == [""]:
                continue
            if len(cells) < width:
                reason = f"The row has {len(cells)} columns instead of {width} or more."
                yield Rejected(line=line, reason=reason)
            else:
                yield line, {name: cells[column].strip() for name, column in fields.items()}


def _open(path: Path, *, newline: str) -> IO[str]:
    try:
        # A byte that is not UTF-8 spoils its own row only.
        return path.open(encoding="utf-8-sig", errors="surrogateescape", newline=newline)
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read: {error.strerror}; give a file that exists.") from None


def _header(path: Path, reader: Iterator[list[str]], needs: tuple[str, ...]) -> list[str]:
    header = [name.strip() for name in next(reader, [])]
    if missing := [name for name in needs if name not in header]:
        raise ImportFileError(
            f"{path} has no column {', '.join(missing)}; choose the format that fits the file and save it as UTF-8."
        )
    return header


def _cells(reader: Iterator[list[str]]) -> Iterator[list[str] | csv.Error]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error


def _record(line: int, header: list[str], cells: list[str]) -> Numbered | Rejected:
    if len(cells) != len(header):
        return Rejected(line=line, reason=f"The row has {len(cells)} columns and the header {len(header)}.")
    if any(not _is_text(cell) for cell in cells):
        return Rejected(line=line, reason="The row is not UTF-8; save the file as UTF-8.")
    return line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _is_text(cell: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in cell)


def _as_latin(text: str) -> str:
    """NHTSA wrote its older files in Windows' Latin."""
    return text if _is_text(text) else text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
