"""Complaint files become tickets. A bad row is reported with its line, and the rest go on."""

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path

from domain.ticket import Ticket
from policy.reading import PolicyFiles
from starter.importing.formats import (
    CN_COLUMNS,
    NHTSA_COLUMNS,
    NHTSA_FIELDS,
    NHTSA_WIDTH,
    Dictionary,
    from_cn_complaint,
    from_nhtsa,
)
from starter.importing.maps import read_map
from starter.importing.records import Numbered, Record, csv_records, tab_records
from starter.importing.rows import Accepted, ImportFileError, Rejected, Row, RowError

_DATA = Path(__file__).parent / "data"

Records = Iterator[Numbered | Rejected]


class Format(StrEnum):
    CN_COMPLAINTS = "cn-complaints"
    NHTSA_CSV = "nhtsa-csv"
    NHTSA_FLAT = "nhtsa-flat"
    CSV = "csv"


def read_tickets(
    path: Path,
    *,
    format: Format | str,  # noqa: A002
    policy: PolicyFiles,
    received_at: datetime,
    map_path: Path | None = None,
    limit: int | None = None,
) -> Iterator[Row]:
    """Each row of the file, as it is read: a ticket with its own date, or why it is none.

    `received_at` (aware) says which policy's tags hold. Raises ImportFileError when the file is not of this format.
    """
    dictionary = Dictionary(policy.mappings, policy.policy_at(received_at).matrix)
    records, convert = _opened(path, Format(format), dictionary, map_path, received_at)
    return islice(_rows(records, convert), limit)


def sample(policy: PolicyFiles, received_at: datetime) -> tuple[Ticket, ...]:
    """The bundled tickets of an invented carmaker's customers, for the demo."""
    rows = read_tickets(
        _DATA / "sample_tickets.csv",
        format=Format.CSV,
        map_path=_DATA / "sample_map.toml",
        policy=policy,
        received_at=received_at,
    )
    return tuple(row.ticket for row in rows if isinstance(row, Accepted))


def _opened(
    path: Path, format_: Format, dictionary: Dictionary, map_path: Path | None, received_at: datetime
) -> tuple[Records, Callable[[Record], Ticket]]:
    match format_:
        case Format.CN_COMPLAINTS:
            return csv_records(path, needs=CN_COLUMNS), lambda row: from_cn_complaint(row, dictionary)
        case Format.NHTSA_CSV:
            return csv_records(path, needs=NHTSA_COLUMNS), lambda row: from_nhtsa(row, dictionary)
        case Format.NHTSA_FLAT:
            records = tab_records(path, fields=NHTSA_FIELDS, width=NHTSA_WIDTH)
            return records, lambda row: from_nhtsa(row, dictionary)
        case Format.CSV:
            if map_path is None:
                raise ImportFileError("A CSV of your own needs --map: name the file that says what its columns are.")
            columns = read_map(map_path)
            needs = tuple(columns.columns.values())
            records = csv_records(path, needs=needs, delimiter=columns.delimiter)
            return records, lambda row: columns.ticket(row, received_at=received_at)


def _rows(records: Records, convert: Callable[[Record], Ticket]) -> Iterator[Row]:
    first_lines: dict[str, int] = {}
    for record in records:
        row = record if isinstance(record, Rejected) else _row(*record, convert)
        if isinstance(row, Accepted):
            first = first_lines.setdefault(row.ticket.ticket_no, row.line)
            if first != row.line:
                row = Rejected(line=row.line, reason=f"Its ticket number is already on line {first}.")
        yield row


def _row(line: int, record: Record, convert: Callable[[Record], Ticket]) -> Row:
    try:
        return Accepted(line=line, ticket=convert(record))
    except RowError as error:
        return Rejected(line=line, reason=str(error))
