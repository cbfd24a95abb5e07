"""Histories of tickets from files. A bad row is named with its line and reason, and the rest go on."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from starter.importing.records import Record, csv_records
from starter.importing.rows import ImportFileError, Rejected, RowError
from starter.simulating.cases import LogEvent, State


class LogFormat(StrEnum):
    BPI2013 = "bpi2013"
    CSV = "csv"
    LEDGER = "ledger"


_BPI_COLUMNS = ("SR Number", "Change Date+Time", "Status", "Sub Status", "Involved ST")
_CSV_COLUMNS = ("ticket", "at", "team", "status")

_LONGEST_TEAM = 64  # as a department's id
_BPI_WAITS = {"Wait - User": State.WAITING_USER}
_BPI_DONE = {"Closed": State.CLOSED, "Cancelled": State.WITHDRAWN}


def read_log(path: Path, *, format: LogFormat) -> Iterator[LogEvent | Rejected]:  # noqa: A002
    """Each row of the file, in its order. Raises ImportFileError when the file is not of this format."""
    needs, row_to_event = _READERS[format]
    for row in csv_records(path, needs=needs, delimiter=_delimiter(path)):
        yield row if isinstance(row, Rejected) else _read(row[0], row[1], row_to_event)


def _read(line: int, record: Record, row_to_event: Callable[[Record], LogEvent]) -> LogEvent | Rejected:
    try:
        return row_to_event(record)
    except RowError as error:
        return Rejected(line=line, reason=str(error))


def _delimiter(path: Path) -> str:
    """The challenge's own files are cut by semicolons, the copies of others by commas."""
    if str(path) == "-":
        raise ImportFileError("A log is read from a file, not from standard input; save it and give its path.")
    if {".xes", ".gz", ".zip"} & {suffix.lower() for suffix in path.suffixes}:
        raise ImportFileError(f"{path.name} is not CSV, and XES is not read; unpack it and give the log's CSV.")
    if not path.is_file():
        raise ImportFileError(f"{path} is no file that can be read; give the path of a log that exists.")
    with path.open("rb") as file:
        return ";" if b";" in file.readline(10_000) else ","


def _from_bpi(row: Record) -> LogEvent:
    return LogEvent(
        ticket=_named(row["SR Number"], "SR Number"),
        at=_instant(row["Change Date+Time"]),
        team=_team(row["Involved ST"]),
        state=_bpi_state(row["Status"], row["Sub Status"]),
    )


def _bpi_state(status: str, sub_status: str) -> State:
    match status:
        case "Completed":
            return _BPI_DONE.get(sub_status, State.RESOLVED)
        case "Accepted" if sub_status.startswith("Wait"):
            return _BPI_WAITS.get(sub_status, State.WAITING)
        case "Accepted":
            return State.WORKING
        case "Queued" | "Unmatched":
            return State.QUEUED
    raise RowError("The row's Status is none of Accepted, Queued, Completed, Unmatched.")


def _from_csv(row: Record) -> LogEvent:
    try:
        state = State(row["status"])
    except ValueError:
        raise RowError(f"The row's status is none of {', '.join(State)}.") from None
    return LogEvent(
        ticket=_named(row["ticket"], "ticket"),
        at=_instant(row["at"]),
        team=_team(row["team"]),
        state=state,
        tags=tuple(dict.fromkeys(tag.strip() for tag in row.get("tags", "").split("|") if tag.strip())),
    )


def _named(cell: str, column: str) -> str:
    if not cell:
        raise RowError(f"The row has no {column}.")
    return cell


def _team(cell: str) -> str:
    if len(cell) > _LONGEST_TEAM:
        raise RowError(f"The row's team is longer than {_LONGEST_TEAM} characters.")
    return cell


def _instant(cell: str) -> datetime:
    try:
        at = datetime.fromisoformat(cell)
        if at.tzinfo is None:
            raise RowError("The row's instant says no offset from UTC; write it as in 2026-03-02T09:00:00+08:00.")
        return at.astimezone(UTC)
    except RowError:
        raise
    except (ValueError, OverflowError):
        raise RowError("The row has no instant that can be read." if cell else "The row has no instant.") from None


_READERS: dict[LogFormat, tuple[tuple[str, ...], Callable[[Record], LogEvent]]] = {
    LogFormat.BPI2013: (_BPI_COLUMNS, _from_bpi),
    LogFormat.CSV: (_CSV_COLUMNS, _from_csv),
}
