"""States of complaints that the CRM refused for good: kept until it takes them, so that none is lost in silence."""

from collections.abc import Collection, Iterable
from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import JSON, Column, Integer, String, Table, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.complaint import Stage
from domain.outlets import CrmWrite
from domain.policy import Value
from ledger import tables as t
from ledger.columns import instant, metadata, number, text, ticket_no
from ledger.database import reading, writing

crm_refusals = Table(
    "crm_refusals",
    metadata,
    ticket_no(primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("key", String(160), nullable=False),
    Column("body", JSON, nullable=False),  # the write itself: it names nobody
    text("why", 64),
    instant("refused_at"),  # the first time
    number("tries"),
    instant("given_up_at", nullable=True),
)
_r = crm_refusals.c


class Refused(Value):
    """A state the CRM does not have. `given_up_at` is None while the complaint's workflow still asks again."""

    write: CrmWrite
    why: str
    refused_at: AwareDatetime
    tries: int
    given_up_at: AwareDatetime | None


async def keep(engine: AsyncEngine, write: CrmWrite, *, why: str, at: datetime) -> int:
    """The CRM refused the write once more; returns how often it has by now."""
    mine = (_r.ticket_no == write.ticket_no) & (_r.seq == write.seq)
    async with writing(engine) as connection:
        again = update(crm_refusals).where(mine).values(tries=_r.tries + 1, why=why)
        if not (await connection.execute(again)).rowcount:
            row = {"ticket_no": write.ticket_no, "seq": write.seq, "key": write.key, "why": why, "refused_at": at}
            await connection.execute(insert(crm_refusals).values(**row, tries=1, body=write.model_dump(mode="json")))
        return await connection.scalar(select(_r.tries).where(mine)) or 1


async def give_up(engine: AsyncEngine, writes: Iterable[CrmWrite], *, at: datetime) -> None:
    """Nobody asks the CRM again by itself. The first time stays."""
    keys = [write.key for write in writes]
    async with writing(engine) as connection:
        mine = update(crm_refusals).where(_r.key.in_(keys), _r.given_up_at.is_(None))
        await connection.execute(mine.values(given_up_at=at))


async def taken(engine: AsyncEngine, ticket_no: str, keys: Collection[str]) -> None:
    """The CRM has these writes now, or a later state: nothing is owed for them any more."""
    mine = (_r.ticket_no == ticket_no) & _r.key.in_(keys)
    async with reading(engine) as connection:
        is_owed = await connection.scalar(select(func.count()).where(mine))
    if is_owed:  # hardly ever: a write is a lock that others wait for
        async with writing(engine) as connection:
            await connection.execute(delete(crm_refusals).where(mine))


async def owed(
    engine: AsyncEngine, ticket_nos: Collection[str] | None = None, *, limit: int | None = None
) -> tuple[Refused, ...]:
    """What the CRM still refuses, by ticket and in order; of these tickets, or of all."""
    query = select(crm_refusals).order_by(_r.ticket_no, _r.seq).limit(limit)
    if ticket_nos is not None:
        query = query.where(_r.ticket_no.in_(ticket_nos))
    async with reading(engine) as connection:
        rows = (await connection.execute(query)).mappings().all()
    return tuple(Refused.model_validate({**row, "write": row["body"]}) for row in rows)


async def is_closed(engine: AsyncEngine, ticket_no: str) -> bool:
    query = select(t.complaints.c.stage).where(t.complaints.c.ticket_no == ticket_no)
    async with reading(engine) as connection:
        return await connection.scalar(query) == Stage.CLOSED
