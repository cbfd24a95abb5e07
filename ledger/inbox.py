"""What the doors took, before anything else was done with it: under a key that is unique for ever.

A row is delivered once Temporal has it. Until then a sweep tries again, the row least recently tried first.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.commands import Actor
from domain.red_line import Source
from domain.ticket import Ticket
from ledger import red_lines, tickets
from ledger import tables as t
from ledger.database import reading, writing
from ledger.rows import Kept as Kept
from ledger.rows import insert_new

TICKET, COMMAND = "ticket", "command"

_ERROR_LENGTH = 500


class InboxRow(NamedTuple):
    """One thing taken at a door. `delivered_at` is None while Temporal does not have it."""

    key: str
    kind: str
    ticket_no: str
    name: str
    body: dict[str, Any]
    content_hash: str
    received_at: datetime
    delivered_at: datetime | None = None
    attempted_at: datetime | None = None
    attempts: int = 0
    last_error: str = ""


class Taken(NamedTuple):
    """`row` is what the inbox holds: with SAME and CONFLICT the one that came first."""

    kept: Kept
    row: InboxRow


async def take(
    engine: AsyncEngine,
    *,
    key: str,
    kind: str,
    ticket_no: str,
    name: str,
    body: Mapping[str, Any],
    received_at: datetime,
) -> Taken:
    """Take it under `key`, once for ever. SAME: it came before; CONFLICT: something else came under this key.

    `body` is plain JSON without the instant of receipt, which differs each time the same thing comes.
    """
    text = json.dumps([kind, ticket_no, name, body], sort_keys=True, ensure_ascii=False)
    row = {
        "key": key,
        "kind": kind,
        "ticket_no": ticket_no,
        "name": name,
        "body": dict(body),
        "content_hash": hashlib.sha256(text.encode()).hexdigest(),
        "received_at": received_at,
    }
    async with writing(engine) as connection:
        return await _take(connection, row)


async def take_ticket(
    engine: AsyncEngine, ticket: Ticket, *, received_at: datetime, key: str, matters: Sequence[str] = ()
) -> Taken:
    """Keep the ticket and take it under `key`, together or not at all; with the red line its words tell of, `matters`.

    The ticket's number decides: the same ticket under another key is SAME, another content under its number CONFLICT.
    """
    row: dict[str, Any] = {
        "key": key,
        "kind": TICKET,
        "ticket_no": ticket.ticket_no,
        "name": TICKET,
        "body": {},  # the ticket itself stands in `tickets`
        "content_hash": tickets.hash_of(ticket),
        "received_at": received_at,
    }
    async with writing(engine) as connection:
        kept = await tickets.keep_in(connection, ticket, received_at=received_at)
        first = await _first_of(connection, ticket.ticket_no)
        if first is None and kept is not Kept.CONFLICT:
            if matters:
                no = ticket.ticket_no
                owe = partial(red_lines.owe_in, connection, no, ticket_no=no, at=received_at)
                await owe(source=Source.WORDS, matters=matters)
            return await _take(connection, row)
        return Taken(kept, first or InboxRow(**row))


async def holds_command(engine: AsyncEngine, *, ticket_no: str, command_id: str) -> bool:
    """Whether a command of this id was ever taken for the ticket, delivered or not."""
    return await _command(engine, ticket_no, command_id) is not None


async def own_id(engine: AsyncEngine, *, ticket_no: str, key: str, actor: Actor) -> str:
    """The id of the command that `actor` gives under `key`: the key, unless a command of somebody else's took it first.

    Such an id is always the same, and has a space in it, which no key has: nobody can take it for them.
    """
    first = await _command(engine, ticket_no, key)
    said = first.get("actor") if first else None
    if said is None or _whose(Actor.model_validate(said)) == _whose(actor):
        return key
    return f"own {hashlib.sha256(json.dumps([key, *_whose(actor)]).encode()).hexdigest()[:32]}"


def _whose(actor: Actor) -> tuple[str, ...]:
    """A person or a system is known by its id, whatever its role is by then."""
    return (actor.id,) if actor.id else (actor.role, actor.department)


async def _command(engine: AsyncEngine, ticket_no: str, command_id: str) -> dict[str, Any] | None:
    """What the command said that was taken for the ticket under this id."""
    of_ticket = (t.inbox.c.ticket_no == ticket_no) & (t.inbox.c.kind == COMMAND)
    query = select(t.inbox.c.body).where(of_ticket, t.inbox.c.body["command_id"].as_string() == command_id).limit(1)
    async with reading(engine) as connection:
        body: dict[str, Any] | None = await connection.scalar(query)
        return body


async def undelivered(engine: AsyncEngine, *, before: datetime, limit: int) -> tuple[InboxRow, ...]:
    """What was received at or before `before` and is not delivered, least recently tried first.

    A row that fails again and again thus never keeps the others waiting.
    """
    tried_at = func.coalesce(t.inbox.c.attempted_at, t.inbox.c.received_at)
    query = (
        select(t.inbox)
        .where(t.inbox.c.delivered_at.is_(None), t.inbox.c.received_at <= before)
        .order_by(tried_at, t.inbox.c.received_at, t.inbox.c.key)
        .limit(limit)
    )
    async with reading(engine) as connection:
        return tuple(_inbox_row(row) for row in await connection.execute(query))


async def delivered(engine: AsyncEngine, key: str, *, at: datetime) -> None:
    """Temporal has it. The first delivery's instant stays."""
    waiting = update(t.inbox).where(t.inbox.c.key == key, t.inbox.c.delivered_at.is_(None))
    tried = {"attempted_at": at, "attempts": t.inbox.c.attempts + 1}
    async with writing(engine) as connection:
        await connection.execute(waiting.values(delivered_at=at, last_error="", **tried))


async def failed(engine: AsyncEngine, key: str, *, error: str, at: datetime) -> None:
    """Temporal could not take it this time. `error` must hold no personal data."""
    waiting = update(t.inbox).where(t.inbox.c.key == key, t.inbox.c.delivered_at.is_(None))
    tried = {"attempted_at": at, "attempts": t.inbox.c.attempts + 1}
    async with writing(engine) as connection:
        await connection.execute(waiting.values(last_error=error[:_ERROR_LENGTH], **tried))


async def _take(connection: AsyncConnection, row: Mapping[str, Any]) -> Taken:
    is_new = await insert_new(connection, t.inbox, row)
    found = (await connection.execute(select(t.inbox).where(t.inbox.c.key == row["key"]))).one()
    if is_new:
        return Taken(Kept.NEW, _inbox_row(found))
    is_same = found.content_hash == row["content_hash"]
    return Taken(Kept.SAME if is_same else Kept.CONFLICT, _inbox_row(found))


async def _first_of(connection: AsyncConnection, ticket_no: str) -> InboxRow | None:
    query = select(t.inbox).where(t.inbox.c.ticket_no == ticket_no, t.inbox.c.kind == TICKET)
    found = (await connection.execute(query.order_by(t.inbox.c.received_at).limit(1))).one_or_none()
    return _inbox_row(found) if found else None


def _inbox_row(row: Row[Any]) -> InboxRow:
    return InboxRow(**row._mapping)
