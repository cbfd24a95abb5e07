"""Whether the projections are what the events fold to, row by row."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.complaint import Complaint, Seen
from domain.events import Event
from ledger import tables as t
from ledger.policies import UnknownPolicy
from ledger.projection import complaint_from, refold, refusals_of, rows_of

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_Row = Mapping[str, Any]
_REBUILD = "run `vocloop ledger rebuild`"


class Difference(NamedTuple):
    """`sentence` names the row, by its table and key, and what differs in it."""

    ticket_no: str
    sentence: str


async def differences(connection: AsyncConnection, bodies: Mapping[str, Sequence[str]]) -> list[Difference]:
    """Every projected row that differs, is missing or is too many; `bodies` are each ticket's events, first to last."""
    there = await _projected(connection, tuple(bodies))
    found: list[Difference] = []
    for ticket_no, events in bodies.items():
        try:
            happened = [_EVENT.validate_json(body) for body in events]
            complaint = await refold(connection, happened)
        except (ValueError, UnknownPolicy):
            found.append(Difference(ticket_no, f"{ticket_no}: its events do not fold, so nothing can be compared."))
            continue
        wanted = rows_of(complaint) | {t.refusals: refusals_of(ticket_no, happened)}
        for table, rows in wanted.items():
            sentences = _of_table(table, rows, there[table][ticket_no], complaint)
            found += [Difference(ticket_no, f"{ticket_no}: {sentence}") for sentence in sentences]
    return found


async def _projected(
    connection: AsyncConnection, ticket_nos: Sequence[str]
) -> dict[Table, dict[str, list[dict[str, Any]]]]:
    there: dict[Table, dict[str, list[dict[str, Any]]]] = {}
    for table in t.PROJECTIONS:
        there[table] = defaultdict(list)
        rows = await connection.execute(select(table).where(table.c.ticket_no.in_(ticket_nos)))
        for row in rows.mappings():
            there[table][row["ticket_no"]].append(dict(row))
    return there


def _of_table(table: Table, wanted: Iterable[_Row], there: Iterable[_Row], complaint: Complaint) -> Iterator[str]:
    should, stands = _by_key(table, wanted), _by_key(table, there)
    for key in sorted(should.keys() | stands.keys(), key=str):
        name = " ".join([f"the row of {table.name}", *map(str, key)])
        if key not in stands:
            yield f"{name} is missing; {_REBUILD}."
        elif key not in should:
            yield f"{name} is one too many; {_REBUILD}."
        elif differing := [column for column in should[key] if not _agree(column, should[key], stands[key], complaint)]:
            yield f"{name} differs from its events in {', '.join(differing)}; {_REBUILD}."


def _by_key(table: Table, rows: Iterable[_Row]) -> dict[tuple[Any, ...], _Row]:
    """By primary key without the ticket number."""
    names = [column.name for column in table.primary_key if column.name != "ticket_no"]
    return {tuple(row[name] for name in names): row for row in rows}


def _agree(column: str, should: _Row, stands: _Row, complaint: Complaint) -> bool:
    if column == "state":  # compared as values: an older release wrote one field less
        try:
            stood = complaint_from(stands[column], complaint.policy)
            return stood == complaint.but(seen=_as_far_as_known(complaint.seen, stood.seen))
        except (ValidationError, TypeError):
            return False
    one, other = should[column], stands[column]
    return bool(one == other) if isinstance(one, datetime) else _plain(one) == _plain(other)


def _as_far_as_known(should: Mapping[str, Seen], stands: Mapping[str, Seen]) -> dict[str, Seen]:
    """`should` without what an older release did not write of a command: where it had left the complaint."""
    told = {key for key, seen in stands.items() if seen.stage}
    return {key: seen if key in told else Seen(seen.seq, seen.code) for key, seen in should.items()}


def _plain(value: object) -> str:
    """As JSON has it: a tuple is a list there, and an enumeration's member its text."""
    return json.dumps(value, sort_keys=True, default=str)
