"""Full-text search over what customers said and wrote, and over what names a complaint.

Two columns of tokens for each ticket: one that everybody who may read complaints may search, and one of personal data,
which finds a complaint for those alone who may see that complaint's unmasked.
SQLite searches them by FTS5, PostgreSQL by `tsvector`.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    Select,
    String,
    Table,
    UniqueConstraint,
    and_,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.access import is_concerned_with_all
from domain.commands import Actor
from domain.ticket import Ticket
from ledger import tables as t
from ledger.columns import metadata
from ledger.concerning import concerns
from ledger.database import reading
from ledger.search_asking import ids
from ledger.search_words import Words, of_text, of_ticket
from ledger.tokens import terms

FEW = 1_000  # matches that are better looked up one by one than met on the way
# Of `search_words`. What was made by earlier ones is not searched until it is filled again.
RULES = 1

search_texts = Table(
    "search_texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_no", String(64), nullable=False),
    Column("open_tokens", SqlText, nullable=False),
    Column("personal_tokens", SqlText, nullable=False),
    Column("rules", Integer, nullable=False, server_default="0"),
    UniqueConstraint("ticket_no"),
    Index("ix_outdated_search_texts", "rules"),
)
_s = search_texts.c

_FTS_ADD = "INSERT INTO search_index (rowid, open_tokens, personal_tokens) VALUES (:id, :open, :personal)"
_FTS_TAKE_OUT = (
    "INSERT INTO search_index (search_index, rowid, open_tokens, personal_tokens)"
    " VALUES ('delete', :id, :open, :personal)"
)


async def matching(engine: AsyncEngine, asked: str, *, limit: int, shown_to: Actor | None = None) -> tuple[str, ...]:
    """The tickets in which every word of `asked` is found, the latest first; none when there is no word in it."""
    async with reading(engine) as connection:
        found = await condition(connection, asked, _s.ticket_no, shown_to=shown_to)
        return tuple(await connection.scalars(select(_s.ticket_no).where(found).order_by(_s.id.desc()).limit(limit)))


async def condition(
    connection: AsyncConnection, asked: str, ticket_no: Column[Any], *, shown_to: Actor | None = None
) -> ColumnElement[bool]:
    """Whether every word of `asked` is found in the row's `ticket_no`, for a query in any order.

    `shown_to` is somebody who may see personal data: of complaints that concern them that is searched, too.
    Few matches are looked up; many are met soon on a walk in the query's own order, so that a page never waits for all.
    """
    if not terms(asked):
        return false()
    dialect = connection.dialect.name
    opened = ids(search_texts, asked, with_personal=False, dialect=dialect)
    if shown_to is None:
        return await _among(connection, opened, ticket_no, widest=opened)
    all_of_it = ids(search_texts, asked, with_personal=True, dialect=dialect)
    told = await _among(connection, all_of_it, ticket_no, widest=all_of_it)
    if is_concerned_with_all(shown_to):
        return told
    theirs = t.complaints.alias()
    concerned = exists().where(theirs.c.ticket_no == ticket_no, concerns(theirs, shown_to))
    return or_(await _among(connection, opened, ticket_no, widest=all_of_it), and_(told, concerned))


async def keep_ticket(connection: AsyncConnection, ticket: Ticket) -> None:
    """A new ticket can be found from now on."""
    await _write(connection, ticket.ticket_no, of_ticket(ticket), is_added=True)


async def keep_note(connection: AsyncConnection, ticket_no: str, said: str, *, ticket: Ticket | None) -> None:
    """A new note's words find its ticket."""
    await _write(connection, ticket_no, of_text(said, ticket), is_added=True)


async def replace(connection: AsyncConnection, ticket_no: str, ticket: Ticket | None, notes: Iterable[str]) -> None:
    """What the ticket and all its notes say, whatever stood there before."""
    words = of_ticket(ticket) if ticket else Words()
    for said in notes:
        words = words.also(of_text(said, ticket))
    await _write(connection, ticket_no, words, is_added=False)


async def _write(connection: AsyncConnection, ticket_no: str, words: Words, *, is_added: bool) -> None:
    opened, personal = map(" ".join, words)
    found = await connection.execute(select(search_texts).where(_s.ticket_no == ticket_no).with_for_update())
    row = found.one_or_none()
    if row is None:
        values = {"ticket_no": ticket_no, "open_tokens": opened, "personal_tokens": personal, "rules": RULES}
        made = await connection.execute(insert(search_texts).values(**values).returning(_s.id))
        await _index(connection, _FTS_ADD, made.scalar_one(), opened, personal)
        return
    if is_added:
        opened = f"{row.open_tokens} {opened}".strip()
        personal = f"{row.personal_tokens} {personal}".strip()
    # FTS5 takes a text out by being told again what it was.
    await _index(connection, _FTS_TAKE_OUT, row.id, row.open_tokens, row.personal_tokens)
    # What is merely added to keeps its rules: the rest of it is still to be filled again.
    changed = {"open_tokens": opened, "personal_tokens": personal, "rules": row.rules if is_added else RULES}
    await connection.execute(update(search_texts).where(_s.id == row.id).values(**changed))
    await _index(connection, _FTS_ADD, row.id, opened, personal)


async def _index(connection: AsyncConnection, statement: str, key: int, opened: str, personal: str) -> None:
    if connection.dialect.name == "sqlite":  # PostgreSQL's index follows the table by itself
        await connection.execute(text(statement), {"id": key, "open": opened, "personal": personal})


async def _among(
    connection: AsyncConnection, found: Select[Any], ticket_no: Column[Any], *, widest: Select[Any]
) -> ColumnElement[bool]:
    """Whether the row's is among those found, of which there are no more than the `widest` finds."""
    count = await connection.scalar(select(func.count()).select_from(widest.limit(FEW).subquery()))
    if (count or 0) < FEW:
        return ticket_no.in_(select(_s.ticket_no).where(_s.id.in_(found), _s.rules == RULES))
    texts = search_texts.alias()
    mine = select(texts.c.id).where(texts.c.ticket_no == ticket_no, texts.c.rules == RULES).scalar_subquery()
    return mine.in_(found)
