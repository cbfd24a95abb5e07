"""The CRM's tickets, whole. Personal data lives here and under the complaint's notes, and never in Temporal."""

import hashlib
import json
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ticket import Ticket
from ledger import kin, search
from ledger import tables as t
from ledger.database import reading, writing
from ledger.rows import Kept as Kept
from ledger.rows import insert_new
from ledger.search_words import in_one

_AT_ONCE = 500
ERASED = "erased"  # in the place of the content's hash, which could be tried out


async def keep(engine: AsyncEngine, ticket: Ticket, *, received_at: datetime) -> Kept:
    """Keep the ticket under its number for good. CONFLICT: that number is kept with another content, which stays.

    One whose customer was erased is not taken again: whatever comes for it is SAME.
    """
    async with writing(engine) as connection:
        return await keep_in(connection, ticket, received_at=received_at)


async def get(engine: AsyncEngine, ticket_no: str) -> Ticket | None:
    found = await _found(engine, t.tickets.c.ticket_no == ticket_no)
    return found[0] if found else None


async def get_in(connection: AsyncConnection, ticket_no: str) -> Ticket | None:
    row = (await connection.execute(select(t.tickets).where(t.tickets.c.ticket_no == ticket_no))).one_or_none()
    return _ticket(row) if row else None


async def of_many(engine: AsyncEngine, ticket_nos: Collection[str]) -> dict[str, Ticket]:
    """Those of these numbers that were ever taken."""
    found = await _found(engine, t.tickets.c.ticket_no.in_(ticket_nos)) if ticket_nos else ()
    return {ticket.ticket_no: ticket for ticket in found}


async def by_vin(engine: AsyncEngine, vin: str) -> tuple[Ticket, ...]:
    """The vehicle's tickets, oldest first, in whichever case its VIN is written."""
    return await _found(engine, t.tickets.c.vin.in_({vin, vin.upper(), vin.lower()}))


async def of_customer(engine: AsyncEngine, known_by: str) -> tuple[str, ...]:
    """The numbers of the tickets that have this whole phone, e-mail or VIN, in whichever groups it is written.

    It reads every ticket: this is for the rare question of one customer about their data.
    """
    wanted = in_one(known_by)
    query = select(t.tickets.c.ticket_no, t.tickets.c.customer, t.tickets.c.vin).order_by(t.tickets.c.ticket_no)
    found: list[str] = []
    async with reading(engine) as connection:
        async for row in await connection.stream(query.execution_options(yield_per=_AT_ONCE)):
            facts = (row.customer.get("phone", ""), row.customer.get("email", ""), row.vin)
            if wanted and wanted in map(in_one, facts):
                found.append(row.ticket_no)
    return tuple(found)


async def keep_in(connection: AsyncConnection, ticket: Ticket, *, received_at: datetime) -> Kept:
    content_hash = hash_of(ticket)
    row = _row(ticket) | {"content_hash": content_hash, "received_at": received_at}
    if await insert_new(connection, t.tickets, row):
        await search.keep_ticket(connection, ticket)
        if ticket.vehicle.vin or ticket.customer.phone or ticket.customer.email or ticket.words:
            await kin.owe_in(connection, ticket.ticket_no, at=received_at)
        return Kept.NEW
    query = select(t.tickets.c.content_hash).where(t.tickets.c.ticket_no == ticket.ticket_no)
    return Kept.SAME if await connection.scalar(query) in (content_hash, ERASED) else Kept.CONFLICT


def hash_of(ticket: Ticket) -> str:
    """The same for the same content, in whichever zone the CRM writes its instants."""
    content = ticket.model_copy(update={"created_at": ticket.created_at.astimezone(UTC)}).model_dump(
        mode="json", exclude_defaults=True
    )
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


async def _found(engine: AsyncEngine, condition: ColumnElement[bool]) -> tuple[Ticket, ...]:
    query = select(t.tickets).where(condition).order_by(t.tickets.c.created_at, t.tickets.c.ticket_no)
    async with reading(engine) as connection:
        return tuple(_ticket(row) for row in await connection.execute(query))


_PLAIN = ("ticket_no", "created_at", "tags", "tier", "risk_level", "channel", "is_complex", "words", "files")
_VEHICLE = ("vin", "plate", "brand", "model", "mileage_km")


def _row(ticket: Ticket) -> dict[str, Any]:
    plain = {name: getattr(ticket, name) for name in _PLAIN}
    vehicle = {name: getattr(ticket.vehicle, name) for name in _VEHICLE}
    kept_whole = {"customer": ticket.customer, "case_facts": ticket.case}
    return plain | vehicle | {name: value.model_dump(mode="json") for name, value in kept_whole.items()}


def _ticket(row: Row[Any]) -> Ticket:
    kept = row._mapping
    plain = {name: kept[name] for name in _PLAIN}
    parts = {"customer": kept["customer"], "case": kept["case_facts"]}
    return Ticket.model_validate({**plain, **parts, "vehicle": {name: kept[name] for name in _VEHICLE}})
