"""The survey's invitations, by the hash of their link's token, and the one answer that each round takes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger import tables as t
from ledger.database import reading, writing
from ledger.rows import Kept as Kept
from ledger.rows import insert_new


class Survey(NamedTuple):
    """Asked about claim `round`; `answer` is plain JSON, None while the customer has not answered."""

    ticket_no: str
    round: int
    token_hash: str
    invited_at: datetime
    answered_at: datetime | None
    answer: dict[str, Any] | None


async def invite(engine: AsyncEngine, *, ticket_no: str, round: int, token_hash: str, invited_at: datetime) -> Survey:  # noqa: A002
    """Keep the invitation, once per round; returns the one that stands, which is the first."""
    row = {"ticket_no": ticket_no, "round": round, "token_hash": token_hash, "invited_at": invited_at}
    async with writing(engine) as connection:
        await insert_new(connection, t.surveys, row)
        found = await _one(connection, _of(ticket_no, round))
    if found is None:
        raise ValueError(f"another survey has the link made for {ticket_no}, round {round}")
    return found


async def find_by_token_hash(engine: AsyncEngine, token_hash: str) -> Survey | None:
    async with reading(engine) as connection:
        return await _one(connection, t.surveys.c.token_hash == token_hash)


async def of_ticket(engine: AsyncEngine, ticket_no: str) -> tuple[Survey, ...]:
    """The complaint's surveys, by round."""
    query = select(t.surveys).where(t.surveys.c.ticket_no == ticket_no).order_by(t.surveys.c.round)
    async with reading(engine) as connection:
        return tuple(Survey(**row._mapping) for row in await connection.execute(query))


async def answer(
    engine: AsyncEngine,
    *,
    ticket_no: str,
    round: int,  # noqa: A002
    answer: Mapping[str, Any],
    answered_at: datetime,
) -> Kept:
    """Take the customer's answer, once per round. SAME: it came before; CONFLICT: another came, or none was asked."""
    unanswered = update(t.surveys).where(_of(ticket_no, round), t.surveys.c.answered_at.is_(None))
    async with writing(engine) as connection:
        taken = await connection.execute(unanswered.values(answer=dict(answer), answered_at=answered_at))
        if taken.rowcount:
            return Kept.NEW
        found = await _one(connection, _of(ticket_no, round))
    return Kept.SAME if found and found.answer == dict(answer) else Kept.CONFLICT


def _of(ticket_no: str, number: int) -> ColumnElement[bool]:
    return (t.surveys.c.ticket_no == ticket_no) & (t.surveys.c.round == number)


async def _one(connection: AsyncConnection, condition: ColumnElement[bool]) -> Survey | None:
    row = (await connection.execute(select(t.surveys).where(condition))).one_or_none()
    return Survey(**row._mapping) if row else None
