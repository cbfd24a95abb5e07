"""The notice centre of a post: each notice once, however many addresses the post has, unread before read."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, distinct, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.outlets import Audience
from domain.policy import Value
from ledger import tables as t
from ledger.database import reading, writing
from ledger.notices import PostedNotice

AT_ONCE = 100  # notices shown of each, unread and read
_ADDRESSES = 4  # a post's, as a rule; one that has more shows fewer notices at once


class Post(Value):
    """Whose notices: these audiences', of one department where it is given ("" is of none)."""

    audiences: tuple[Audience, ...]
    department: str | None = None


class Shown(NamedTuple):
    """A notice and what became of it: so many of its addresses it was `sent` to, and by which ways; `failed` names the
    ways that were tried for another address, and why each did not take it.
    """

    it: PostedNotice
    sent: int
    addresses: int
    sent_by: tuple[str, ...]
    failed: str


_n = t.notices.c


async def unread(engine: AsyncEngine, post: Post, *, kinds: Collection[str] = ()) -> tuple[Shown, ...]:
    """The newest first."""
    return await _listed(engine, *_of(post, kinds), _n.read_at.is_(None))


async def already_read(engine: AsyncEngine, post: Post, *, kinds: Collection[str] = ()) -> tuple[Shown, ...]:
    """The newest first."""
    return await _listed(engine, *_of(post, kinds), _n.read_at.is_not(None))


async def count_unread(engine: AsyncEngine, post: Post) -> int:
    query = select(func.count(distinct(_n.key))).where(*_of(post), _n.read_at.is_(None))
    async with reading(engine) as connection:
        return await connection.scalar(query) or 0


async def mark_read(engine: AsyncEngine, post: Post, *, at: datetime, key: str = "") -> int:
    """One of the post's notices, or without a key all that it was given until `at`; how many were unread.

    A post is read for all who hold it.
    """
    which = _n.key == key if key else _n.created_at <= at
    async with writing(engine) as connection:
        marking = update(t.notices).where(*_of(post), _n.read_at.is_(None), which)
        return (await connection.execute(marking.values(read_at=at))).rowcount


def _of(post: Post, kinds: Collection[str] = ()) -> tuple[ColumnElement[bool], ...]:
    asked: list[ColumnElement[bool]] = [_n.audience.in_(post.audiences)]
    if post.department is not None:
        asked.append(_n.department == post.department)
    if kinds:
        asked.append(_n.kind.in_(kinds))
    return tuple(asked)


async def _listed(engine: AsyncEngine, *asked: ColumnElement[bool]) -> tuple[Shown, ...]:
    query = select(t.notices).where(*asked).order_by(_n.created_at.desc(), _n.key, _n.address)
    async with reading(engine) as connection:
        rows = await connection.execute(query.limit(AT_ONCE * _ADDRESSES))
        return _once(PostedNotice(**row._mapping) for row in rows)[:AT_ONCE]


def _once(rows: Iterable[PostedNotice]) -> tuple[Shown, ...]:
    found: dict[str, list[PostedNotice]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    return tuple(
        Shown(
            each[0],
            sent=sum(row.sent_at is not None for row in each),
            addresses=len(each),
            sent_by=tuple(dict.fromkeys(row.sent_by for row in each if row.sent_by)),
            failed=next((row.failed_reason for row in each if row.failed_reason and not row.sent_at), ""),
        )
        for each in found.values()
    )
