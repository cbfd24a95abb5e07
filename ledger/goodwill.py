"""Goodwill: what was asked for, by which region's month, and how it stands. Codes, digests and fen; no names.

A row is written before the region's month is asked, so that whoever asks again asks the same month, and a request
that nobody answered is found.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Column, Index, String, Table, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.goodwill import Alike, Entry, GoodwillRequest, GoodwillState
from domain.like_cases import Likeness, Paid
from ledger import tables as t
from ledger.columns import index_where, instant, metadata, number, text, ticket_no
from ledger.database import reading, writing
from ledger.rows import insert_new

goodwill = Table(
    "goodwill",
    metadata,
    Column("request_id", String(80), primary_key=True),
    text("region", 32),
    text("month", 7),
    ticket_no(),
    text("kind", 16),
    Column("fen", BigInteger, nullable=False),  # what was asked for
    text("asked_by", 128),
    instant("asked_at"),
    text("note_id", 40),
    text("state", 16),  # "" until the region's month has answered
    number("seq"),  # of the last change in its account
    Column("entry", JSON, nullable=True),  # a domain.goodwill.Entry, whole
    Index(None, "ticket_no"),
    Index(None, "region", "month"),
    index_where("state = ''", "ix_goodwill_unanswered", "asked_at"),
    index_where("state = 'at_desk'", "ix_goodwill_at_desk", "asked_at"),
)

matters = Table(
    "goodwill_matters",
    metadata,
    Column("key", String(64), primary_key=True),  # a digest of a customer or a vehicle
    Column("request_id", String(80), primary_key=True),
)
_g, _m = goodwill.c, matters.c
_NOT_KEPT = {"request": {"matter_keys", "alike"}}  # the digests stand in `matters` alone, where they can be forgotten
_MOST = 50  # alike ones that travel with a request
_LIVE = (GoodwillState.HELD, GoodwillState.AT_DESK, GoodwillState.COMMITTED)


class GoodwillRow(NamedTuple):
    """`entry` is None until the region's month has answered."""

    request_id: str
    region: str
    month: str
    ticket_no: str
    kind: str
    fen: int
    asked_by: str
    asked_at: datetime
    note_id: str
    entry: Entry | None


async def keep(
    engine: AsyncEngine, request: GoodwillRequest, *, region: str, month: str, note_id: str = ""
) -> GoodwillRow:
    """The row of this request: as it was kept first, whatever is asked for now."""
    row = {
        **{name: getattr(request, name) for name in ("request_id", "ticket_no", "fen", "asked_by")},
        **{"region": region, "month": month, "kind": request.kind.value, "asked_at": request.at, "note_id": note_id},
        **{"state": "", "seq": 0, "entry": None},
    }
    async with writing(engine) as connection:
        if await insert_new(connection, goodwill, row):
            for key in request.matter_keys:
                await insert_new(connection, matters, {"key": key, "request_id": request.request_id})
        found = await _rows(connection, _g.request_id == request.request_id)
    return found[0]


async def stands(engine: AsyncEngine, entries: Iterable[tuple[int, Entry]]) -> None:
    """How requests stand, each with the number of its last change: an older one never overwrites a newer."""
    async with writing(engine) as connection:
        for seq, entry in entries:
            values: dict[str, Any] = {
                "seq": seq,
                "state": entry.state.value,
                "entry": entry.model_dump(mode="json", exclude=_NOT_KEPT),
            }
            mine = (_g.request_id == entry.request.request_id, or_(_g.seq < seq, _g.state == ""))
            await connection.execute(update(goodwill).where(*mine).values(**values))


async def forget_in(connection: AsyncConnection, number_: str) -> None:
    """Who its customer and vehicle were can no longer be tried out."""
    mine = select(_g.request_id).where(_g.ticket_no == number_)
    await connection.execute(delete(matters).where(_m.request_id.in_(mine)))


