"""The append-only record of what happened: gap-free and hash-chained for each complaint.

Appending moves the projections in the same transaction, by the domain's own fold.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial, reduce
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.complaint import Complaint
from domain.events import Event, Opened, PolicyAdopted, Reclassified
from domain.fold import apply
from domain.outlets import LedgerBatch
from ledger import policies, red_lines, webhook_outbox
from ledger import tables as t
from ledger.chain import GENESIS, linked
from ledger.database import reading, written
from ledger.messages import keeping_messages
from ledger.messages import messages as messages
from ledger.projection import complaint_from, moved, project_anew, refold
from ledger.rows import Write, write
from ledger.webhook_tables import webhooks

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)

# Made once: each append asks them.
_ADD_EVENTS = insert(t.events)
_IS_TOLD = select(webhooks.c.webhook_id).where(webhooks.c.is_active).exists()
_STANDS = (t.complaints.c.ticket_no == t.events.c.ticket_no) & (t.complaints.c.seq == t.events.c.seq)
_HEAD = (
    select(t.events.c.seq, t.events.c.hash, t.complaints.c.state, t.complaints.c.policy_version, _IS_TOLD)
    .select_from(t.events.outerjoin(t.complaints, _STANDS))
    .where(t.events.c.ticket_no == bindparam("of"))
    .order_by(t.events.c.seq.desc())
    .limit(1)
)


class LedgerGap(Exception):  # noqa: N818  The port names it so.
    """The batch does not follow on what the ledger has. Sending it again cannot mend that."""


class LedgerFork(Exception):  # noqa: N818  The port names it so.
    """The ledger already has another event in that place. Sending it again cannot mend that."""


class RecordedEvent(NamedTuple):
    event: Event
    recorded_at: datetime
    hash: str


class _Head(NamedTuple):
    """Where the complaint's events end, and the projected complaint if it stands just there."""

    seq: int
    hash: str
    state: dict[str, Any] | None = None
    policy_version: str | None = None
    is_told: bool = True  # somebody may have subscribed to what happens


async def append(engine: AsyncEngine, batch: LedgerBatch, *, recorded_at: datetime) -> int:
    """Append the batch's events and messages and move the projections; returns the complaint's last seq.

    All or nothing, and safe to repeat: what is already there is skipped. Raises LedgerGap, LedgerFork,
    policies.UnknownPolicy, or LedgerUnavailable while the database is away.
    """
    # Two writers of one complaint find the same place taken; who comes second looks again at what is there.
    return await written(engine, partial(_append, batch=batch, recorded_at=recorded_at))


async def _append(connection: AsyncConnection, *, batch: LedgerBatch, recorded_at: datetime) -> int:
    head = await _head(connection, batch.ticket_no)
    _check_follows(batch, head)
    await _check_same(connection, batch, head)
    new = [event for event in batch.events if event.seq > head.seq]
    said = keeping_messages(connection.dialect.name, batch, recorded_at=recorded_at)
    if not new:
        await write(connection, [said])
        return head.seq
    rows = linked(new, ticket_no=batch.ticket_no, after=head.hash, recorded_at=recorded_at)
    before = await _move(connection, batch.ticket_no, head, new, also=[(_ADD_EVENTS, list(rows)), said])
    await _raise_red_line(connection, batch.ticket_no, before, new)
    if head.is_told:
        await _tell_subscribers(connection, batch.ticket_no, before, new, queued_at=recorded_at)
    return new[-1].seq


async def events_of(engine: AsyncEngine, ticket_no: str) -> tuple[Event, ...]:
    """The complaint's events, first to last; empty when the ledger does not know it."""
    return tuple(recorded.event for recorded in await timeline(engine, ticket_no))


async def timeline(engine: AsyncEngine, ticket_no: str) -> tuple[RecordedEvent, ...]:
    """The complaint's events, first to last, with the instant each was recorded and its hash."""
    async with reading(engine) as connection:
        return await timeline_in(connection, ticket_no)


