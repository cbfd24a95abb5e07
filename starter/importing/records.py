"""Rows of delimited text with the line each begins on. A broken row is said to be broken, and reading goes on."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from starter.importing.rows import ImportFileError, Rejected

Record = dict[str, str]
Numbered = tuple[int, Record]

_FIELD_LIMIT = 1 << 20  # far above any complaint, and as far as a stray quote can reach


def csv_records(path: Path, *, needs: tuple[str, ...], delimiter: str = ",") -> Iterator[Numbered | Rejected]:
    """Records by the header's names; quoted cells may hold line breaks. Raises ImportFileError for a wrong header."""
    csv.field_size_limit(_FIELD_LIMIT)
    with _open(path, newline="") as file:
        lines = _Lines(file)
        header = _header(path, _parsed(lines, delimiter), needs)
        while True:
            line = lines.number
            cells = _cells(lines, delimiter, width=len(header))
            if cells is None:
                return
            if any(cell.strip() for cell in cells or lines.taken):
                yield _record(line, header, cells)


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


class _Lines:
    """A file's lines, of which some may be given back. `number` is the next line's."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._returned: list[str] = []
        self.taken: list[str] = []
        self.number = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.pop() if self._returned else next(self._file)
        self.taken.append(line)
        self.number += 1
        return line

    def keep(self, count: int) -> None:
        """Give back all that was taken but the first `count` lines."""
        back = self.taken[count:]
        self._returned.extend(reversed(back))
        self.taken = self.taken[:count]
        self.number -= len(back)


def _cells(lines: _Lines, delimiter: str, *, width: int) -> list[str] | None:
    """The next row's cells; None at the end of the file.

    A quote left open swallows the rows after it. So a row that does not fit ends where one begins that does, and what
    is left of it is read again as it stands.
    """
    lines.taken = []
    cells = _parsed(lines, delimiter)
    if not lines.taken:
        return None
    if len(cells) == width:
        return cells
    later = range(1, len(lines.taken))
    begins = (count for count in later if len(_parsed(lines.taken[count : count + 1], delimiter)) == width)
    lines.keep(next(begins, len(lines.taken)))
    return _parsed(lines.taken, delimiter, strict=False)


def _parsed(lines: Iterable[str], delimiter: str, *, strict: bool = True) -> list[str]:
    """The first row's cells; none when there is no row or it is not well quoted."""
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=strict), [])
    except csv.Error:
        return []


def _open(path: Path, *, newline: str) -> IO[str]:
    try:
        # A byte that is not UTF-8 spoils its own row only.
        return path.open(encoding="utf-8-sig", errors="surrogateescape", newline=newline)
    except OSError as error:
        raise ImportFileError(f"{path} cannot be read: {error.strerror}; give a file that exists.") from None


def _header(path: Path, cells: list[str], needs: tuple[str, ...]) -> list[str]:
    header = [name.strip() for name in cells]
    if missing := [name for name in needs if name not in header]:
        raise ImportFileError(
            f"{path} has no column {', '.join(missing)}; choose the format that fits the file and save it as UTF-8."
        )
    return header


def _record(line: int, header: list[str], cells: list[str]) -> Numbered | Rejected:
    if len(cells) != len(header):
        reason = f"The row has {len(cells)} columns and the header {len(header)}; look at its quotes and commas."
        return Rejected(line=line, reason=reason)
    if any(not _is_text(cell) for cell in cells):
        return Rejected(line=line, reason="The row is not UTF-8; save the file as UTF-8.")
    return line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _is_text(cell: str) -> bool:
    return cell.isascii() or not any("\udc80" <= character <= "\udcff" for character in cell)


def _as_latin(text: str) -> str:
    """NHTSA wrote its older files in Windows' Latin."""
    return text if _is_text(text) else text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
