"""Whether the record is still what was written: the chain of each complaint, and where it ends.

The chain proves every row up to the last one there. That the last one is still there is proved by the projection and,
against somebody who changes both, by heads that were anchored outside the database.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.policy import Value
from ledger import tables as t
from ledger.chain import GENESIS, digest
from ledger.comparing import differences
from ledger.database import reading

_Row = dict[str, Any]
_AT_A_TIME = 50  # complaints
Progress = Callable[[int, int], None]  # how many complaints are done, and of how many


class FaultKind(StrEnum):
    CHANGED = "changed"
    MISSING = "missing"
    REORDERED = "reordered"
    UNKNOWN = "unknown"  # a row that the projection never heard of
    PROJECTION = "projection"  # what lists read is not what the events say


class Fault(NamedTuple):
    ticket_no: str
    seq: int
    kind: FaultKind
    sentence: str


class Head(Value):
    """Where a complaint's chain ends: enough, kept elsewhere, to prove later that nothing up to here was touched."""

    ticket_no: str
    seq: int
    hash: str


async def verify(
    engine: AsyncEngine,
    on_progress: Progress | None = None,
    *,
    anchored: Iterable[Head] = (),
    chain_only: bool = False,
) -> tuple[Fault, ...]:
    """Every changed, missing or reordered row, by ticket and seq; empty when the ledger is whole.

    `anchored` are heads exported earlier; without them a tail cut off together with its projection goes unseen.
    Where a complaint's chain is whole, each row that lists read is compared with what the events fold to, unless
    `chain_only`, which is many times faster.
    """
    anchors = {head.ticket_no: head for head in anchored}
    faults: list[Fault] = []
    async with reading(engine) as connection:
        projected = await connection.execute(select(t.complaints.c.ticket_no, t.complaints.c.seq))
        known = dict(projected.all())
        total = await connection.scalar(select(func.count(t.events.c.ticket_no.distinct()))) or 0
        done = 0
        async for some in _batches(connection):
            whole = {}
            for ticket_no, rows in some.items():
                broken = [*_of_complaint(ticket_no, rows, known.pop(ticket_no, 0), anchors.pop(ticket_no, None))]
                faults += broken
                if not broken:
                    whole[ticket_no] = rows
            if not chain_only:
                faults += await _differing(connection, whole)
            done += len(some)
            if on_progress:
                on_progress(done, total)
    for ticket_no in sorted({*known, *anchors}):
        faults += _missing(ticket_no, 1, _expected(known.get(ticket_no, 0), anchors.get(ticket_no)))
    return tuple(faults)


async def heads(engine: AsyncEngine) -> tuple[Head, ...]:
    """The last row of every complaint, by ticket number: keep them outside the database."""
    last = select(t.events.c.ticket_no, func.max(t.events.c.seq).label("seq")).group_by(t.events.c.ticket_no).subquery()
    query = select(t.events.c.ticket_no, t.events.c.seq, t.events.c.hash).join(
        last, (t.events.c.ticket_no == last.c.ticket_no) & (t.events.c.seq == last.c.seq)
    )
    async with reading(engine) as connection:
        rows = await connection.execute(query.order_by(t.events.c.ticket_no))
        return tuple(Head.model_validate(dict(row._mapping)) for row in rows)


async def _differing(connection: AsyncConnection, chains: dict[str, list[_Row]]) -> list[Fault]:
    bodies = {ticket_no: [row["body"] for row in rows] for ticket_no, rows in chains.items()}
    found = await differences(connection, bodies)
    return [Fault(each.ticket_no, len(bodies[each.ticket_no]), FaultKind.PROJECTION, each.sentence) for each in found]


async def _batches(connection: AsyncConnection) -> AsyncIterator[dict[str, list[_Row]]]:
    """The chains, some at a time: as many as are held in memory together."""
    some: dict[str, list[_Row]] = {}
    async for ticket_no, rows in _chains(connection):
        some[ticket_no] = rows
        if len(some) == _AT_A_TIME:
            yield some
            some = {}
    if some:
        yield some


async def _chains(connection: AsyncConnection) -> AsyncIterator[tuple[str, list[_Row]]]:
    """Each complaint's rows in order; one complaint after the other."""
    rows: list[_Row] = []
    stream = await connection.stream(select(t.events).order_by(t.events.c.ticket_no, t.events.c.seq))
    async for found in stream:
        row = found._asdict()
        if rows and rows[0]["ticket_no"] != row["ticket_no"]:
            yield rows[0]["ticket_no"], rows
            rows = []
        rows.append(row)
    if rows:
        yield rows[0]["ticket_no"], rows


def _of_complaint(ticket_no: str, rows: list[_Row], known: int, anchor: Head | None) -> Iterator[Fault]:
    yield from _broken_links(ticket_no, rows)
    last = rows[-1]["seq"]
    yield from _missing(ticket_no, last + 1, _expected(known, anchor))
    if known < last:
        what = _named(known + 1, last)
        sentence = f"{ticket_no}: {what} not in the projection: added by hand, or the projection needs a rebuild."
        yield Fault(ticket_no, known + 1, FaultKind.UNKNOWN, sentence)
    if anchor and any(row["seq"] == anchor.seq and row["hash"] != anchor.hash for row in rows):
        sentence = f"{ticket_no}: event {anchor.seq}, or one before it, is not what was anchored."
        yield Fault(ticket_no, anchor.seq, FaultKind.CHANGED, sentence)


def _broken_links(ticket_no: str, rows: list[_Row]) -> Iterator[Fault]:
    before: _Row | None = None
    is_before_faulty = False
    for row in rows:
        expected = before["seq"] + 1 if before else 1
        yield from _missing(ticket_no, expected, row["seq"] - 1)
        is_faulty = digest(row) != row["hash"]
        is_linked = row["prev_hash"] == (before["hash"] if before else GENESIS)
        if is_faulty:
            yield _altered(ticket_no, row, rows)
        elif not is_linked and row["seq"] == expected and not is_before_faulty:
            # The row vouches for itself and names another before it: that one was changed, and its hash with it.
            yield _changed(ticket_no, max(row["seq"] - 1, 1))
        before, is_before_faulty = row, is_faulty


def _altered(ticket_no: str, row: _Row, rows: list[_Row]) -> Fault:
    """The row's hash fits another place, so it was moved; or none, so it was changed."""
    for place in range(1, rows[-1]["seq"] + 1):
        if digest({**row, "seq": place}) == row["hash"]:
            sentence = f"{ticket_no}: event {place} stands in the place of event {row['seq']}."
            return Fault(ticket_no, row["seq"], FaultKind.REORDERED, sentence)
    return _changed(ticket_no, row["seq"])


def _changed(ticket_no: str, seq: int) -> Fault:
    return Fault(ticket_no, seq, FaultKind.CHANGED, f"{ticket_no}: event {seq} was changed after it was written.")


def _missing(ticket_no: str, first: int, last: int) -> Iterator[Fault]:
    """One fault for the run from `first` to `last`, none when that is empty."""
    if first <= last:
        yield Fault(ticket_no, first, FaultKind.MISSING, f"{ticket_no}: {_named(first, last)} missing.")


def _named(first: int, last: int) -> str:
    return f"event {first} is" if first == last else f"events {first} to {last} are"


def _expected(known: int, anchor: Head | None) -> int:
    return max(known, anchor.seq if anchor else 0)