async def timeline_in(connection: AsyncConnection, ticket_no: str, *, since: int = 1) -> tuple[RecordedEvent, ...]:
    query = select(t.events.c.body, t.events.c.recorded_at, t.events.c.hash).order_by(t.events.c.seq)
    mine = query.where(t.events.c.ticket_no == ticket_no, t.events.c.seq >= since)
    rows = (await connection.execute(mine)).all()
    return tuple(RecordedEvent(_EVENT.validate_json(row.body), row.recorded_at, row.hash) for row in rows)


async def _head(connection: AsyncConnection, ticket_no: str) -> _Head:
    last = (await connection.execute(_HEAD, {"of": ticket_no})).one_or_none()
    return _Head(*last) if last else _Head(0, GENESIS)


def _check_follows(batch: LedgerBatch, head: _Head) -> None:
    if not batch.events:
        return
    first = batch.events[0]
    if first.seq > head.seq + 1:
        raise LedgerGap(f"{batch.ticket_no}: event {first.seq} cannot follow {head.seq}")
    for before, after in pairwise(batch.events):
        if after.seq != before.seq + 1:
            raise LedgerGap(f"{batch.ticket_no}: event {after.seq} cannot follow {before.seq}")
    if first.seq == 1 and not (isinstance(first, Opened) and first.ticket.ticket_no == batch.ticket_no):
        raise LedgerGap(f"{batch.ticket_no}: its first event must be its own opening")


async def _check_same(connection: AsyncConnection, batch: LedgerBatch, head: _Head) -> None:
    """What comes again must be what is there. Compared as values: a later release may write one field more."""
    if not batch.events or batch.events[0].seq > head.seq:
        return
    there = await timeline_in(connection, batch.ticket_no, since=batch.events[0].seq)
    for recorded, event in zip(there, batch.events, strict=False):
        if recorded.event != event:
            raise LedgerFork(f"{batch.ticket_no}: the ledger has another event {event.seq}")


async def _move(
    connection: AsyncConnection, ticket_no: str, head: _Head, new: Sequence[Event], *, also: Sequence[Write]
) -> Complaint | None:
    """Move the projections by `new`, which `also` adds; the complaint before it, where it was projected."""
    for event in new:
        if isinstance(event, PolicyAdopted):
            await policies.keep_in(connection, event.policy)
    before = await _standing(connection, head)
    if before or head.seq == 0:
        after = reduce(apply, new, before) if before else await refold(connection, new)
        await write(connection, [*also, *moved(connection.dialect.name, before, after, new)])
    else:
        await write(connection, also)
        # There is no projection, or somebody damaged it, or an older release wrote it: the events tell it whole.
        everything = await timeline_in(connection, ticket_no)
        await project_anew(connection, [recorded.event for recorded in everything])
    return before


async def _raise_red_line(
    connection: AsyncConnection, ticket_no: str, before: Complaint | None, new: Sequence[Event]
) -> None:
    """In this transaction, so that no tag is recorded and its red line is not owed."""
    tagged = [event for event in new if isinstance(event, Opened | Reclassified | PolicyAdopted)]
    if not tagged:
        return
    everything = [] if before else await timeline_in(connection, ticket_no)
    told = [recorded.event for recorded in everything]
    after = reduce(apply, new, before) if before else await refold(connection, told)
    await red_lines.owe_by_tag(connection, before, after, at=tagged[-1].at)


async def _tell_subscribers(
    connection: AsyncConnection, ticket_no: str, before: Complaint | None, new: Sequence[Event], *, queued_at: datetime
) -> None:
    """In this transaction, so that nothing is recorded and not told."""
    subscribed = await webhook_outbox.subscribers(connection)
    if not subscribed:
        return
    if before:
        around = webhook_outbox.steps(before, new)
    else:
        everything = await timeline_in(connection, ticket_no)
        whole = await webhook_outbox.steps_from_opening(connection, [recorded.event for recorded in everything])
        around = (step for step in whole if step[0].seq >= new[0].seq)
    await webhook_outbox.queue(connection, subscribed, around, queued_at=queued_at)


async def _standing(connection: AsyncConnection, head: _Head) -> Complaint | None:
    if head.state is None or head.policy_version is None:
        return None
    try:
        return complaint_from(head.state, await policies.known_in(connection, head.policy_version))
    except ValidationError:
        return None
