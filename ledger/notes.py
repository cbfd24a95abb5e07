"""Free text about a complaint. Messages and events carry the note's id alone."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import personal, search, tickets
from ledger import tables as t
from ledger.database import reading, writing
from ledger.rows import insert_new


class Note(NamedTuple):
    note_id: str
    ticket_no: str
    text: str
    author: str
    at: datetime


async def keep(engine: AsyncEngine, *, ticket_no: str, text: str, author: str, at: datetime) -> str:
    """Keep the text and return its id; the same text by the same author on the same ticket is the same note.

    The id travels through Temporal, so it is made with the complaint's own key: nobody can try which text it is of,
    and once the complaint is erased nobody ever can.
    """
    content = json.dumps([ticket_no, author, text], ensure_ascii=False).encode()
    async with writing(engine) as connection:
        key = await personal.key_of(connection, ticket_no)
        note_id = f"note-{hmac.new(key, content, hashlib.sha256).hexdigest()[:32]}"
        note = Note(note_id, ticket_no, text, author, at)
        if await insert_new(connection, t.notes, note._asdict()):
            ticket = await tickets.get_in(connection, ticket_no)
            await search.keep_note(connection, ticket_no, text, ticket=ticket)
    return note_id


async def get(engine: AsyncEngine, note_id: str) -> Note | None:
    async with reading(engine) as connection:
        row = (await connection.execute(select(t.notes).where(t.notes.c.note_id == note_id))).one_or_none()
    return Note(**row._mapping) if row else None


async def of_ticket(engine: AsyncEngine, ticket_no: str) -> tuple[Note, ...]:
    """The ticket's notes, oldest first."""
    query = select(t.notes).where(t.notes.c.ticket_no == ticket_no).order_by(t.notes.c.at, t.notes.c.note_id)
    async with reading(engine) as connection:
        return tuple(Note(**row._mapping) for row in await connection.execute(query))
