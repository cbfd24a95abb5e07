"""Who of CX looks after which complaint, now and before. Codes, numbers and the ids of employees only."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Column, ColumnElement, Index, String, Table, and_, func, not_, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.complaint import Complaint, Stage
from domain.seats import Duty, Why
from domain.values import Value
from ledger import tables as t
from ledger.columns import index_where, instant, metadata, ordinal, text, ticket_no
from ledger.database import reading, writing
from ledger.projection import complaints_from
from ledger.rows import insert_new

_HELD = sql("ended_at IS NULL")
seatings = Table(
    "seatings",
    metadata,
    ticket_no(primary_key=True),
    ordinal("number"),  # from 1
    Column("seat", String(64), nullable=False),
    Column("duty", String(16), nullable=False),
    Column("why", String(16), nullable=False),
    text("by", 200),  # who gave it by hand
    instant("given_at"),
    instant("ended_at", nullable=True),
    Index("ix_seatings_held", "ticket_no", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
    index_where("ended_at IS NULL", "ix_seatings_of_seat", "seat"),
)
_c, _s = t.complaints.c, seatings.c
_ENTITLED = or_(_c.stage.in_((Stage.TRIAGE, Stage.VERIFICATION)), _c.calls_expert)
_IS_HELD = _s.ended_at.is_(None)


class Seating(Value):
    """`ended_at` None: it is theirs now. `by` is "" where nobody but the rules gave it."""

    ticket_no: str
    number: int
    seat: str
    duty: Duty
    why: Why
    by: str = ""
    given_at: AwareDatetime
    ended_at: AwareDatetime | None = None


async def waiting(engine: AsyncEngine, *, limit: int) -> tuple[Complaint, ...]:
    """Complaints that call for a seat and have none, the most urgent first."""
    joined = t.complaints.outerjoin(seatings, and_(_s.ticket_no == _c.ticket_no, _IS_HELD))
    query = select(_c.state, _c.policy_version).select_from(joined)
    query = query.where(_c.closed_at.is_(None), _ENTITLED, _s.ticket_no.is_(None))
    async with reading(engine) as connection:
        rows = await connection.execute(query.order_by(_c.urgent_at, _c.ticket_no).limit(limit))
        return await complaints_from(connection, rows)


async def waits(engine: AsyncEngine) -> int:
    """How many call for a seat and have none."""
    joined = t.complaints.outerjoin(seatings, and_(_s.ticket_no == _c.ticket_no, _IS_HELD))
    query = select(func.count()).select_from(joined).where(_c.closed_at.is_(None), _ENTITLED, _s.ticket_no.is_(None))
    async with reading(engine) as connection:
        return await connection.scalar(query) or 0


async def let_go(engine: AsyncEngine, *, here: Collection[str], experts: Collection[str], at: datetime) -> int:
    """End those that call for no seat any more, whose seat is not `here`, and those for an expert that the rules gave
    to somebody else. How many.
    """
    for_nobody = select(_c.ticket_no).where(or_(_c.closed_at.is_not(None), not_(_ENTITLED)))
    for_experts = select(_c.ticket_no).where(_c.closed_at.is_(None), _c.calls_expert)
    misplaced = and_(_s.ticket_no.in_(for_experts), _s.seat.not_in(tuple(experts)), _s.why != Why.BY_HAND)
    over: ColumnElement[bool] = or_(_s.ticket_no.in_(for_nobody), _s.seat.not_in(tuple(here)), misplaced)
    async with reading(engine) as connection:  # mostly nothing is: no writer is kept waiting for that
        ended = tuple(await connection.scalars(select(_s.ticket_no).where(_IS_HELD, over)))
    if ended:
        async with writing(engine) as connection:
            done = await connection.execute(update(seatings).where(_IS_HELD, over).values(ended_at=at))
            return done.rowcount
    return 0


async def loads(engine: AsyncEngine) -> dict[str, int]:
    """Complaints in hand, by seat; who has none is not in it."""
    query = select(_s.seat, func.count().label("held")).where(_IS_HELD).group_by(_s.seat)
    async with reading(engine) as connection:
        return {row.seat: row.held for row in await connection.execute(query)}


async def give(
    engine: AsyncEngine, ticket_no: str, *, seat: str, duty: Duty, why: Why, at: datetime, by: str = ""
) -> bool:
    """Theirs from now on. The rules give only what nobody has; False when somebody was quicker. By hand it is taken
    from who has it.
    """
    async with writing(engine) as connection:
        if why is Why.BY_HAND:
            mine = _s.ticket_no == ticket_no
            await connection.execute(update(seatings).where(mine, _IS_HELD).values(ended_at=at))
        row = {"ticket_no": ticket_no, "number": await _next(connection, ticket_no), "given_at": at, "ended_at": None}
        row |= {"seat": seat, "duty": duty.value, "why": why.value, "by": by}
        return await insert_new(connection, seatings, row)


async def of_ticket(engine: AsyncEngine, ticket_no: str) -> tuple[Seating, ...]:
    """Everyone who had it, in order; the last is theirs now unless it ended."""
    query = select(seatings).where(_s.ticket_no == ticket_no).order_by(_s.number)
    async with reading(engine) as connection:
        return tuple(_seating(row) for row in (await connection.execute(query)).mappings())


async def of_tickets(engine: AsyncEngine, ticket_nos: Iterable[str]) -> dict[str, Seating]:
    """Whose each is now, by number; those that are nobody's are not in it."""
    query = select(seatings).where(_IS_HELD, _s.ticket_no.in_(tuple(ticket_nos)))
    async with reading(engine) as connection:
        return {row["ticket_no"]: _seating(row) for row in (await connection.execute(query)).mappings()}


async def held_by(engine: AsyncEngine, seat: str, *, limit: int) -> tuple[Complaint, ...]:
    """What somebody has in hand, the most urgent first."""
    joined = seatings.join(t.complaints, _c.ticket_no == _s.ticket_no)
    query = select(_c.state, _c.policy_version).select_from(joined).where(_s.seat == seat, _IS_HELD)
    async with reading(engine) as connection:
        rows = await connection.execute(query.order_by(_c.urgent_at, _c.ticket_no).limit(limit))
        return await complaints_from(connection, rows)


async def _next(connection: AsyncConnection, ticket_no: str) -> int:
    query = select(func.coalesce(func.max(_s.number), 0) + 1).where(_s.ticket_no == ticket_no)
    return int((await connection.execute(query)).scalar_one())


def _seating(row: Mapping[Any, Any]) -> Seating:
    return Seating.model_validate(dict(row))
