"""Data that is kept because the law says so, and worked with no more: put away, out of every list and search.

It leaves the tables as if it were erased, into papers of its own that only whoever may see them asks for.
"""

from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ticket import Ticket
from ledger import holds, personal, tickets
from ledger import tables as t
from ledger.database import reading, written
from ledger.forgetting import forget
from ledger.personal import Act
from ledger.personal_tables import restricted_papers
from ledger.rows import insert_new

_p = restricted_papers.c


class Papers(NamedTuple):
    """What was put away. `notes` are texts by note id, `files` names by SHA-256, `letters` what was written to them."""

    ticket: Ticket
    notes: dict[str, str]
    files: dict[str, str]
    letters: tuple[dict[str, str], ...]


async def restrict(engine: AsyncEngine, ticket_no: str, *, at: datetime, by: str, why: str) -> bool:
    """Put the complaint's personal data away; False when it was, is erased, is held, or there is none."""
    return await written(engine, partial(_restrict, ticket_no=ticket_no, at=at, by=by, why=why))


async def papers(engine: AsyncEngine, ticket_no: str) -> Papers | None:
    """What was put away, to be shown to whoever may see it; None unless the complaint is restricted."""
    async with reading(engine) as connection:
        body = await connection.scalar(select(_p.body).where(_p.ticket_no == ticket_no))
    if body is None:
        return None
    return Papers(Ticket.model_validate(body["ticket"]), body["notes"], body["files"], tuple(body["letters"]))


async def own_files(connection: AsyncConnection, ticket_no: str) -> tuple[str, ...]:
    """The files that the customer's ticket came with, where they were put away with it."""
    body = await connection.scalar(select(_p.body).where(_p.ticket_no == ticket_no))
    return tuple(body["ticket"]["files"]) if body else ()


async def drop_papers(connection: AsyncConnection, ticket_no: str) -> None:
    await connection.execute(delete(restricted_papers).where(_p.ticket_no == ticket_no))


async def _restrict(connection: AsyncConnection, *, ticket_no: str, at: datetime, by: str, why: str) -> bool:
    ticket = await tickets.get_in(connection, ticket_no)
    is_done = ticket_no in await personal.standing_in(connection, [ticket_no])
    if ticket is None or is_done or await holds.standing_in(connection, [ticket_no]):
        return False
    body = await _collected(connection, ticket)
    counts = {kind: len(body[kind]) for kind in ("notes", "files", "letters")}
    await insert_new(connection, restricted_papers, {"ticket_no": ticket_no, "body": body})
    await forget(connection, ticket_no, at=at, by=by)
    await personal.record(connection, ticket_no, Act.RESTRICTED, at=at, by=by, why=why, counts=counts)
    return True


async def _collected(connection: AsyncConnection, ticket: Ticket) -> dict[str, Any]:
    def of(table: Any, *columns: Any) -> Any:
        return select(*columns).where(table.c.ticket_no == ticket.ticket_no)

    n, e, w = t.notes.c, t.evidence.c, t.notices.c
    notes = await connection.execute(of(t.notes, n.note_id, n.text))
    files = await connection.execute(of(t.evidence, e.sha256, e.file_name))
    letters = await connection.execute(of(t.notices, w.key, w.address, w.subject, w.body))
    return {
        "ticket": ticket.model_dump(mode="json"),
        "notes": {row.note_id: row.text for row in notes},
        "files": {row.sha256: row.file_name for row in files},
        "letters": [dict(row._mapping) for row in letters],
    }
