"""The customer's link to their complaint: who issued it, when it was last sent, and whether it still opens anything."""

import hmac
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, String, Table, UniqueConstraint, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger import tables as t
from ledger.columns import instant, metadata, ordinal, text, ticket_no
from ledger.database import reading, writing
from ledger.links import LinkSigner, hash_of
from ledger.rows import insert_new

customer_links = Table(
    "customer_links",
    metadata,
    ticket_no(primary_key=True),
    ordinal("number"),
    Column("token_hash", String(64), nullable=False),
    instant("issued_at"),
    text("issued_by", 64),  # "" is the loop itself, for the first letter
    instant("sent_at"),  # last put into a letter: its life begins anew then
    instant("revoked_at", nullable=True),
    text("revoked_by", 64),
    UniqueConstraint("token_hash"),
)
_links = customer_links.c


class Lead(NamedTuple):
    """Where a link leads. It is as old as `since`: when it was last sent to the customer."""

    ticket_no: str
    since: datetime


class Life(NamedTuple):
    """Of a link. It is as old as `sent_at`; `revoked_at` is None while nobody ended it."""

    sent_at: datetime
    revoked_at: datetime | None


class _Link(NamedTuple):
    number: int
    token_hash: str
    revoked_at: datetime | None


async def find(engine: AsyncEngine, token: str) -> Lead | None:
    """What the token opens; None when nobody made it or it was revoked. Links of single surveys open as much."""
    wanted = hash_of(token)
    async with reading(engine) as connection:
        return await _of_complaint(connection, wanted) or await _of_survey(connection, wanted)


async def life(engine: AsyncEngine, *, ticket_no: str) -> Life | None:
    """Of the complaint's last link; None when none was issued, whatever links single surveys had."""
    query = select(_links.sent_at, _links.revoked_at).where(_links.ticket_no == ticket_no)
    async with reading(engine) as connection:
        row = (await connection.execute(query.order_by(_links.number.desc()).limit(1))).one_or_none()
    return Life(*row) if row else None


async def standing(engine: AsyncEngine, signer: LinkSigner, *, ticket_no: str) -> str:
    """The token that letters carry; "" when none was sent, it was revoked, or another secret made it."""
    async with reading(engine) as connection:
        last = await _last(connection, ticket_no)
    token = signer.customer_token(ticket_no, last.number) if last and not last.revoked_at else ""
    return token if last and hmac.compare_digest(last.token_hash, hash_of(token)) else ""


async def to_send(engine: AsyncEngine, signer: LinkSigner, *, ticket_no: str, at: datetime) -> str:
    """The token for a letter to the customer: the one that stands, else the first; "" when it was revoked.

    Under a new secret the link of before still opens, and letters carry the next one.
    """
    async with writing(engine) as connection:
        last = await _last(connection, ticket_no)
        if last and last.revoked_at:
            return ""
        token = signer.customer_token(ticket_no, last.number if last else 1)
        if last and hmac.compare_digest(last.token_hash, hash_of(token)):
            mine = (_links.ticket_no == ticket_no) & (_links.number == last.number) & (_links.sent_at < at)
            await connection.execute(update(customer_links).where(mine).values(sent_at=at))
            return token
        return await _make(connection, signer, ticket_no, (last.number if last else 0) + 1, at=at, by="")


async def issue(engine: AsyncEngine, signer: LinkSigner, *, ticket_no: str, at: datetime, by: str) -> str:
    """A new link's token; whatever opened the complaint before opens it no more."""
    async with writing(engine) as connection:
        last = await _last(connection, ticket_no)
        await _revoke(connection, ticket_no, at=at, by=by)
        return await _make(connection, signer, ticket_no, (last.number if last else 0) + 1, at=at, by=by)


async def revoke(engine: AsyncEngine, signer: LinkSigner, *, ticket_no: str, at: datetime, by: str) -> bool:
    """Nothing opens the complaint from now on, and letters carry no link until one is issued; whether any did."""
    async with writing(engine) as connection:
        if await _last(connection, ticket_no) is None:  # a survey's link may be out: the row holds the day it ended
            await _make(connection, signer, ticket_no, 1, at=at, by=by)
        return await _revoke(connection, ticket_no, at=at, by=by)


async def _of_complaint(connection: AsyncConnection, wanted: str) -> Lead | None:
    query = select(customer_links).where(_links.token_hash == wanted)
    row = (await connection.execute(query)).one_or_none()
    if row is None or not hmac.compare_digest(row.token_hash, wanted) or row.revoked_at:
        return None
    return Lead(row.ticket_no, row.sent_at)


async def _of_survey(connection: AsyncConnection, wanted: str) -> Lead | None:
    query = select(t.surveys.c.ticket_no, t.surveys.c.token_hash, t.surveys.c.invited_at)
    row = (await connection.execute(query.where(t.surveys.c.token_hash == wanted))).one_or_none()
    if row is None or not hmac.compare_digest(row.token_hash, wanted):
        return None
    revoked = select(func.max(_links.revoked_at)).where(_links.ticket_no == row.ticket_no)
    ended_at = await connection.scalar(revoked)
    return None if ended_at and row.invited_at <= ended_at else Lead(row.ticket_no, row.invited_at)


async def _last(connection: AsyncConnection, ticket_no: str) -> _Link | None:
    query = select(_links.number, _links.token_hash, _links.revoked_at).where(_links.ticket_no == ticket_no)
    row = (await connection.execute(query.order_by(_links.number.desc()).limit(1))).one_or_none()
    return _Link(*row) if row else None


async def _make(
    connection: AsyncConnection, signer: LinkSigner, ticket_no: str, number: int, *, at: datetime, by: str
) -> str:
    token = signer.customer_token(ticket_no, number)
    row = {
        "ticket_no": ticket_no,
        "number": number,
        "token_hash": hash_of(token),
        "issued_at": at,
        "issued_by": by,
        "sent_at": at,
        "revoked_by": "",
    }
    await insert_new(connection, customer_links, row)
    return token


async def _revoke(connection: AsyncConnection, ticket_no: str, *, at: datetime, by: str) -> bool:
    standing = update(customer_links).where(_links.ticket_no == ticket_no, _links.revoked_at.is_(None))
    return (await connection.execute(standing.values(revoked_at=at, revoked_by=by))).rowcount > 0
