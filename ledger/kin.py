"""Which complaints of one vehicle belong together, as it was found once when each came in. Codes and numbers only.

A ticket that names a vehicle owes an answer from the transaction on that keeps it; who looks writes what was found.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, Index, String, Table, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.kinship import Kin, Relation
from ledger import tables as t
from ledger.columns import index_where, instant, metadata, text, ticket_no
from ledger.database import reading, writing
from ledger.rows import insert_new

looks = Table(
    "kin_looks",
    metadata,
    ticket_no(primary_key=True),
    instant("taken_at"),
    instant("found_at", nullable=True),
    index_where("found_at IS NULL", "ix_kin_looks_owed", "taken_at"),
)

kin = Table(
    "kin",
    metadata,
    ticket_no(primary_key=True),
    Column("other", String(64), primary_key=True),  # an earlier complaint of the same vehicle
    Column("kin", String(16), nullable=False),
    text("department", 64),  # whose claim did not hold, where the fault came back
    Index(None, "other"),
    Index(None, "department"),
)
_l, _k = looks.c, kin.c


class Owed(NamedTuple):
    ticket_no: str
    vin: str
    taken_at: datetime


class Link(NamedTuple):
    """`later` is `kin` to `earlier`."""

    later: str
    kin: Kin
    earlier: str


async def owe_in(connection: AsyncConnection, ticket_no: str, *, at: datetime) -> None:
    """Somebody has to look whether it belongs to another."""
    await insert_new(connection, looks, {"ticket_no": ticket_no, "taken_at": at, "found_at": None})


async def owed(engine: AsyncEngine, *, limit: int = 100) -> tuple[Owed, ...]:
    """Those whose complaint has begun and at which nobody has looked, the oldest first."""
    joined = looks.join(t.tickets, t.tickets.c.ticket_no == _l.ticket_no)
    joined = joined.join(t.complaints, t.complaints.c.ticket_no == _l.ticket_no)
    query = select(_l.ticket_no, t.tickets.c.vin, _l.taken_at).select_from(joined).where(_l.found_at.is_(None))
    async with reading(engine) as connection:
        rows = await connection.execute(query.order_by(_l.taken_at, _l.ticket_no).limit(limit))
        return tuple(Owed(*row) for row in rows)


async def found(engine: AsyncEngine, ticket_no: str, relations: Iterable[Relation], *, at: datetime) -> None:
    """What it is to earlier ones; safe to say twice."""
    rows = [
        {"ticket_no": ticket_no, "other": each.ticket_no, "kin": each.kin.value, "department": each.charged_to}
        for each in relations
    ]
    async with writing(engine) as connection:
        for row in rows:
            await insert_new(connection, kin, row)
        await connection.execute(update(looks).where(_l.ticket_no == ticket_no).values(found_at=at))


async def links_of(engine: AsyncEngine, ticket_no: str) -> tuple[Link, ...]:
    """To earlier and to later ones, in the order of their numbers."""
    query = select(_k.ticket_no, _k.kin, _k.other).where(or_(_k.ticket_no == ticket_no, _k.other == ticket_no))
    async with reading(engine) as connection:
        rows = await connection.execute(query.order_by(_k.ticket_no, _k.other))
        return tuple(Link(row.ticket_no, Kin(row.kin), row.other) for row in rows)
