"""Complaints whose texts are alike, and the marks of who sent them: keyed hashes, numbers and instants only.

The hashes go with the complaint's personal data (`forget_in`). That it stood in a campaign stays: it names nobody.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Column, Index, String, Table, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger import tables as t
from ledger.columns import instant, metadata, ordinal, text, ticket_no
from ledger.database import reading, writing
from ledger.rows import insert_new

_ERASED = "erased"  # as in `ledger.tickets`, which this is below

signatures = Table(
    "campaign_bands",
    metadata,
    ticket_no(primary_key=True),
    ordinal("place"),
    text("band", 16),
    instant("created_at"),  # the ticket's
    Index(None, "band", "created_at"),
)
members = Table(
    "campaign_members",
    metadata,
    ticket_no(primary_key=True),
    text("campaign", 64),  # the number of its first complaint
    Index(None, "campaign"),
)
marks = Table(
    "customer_marks",
    metadata,
    ticket_no(primary_key=True),
    Column("mark", String(32), primary_key=True),
    Index(None, "mark"),
)
_s, _m, _c = signatures.c, members.c, marks.c


class Campaign(NamedTuple):
    """`campaign` is the number of its first complaint; `ticket_nos` are in order, and so is when each was `born`."""

    campaign: str
    size: int
    still_open: int
    first_at: datetime
    last_at: datetime
    channels: tuple[str, ...]
    ticket_nos: tuple[str, ...]
    born: tuple[datetime, ...]


async def keep_signature(engine: AsyncEngine, ticket_no: str, bands: Iterable[str], *, at: datetime) -> None:
    """Of a ticket created `at`. Safe to repeat; nothing is kept of one that was erased meanwhile."""
    async with writing(engine) as connection:
        if await _is_there(connection, ticket_no):
            for place, band in enumerate(bands):
                row = {"ticket_no": ticket_no, "place": place, "band": band, "created_at": at}
                await insert_new(connection, signatures, row)


async def keep_marks(engine: AsyncEngine, ticket_no: str, found: Iterable[str]) -> None:
    """As `keep_signature`."""
    async with writing(engine) as connection:
        if await _is_there(connection, ticket_no):
            for mark in found:
                await insert_new(connection, marks, {"ticket_no": ticket_no, "mark": mark})


async def perhaps_alike(
    engine: AsyncEngine, ticket_no: str, bands: Iterable[str], *, at: datetime, within: timedelta
) -> tuple[str, ...]:
    """The numbers of others with a band in common that were created at most `within` before or after `at`."""
    places = [and_(_s.band == band, _s.place == place) for place, band in enumerate(bands)]
    if not places:
        return ()
    near = _s.created_at.between(at - within, at + within)
    query = select(_s.ticket_no).distinct().where(or_(*places), near, _s.ticket_no != ticket_no)
    async with reading(engine) as connection:
        return tuple(await connection.scalars(query.order_by(_s.ticket_no)))


async def marked(
    engine: AsyncEngine, found: Iterable[str], *, since: datetime, until: datetime, limit: int
) -> tuple[str, ...]:
    """The numbers of the tickets with one of these marks that were created so, each end included."""
    joined = marks.join(t.tickets, t.tickets.c.ticket_no == _c.ticket_no)
    query = select(_c.ticket_no).distinct().select_from(joined).where(_c.mark.in_(tuple(found)))
    query = query.where(t.tickets.c.created_at.between(since, until))
    async with reading(engine) as connection:
        return tuple(await connection.scalars(query.order_by(_c.ticket_no).limit(limit)))


async def join(engine: AsyncEngine, ticket_nos: Iterable[str]) -> None:
    """These are alike: they and all that stand in a campaign with one of them are one from now on. Safe to repeat."""
    async with writing(engine) as connection:
        mine = tuple(ticket_nos)
        old = tuple(await connection.scalars(select(_m.campaign).distinct().where(_m.ticket_no.in_(mine))))
        for each in mine:
            await insert_new(connection, members, {"ticket_no": each, "campaign": old[0] if old else each})
        ours = or_(_m.ticket_no.in_(mine), _m.campaign.in_(old))
        born = select(t.tickets.c.ticket_no).where(t.tickets.c.ticket_no.in_(select(_m.ticket_no).where(ours)))
        first = await connection.scalar(born.order_by(t.tickets.c.created_at, t.tickets.c.ticket_no).limit(1))
        await connection.execute(update(members).where(ours).values(campaign=first))


async def of_ticket(engine: AsyncEngine, ticket_no: str) -> Campaign | None:
    """The campaign that it stands in."""
    mine = select(_m.campaign).where(_m.ticket_no == ticket_no)
    async with reading(engine) as connection:
        found = await _told(connection, (await connection.scalars(mine)).all())
    return found[0] if found else None


async def newest(engine: AsyncEngine, *, limit: int) -> tuple[Campaign, ...]:
    """Those that somebody joined last come first."""
    joined = members.join(t.tickets, t.tickets.c.ticket_no == _m.ticket_no)
    last = func.max(t.tickets.c.created_at)
    query = select(_m.campaign).select_from(joined).group_by(_m.campaign).order_by(last.desc(), _m.campaign)
    async with reading(engine) as connection:
        return await _told(connection, (await connection.scalars(query.limit(limit))).all())


async def counted_again(connection: AsyncConnection) -> int:
    """How many open complaints say what another open one of their campaign says already."""
    joined = members.join(t.complaints, t.complaints.c.ticket_no == _m.ticket_no)
    counts = select(func.count().label("found")).select_from(joined).where(t.complaints.c.closed_at.is_(None))
    each = counts.group_by(_m.campaign).subquery()
    return int(await connection.scalar(select(func.coalesce(func.sum(each.c.found - 1), 0))) or 0)


async def forget_in(connection: AsyncConnection, ticket_no: str) -> None:
    """Nothing that its text or its customer could be tried against stays."""
    await connection.execute(delete(signatures).where(_s.ticket_no == ticket_no))
    await connection.execute(delete(marks).where(_c.ticket_no == ticket_no))


async def _is_there(connection: AsyncConnection, ticket_no: str) -> bool:
    k = t.tickets.c
    query = select(k.ticket_no).where(k.ticket_no == ticket_no, k.content_hash != _ERASED)
    return await connection.scalar(query.with_for_update()) is not None


async def _told(connection: AsyncConnection, wanted: Iterable[str]) -> tuple[Campaign, ...]:
    """In the order in which they are wanted."""
    joined = members.join(t.tickets, t.tickets.c.ticket_no == _m.ticket_no)
    joined = joined.outerjoin(t.complaints, t.complaints.c.ticket_no == _m.ticket_no)
    told = (t.tickets.c.ticket_no, t.tickets.c.created_at, t.tickets.c.channel)
    columns: tuple[Any, ...] = (_m.campaign, *told, t.complaints.c.closed_at.is_(None).label("is_open"))
    query = select(*columns).select_from(joined).where(_m.campaign.in_(tuple(wanted)))
    rows = (await connection.execute(query.order_by(t.tickets.c.created_at, t.tickets.c.ticket_no))).all()
    return tuple(_campaign(each, [row for row in rows if row.campaign == each]) for each in wanted)


def _campaign(campaign: str, rows: list[Any]) -> Campaign:
    return Campaign(
        campaign=campaign,
        size=len(rows),
        still_open=sum(row.is_open for row in rows),
        first_at=rows[0].created_at,
        last_at=rows[-1].created_at,
        channels=tuple(sorted({row.channel for row in rows})),
        ticket_nos=tuple(row.ticket_no for row in rows),
        born=tuple(row.created_at for row in rows),
    )
