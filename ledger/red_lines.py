"""Red lines: which are owed a workflow, what happened in each, and how it stands. Codes, ids and instants only.

A row is written in the transaction that takes what told of it, the ticket or the tag. Whoever starts workflows looks
for rows that were not started: a crash in between loses none, and the workflow's id lets none begin twice.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, Column, String, Table, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.complaint import Complaint
from domain.red_line import Happening, RedLine, Source, is_stale
from ledger.columns import index_where, instant, metadata, ordinal, text
from ledger.database import reading, written
from ledger.rows import insert_new

LONGEST_ID = 80

red_lines = Table(
    "red_lines",
    metadata,
    Column("red_line_id", String(LONGEST_ID), primary_key=True),  # the ticket's number, or a drill's own
    text("ticket_no", 64),  # "" of a drill
    Column("source", String(16), nullable=False),
    Column("matters", JSON, nullable=False),
    instant("told_at"),
    text("told_by", 200),  # who began a drill
    instant("started_at", nullable=True),
    Column("state", JSON, nullable=True),  # a domain.red_line.RedLine, whole
    index_where("started_at IS NULL", "ix_red_lines_owed", "told_at"),
)

happenings = Table(
    "red_line_happenings",
    metadata,
    Column("red_line_id", String(LONGEST_ID), primary_key=True),
    ordinal("seq"),
    instant("at"),
    Column("body", JSON, nullable=False),  # a domain.red_line.Happening, whole
)
_r, _h = red_lines.c, happenings.c


class RedLineRow(NamedTuple):
    """`started_at` is None until Temporal has its workflow, `state` until something of it was recorded."""

    red_line_id: str
    ticket_no: str
    source: Source
    matters: tuple[str, ...]
    told_at: datetime
    told_by: str
    started_at: datetime | None
    state: RedLine | None


async def owe_in(
    connection: AsyncConnection,
    red_line_id: str,
    *,
    source: Source,
    matters: Sequence[str],
    at: datetime,
    ticket_no: str = "",
    by: str = "",
) -> bool:
    """A red line is to be started; whether none was owed or begun under this id before."""
    row = {"red_line_id": red_line_id, "ticket_no": ticket_no, "source": source.value, "matters": list(matters)}
    return await insert_new(connection, red_lines, {**row, "told_at": at, "told_by": by})


async def owe_by_tag(connection: AsyncConnection, before: Complaint | None, after: Complaint, *, at: datetime) -> None:
    """Where a complaint has become a matter of safety by its tags. Not of an old complaint that was only brought in."""
    ticket = after.ticket
    is_news = after.is_red_line and not (before and before.is_red_line)
    is_history = before is None and is_stale(ticket.created_at, received_at=ticket.received_at)
    if is_news and not is_history:
        red = [tag for tag in after.tags if tag in after.policy.matrix.red_line_tags]
        no = ticket.ticket_no
        await owe_in(connection, no, source=Source.TAG, matters=red, at=at, ticket_no=no)


async def begin_drill(engine: AsyncEngine, red_line_id: str, *, at: datetime, by: str) -> bool:
    async def work(connection: AsyncConnection) -> bool:
        return await owe_in(connection, red_line_id, source=Source.DRILL, matters=(), at=at, by=by)

    return await written(engine, work)


async def owed(engine: AsyncEngine, *, limit: int = 50) -> tuple[RedLineRow, ...]:
    """Those that Temporal does not have yet, oldest first."""
    query = select(red_lines).where(_r.started_at.is_(None)).order_by(_r.told_at, _r.red_line_id).limit(limit)
    return await _rows(engine, query)


async def started(engine: AsyncEngine, red_line_id: str, *, at: datetime) -> None:
    """Temporal has it. The first instant stays."""
    mine = update(red_lines).where(_r.red_line_id == red_line_id, _r.started_at.is_(None)).values(started_at=at)

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(mine)

    await written(engine, work)


async def record(engine: AsyncEngine, state: RedLine, happened: Sequence[Happening]) -> None:
    """Keep what happened, and how it stands after that. Safe to repeat, and in any order."""

    async def work(connection: AsyncConnection) -> None:
        mine = _r.red_line_id == state.origin.id
        for each in happened:
            row = {"red_line_id": state.origin.id, "seq": each.seq, "at": each.at}
            await insert_new(connection, happenings, {**row, "body": each.model_dump(mode="json")})
        there = await connection.scalar(select(_r.state).where(mine).with_for_update())
        if there is None or there["seq"] < state.seq:
            await connection.execute(update(red_lines).where(mine).values(state=state.model_dump(mode="json")))

    await written(engine, work)


async def get(engine: AsyncEngine, red_line_id: str) -> RedLineRow | None:
    found = await _rows(engine, select(red_lines).where(_r.red_line_id == red_line_id))
    return found[0] if found else None


async def told_by_words(engine: AsyncEngine, ticket_no: str) -> tuple[str, ...]:
    """The matters that a ticket's words told of as it came in; none when they told of none."""
    found = await get(engine, ticket_no)
    return found.matters if found and found.source is Source.WORDS else ()


async def every(engine: AsyncEngine, *, limit: int = 200) -> tuple[RedLineRow, ...]:
    """The latest first."""
    return await _rows(engine, select(red_lines).order_by(_r.told_at.desc(), _r.red_line_id).limit(limit))


async def going_on(engine: AsyncEngine, *, limit: int = 500) -> tuple[RedLineRow, ...]:
    """Those that nobody has closed, oldest first; among them those whose workflow has not begun."""
    is_open = _r.state["closed_at"].as_string().is_(None)
    return await _rows(engine, select(red_lines).where(is_open).order_by(_r.told_at, _r.red_line_id).limit(limit))


async def happened(engine: AsyncEngine, red_line_id: str) -> tuple[Happening, ...]:
    """What happened in it, first to last."""
    query = select(_h.body).where(_h.red_line_id == red_line_id).order_by(_h.seq)
    async with reading(engine) as connection:
        return tuple(Happening.model_validate(body) for body in await connection.scalars(query))


async def _rows(engine: AsyncEngine, query: Any) -> tuple[RedLineRow, ...]:
    async with reading(engine) as connection:
        return tuple(_row(row._mapping) for row in await connection.execute(query))


def _row(row: Any) -> RedLineRow:
    state = RedLine.model_validate(row["state"]) if row["state"] else None
    return RedLineRow(**{**row, "source": Source(row["source"]), "matters": tuple(row["matters"]), "state": state})