async def get(engine: AsyncEngine, request_id: str) -> GoodwillRow | None:
    return next(iter(await _found(engine, _g.request_id == request_id)), None)


async def of_ticket(engine: AsyncEngine, number_: str) -> tuple[GoodwillRow, ...]:
    return await _found(engine, _g.ticket_no == number_)


async def many(engine: AsyncEngine, request_ids: Collection[str]) -> tuple[GoodwillRow, ...]:
    return await _found(engine, _g.request_id.in_(request_ids)) if request_ids else ()


async def since(engine: AsyncEngine, month: str, *, region: str = "") -> tuple[GoodwillRow, ...]:
    """What was asked for in that month and after it, in one region or in all."""
    return await _found(engine, _g.month >= month, *((_g.region == region,) if region else ()))


async def paid_since(engine: AsyncEngine, month: str) -> tuple[Paid, ...]:
    """What was asked for in that month and after it and was made good, with what its complaint is about."""
    c = t.complaints.c
    query = (
        select(_g.ticket_no, _g.kind, _g.region, _g.entry, c.tag, c.tier)
        .join_from(goodwill, t.complaints, c.ticket_no == _g.ticket_no)
        .where(_g.month >= month, _g.state == GoodwillState.COMMITTED)
        .order_by(_g.asked_at, _g.request_id)
    )
    async with reading(engine) as connection:
        rows = (await connection.execute(query)).all()
    return tuple(
        Paid(row.ticket_no, Likeness(row.kind, row.tag, row.tier), row.region, Entry.model_validate(row.entry).fen)
        for row in rows
    )


async def of_month(engine: AsyncEngine, region: str, month: str) -> tuple[GoodwillRow, ...]:
    return await _found(engine, _g.region == region, _g.month == month)


async def at_desk(engine: AsyncEngine) -> tuple[GoodwillRow, ...]:
    """What the special-claims desk has to answer, the oldest first."""
    return await _found(engine, _g.state == GoodwillState.AT_DESK)


async def unanswered(engine: AsyncEngine, *, before: datetime) -> tuple[GoodwillRow, ...]:
    """Asked for before that instant, and no region's month has answered."""
    return await _found(engine, _g.state == "", _g.asked_at < before)


async def keys_of(engine: AsyncEngine, request_id: str) -> tuple[str, ...]:
    async with reading(engine) as connection:
        rows = await connection.execute(select(_m.key).where(_m.request_id == request_id).order_by(_m.key))
        return tuple(rows.scalars())


async def alike(
    engine: AsyncEngine, number_: str, keys: Collection[str], *, since: datetime, but: str
) -> tuple[Alike, ...]:
    """Live requests for this complaint, or for a customer or vehicle of these digests, asked for since then."""
    of_keys = select(_m.request_id).where(_m.key.in_(keys))
    query = select(_g.request_id, _g.fen).where(
        or_(_g.ticket_no == number_, _g.request_id.in_(of_keys)),
        _g.asked_at >= since,
        _g.request_id != but,
        _g.state.in_([each.value for each in _LIVE]),
    )
    async with reading(engine) as connection:
        rows = await connection.execute(query.order_by(_g.asked_at.desc(), _g.request_id).limit(_MOST))
        return tuple(Alike(request_id=row.request_id, fen=row.fen) for row in rows)


async def _found(engine: AsyncEngine, *conditions: Any) -> tuple[GoodwillRow, ...]:
    async with reading(engine) as connection:
        return await _rows(connection, *conditions)


async def _rows(connection: AsyncConnection, *conditions: Any) -> tuple[GoodwillRow, ...]:
    columns = [_g[name] for name in GoodwillRow._fields]
    rows = await connection.execute(select(*columns).where(*conditions).order_by(_g.asked_at, _g.request_id))
    return tuple(
        GoodwillRow(*row)._replace(entry=Entry.model_validate(row.entry) if row.entry else None) for row in rows
    )
