"""Full-text search over what customers said and wrote, and over what names a complaint.

Two columns of tokens for each ticket: one that everybody who may read complaints may search, and one of personal data.
SQLite searches them by FTS5, PostgreSQL by `tsvector`; the latter has been written and not yet been run.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ticket import Ticket
from ledger.columns import metadata
from ledger.database import reading
from ledger.tokens import Term, is_telling, tails, terms, tokens

# Characters by which people at a desk know a car: its number, with the year and the plant. The rest, which is masked,
# must not be found out tail by tail.
VIN_TAIL, LONGEST_VIN_TAIL = 6, 8
FEW = 1_000  # matches that are better looked up one by one than met on the way

search_texts = Table(
    "search_texts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("ticket_no", String(64), nullable=False),
    Column("open_tokens", SqlText, nullable=False),
    Column("personal_tokens", SqlText, nullable=False),
    UniqueConstraint("ticket_no"),
)
_s = search_texts.c

_FTS_ADD = "INSERT INTO search_index (rowid, open_tokens, personal_tokens) VALUES (:id, :open, :personal)"
_FTS_TAKE_OUT = (
    "INSERT INTO search_index (search_index, rowid, open_tokens, personal_tokens)"
    " VALUES ('delete', :id, :open, :personal)"
)


async def matching(engine: AsyncEngine, asked: str, *, limit: int, with_personal: bool = False) -> tuple[str, ...]:
    """The tickets in which every word of `asked` is found, the latest first; none when there is no word in it."""
    wanted = terms(asked)
    if not wanted:
        return ()
    async with reading(engine) as connection:
        found = _ids(connection, wanted, with_personal=with_personal)
        query = select(_s.ticket_no).where(_s.id.in_(found)).order_by(_s.id.desc()).limit(limit)
        return tuple(await connection.scalars(query))


async def condition(
    connection: AsyncConnection, asked: str, ticket_no: Column[Any], *, with_personal: bool = False
) -> ColumnElement[bool]:
    """Whether the row's `ticket_no` is one of `matching`, for a query in any order.

    Few matches are looked up; many are met soon on a walk in the query's own order, so that a page never waits for all.
    """
    wanted = terms(asked)
    if not wanted:
        return false()
    found = _ids(connection, wanted, with_personal=with_personal)
    count = await connection.scalar(select(func.count()).select_from(found.limit(FEW).subquery()))
    if (count or 0) < FEW:
        return ticket_no.in_(select(_s.ticket_no).where(_s.id.in_(found)))
    mine = select(_s.id).where(_s.ticket_no == ticket_no).scalar_subquery()
    return mine.in_(found)


async def keep_ticket(connection: AsyncConnection, ticket: Ticket) -> None:
    """A new ticket can be found from now on."""
    await _add(connection, ticket.ticket_no, *tokens_of(ticket))


async def keep_note(connection: AsyncConnection, ticket_no: str, said: str) -> None:
    """A new note's words find its ticket."""
    await _add(connection, ticket_no, *_parted(tokens(said)))


async def replace(connection: AsyncConnection, ticket_no: str, ticket: Ticket | None, notes: Iterable[str]) -> None:
    """What the ticket and all its notes say, whatever stood there before."""
    opened, personal = tokens_of(ticket) if ticket else ((), ())
    for said in notes:
        of_note = _parted(tokens(said))
        opened, personal = (*opened, *of_note[0]), (*personal, *of_note[1])
    await _write(connection, ticket_no, " ".join(opened), " ".join(personal), is_added=False)


def tokens_of(ticket: Ticket) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What all who read complaints may search it by, and what is personal."""
    car, who = ticket.vehicle, ticket.customer
    said, hidden = _parted(tokens(ticket.words))
    names = (ticket.ticket_no, car.plate, car.brand, car.model, car.vin, *ticket.tags)
    ends = tails(car.vin, shortest=VIN_TAIL, longest=LONGEST_VIN_TAIL)
    known_by = (*(token for name in names for token in tokens(name)), *ends)
    personal = tuple(token for fact in (who.name, who.phone, who.email) for token in tokens(fact))
    return (*said, *known_by), (*hidden, *personal)


def _parted(found: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What all may find, and the numbers in it that may be somebody's phone."""
    return tuple(x for x in found if not is_telling(x)), tuple(x for x in found if is_telling(x))


async def _add(connection: AsyncConnection, ticket_no: str, opened: tuple[str, ...], personal: tuple[str, ...]) -> None:
    await _write(connection, ticket_no, " ".join(opened), " ".join(personal), is_added=True)


async def _write(connection: AsyncConnection, ticket_no: str, opened: str, personal: str, *, is_added: bool) -> None:
    found = await connection.execute(select(search_texts).where(_s.ticket_no == ticket_no))
    row = found.one_or_none()
    if row is None:
        values = {"ticket_no": ticket_no, "open_tokens": opened, "personal_tokens": personal}
        made = await connection.execute(insert(search_texts).values(**values).returning(_s.id))
        await _index(connection, _FTS_ADD, made.scalar_one(), opened, personal)
        return
    if is_added:
        opened = f"{row.open_tokens} {opened}".strip()
        personal = f"{row.personal_tokens} {personal}".strip()
    # FTS5 takes a text out by being told again what it was.
    await _index(connection, _FTS_TAKE_OUT, row.id, row.open_tokens, row.personal_tokens)
    changed = update(search_texts).where(_s.id == row.id).values(open_tokens=opened, personal_tokens=personal)
    await connection.execute(changed)
    await _index(connection, _FTS_ADD, row.id, opened, personal)


async def _index(connection: AsyncConnection, statement: str, key: int, opened: str, personal: str) -> None:
    if _is_sqlite(connection):  # PostgreSQL's index follows the table by itself
        await connection.execute(text(statement), {"id": key, "open": opened, "personal": personal})


def _ids(connection: AsyncConnection, wanted: tuple[Term, ...], *, with_personal: bool) -> Select[Any]:
    if _is_sqlite(connection):
        match = text("search_index MATCH :asked").bindparams(
            bindparam("asked", _fts(wanted, with_personal=with_personal), unique=True)
        )
        return select(literal_column("rowid", Integer)).select_from(text("search_index")).where(match)
    asked = func.to_tsquery("simple", _tsquery(wanted))
    columns = (_s.open_tokens, _s.personal_tokens) if with_personal else (_s.open_tokens,)
    return select(_s.id).where(or_(*(func.to_tsvector("simple", column).op("@@")(asked) for column in columns)))


def _fts(wanted: tuple[Term, ...], *, with_personal: bool) -> str:
    """FTS5's own language. Tokens are letters and digits, in quotes: nothing that was asked can be an operator."""
    columns = "{open_tokens personal_tokens}" if with_personal else "{open_tokens}"
    phrases = (f'"{" ".join(term.tokens)}"{" *" if term.is_prefix else ""}' for term in wanted)
    return f"{columns} : ({' AND '.join(phrases)})"


def _tsquery(wanted: tuple[Term, ...]) -> str:
    return " & ".join(" <-> ".join(term.tokens) + (":*" if term.is_prefix else "") for term in wanted)


def _is_sqlite(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "sqlite"
