"""Taking every value that names a customer out of the tables. What happened, and when, stays."""

import json
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.masking import squeezed
from domain.outlets import Audience
from domain.ticket import Ticket
from ledger import campaigns, goodwill, search, tickets
from ledger import tables as t
from ledger.access_tables import disclosures
from ledger.customer_links import customer_links
from ledger.saved_filters import saved_filters

# What a saved list may have been looked for by; anything shorter stands in too many.
_LEAST_SIGNS = 2
_OF_AN_ANSWER = frozenset({"answer", "ratings", "note_id", "pictures"})


async def forget(connection: AsyncConnection, ticket_no: str, *, at: datetime, by: str) -> None:
    """Blank what names this complaint's customer. Safe to repeat. The files of evidence are for whoever keeps them."""
    ticket = await tickets.get_in(connection, ticket_no)
    if ticket:
        await _forget_filters(connection, ticket)
        await _forget_ticket(connection, ticket)
    await _forget_rows(connection, ticket_no, at=at, by=by)


async def _forget_ticket(connection: AsyncConnection, ticket: Ticket) -> None:
    known = select(t.complaints.c.tags).where(t.complaints.c.ticket_no == ticket.ticket_no)
    blank: dict[str, Any] = {
        "customer": {"language": ticket.customer.language},
        **dict.fromkeys(("vin", "plate", "words"), ""),
        "mileage_km": None,
        "files": [],
        "tags": await connection.scalar(known) or [],  # another tag may be words of the customer's
        "content_hash": tickets.ERASED,
    }
    mine = t.tickets.c.ticket_no == ticket.ticket_no
    await connection.execute(update(t.tickets).where(mine).values(**blank))
    rest = await tickets.get_in(connection, ticket.ticket_no)
    await search.replace(connection, ticket.ticket_no, rest, ())


async def _forget_rows(connection: AsyncConnection, ticket_no: str, *, at: datetime, by: str) -> None:
    def of(table: Table) -> ColumnElement[bool]:
        return table.c.ticket_no == ticket_no

    took = (of(t.inbox)) & (t.inbox.c.kind == "ticket")
    await connection.execute(update(t.inbox).where(took).values(content_hash=tickets.ERASED))
    await connection.execute(update(t.notes).where(of(t.notes)).values(text=""))
    await connection.execute(update(t.evidence).where(of(t.evidence)).values(file_name=""))
    await connection.execute(update(t.notices).where(of(t.notices)).values(subject="", body="", failed_reason=""))
    await connection.execute(update(disclosures).where(of(disclosures)).values(why=""))
    await goodwill.forget_in(connection, ticket_no)
    await campaigns.forget_in(connection, ticket_no)
    await _forget_addresses(connection, ticket_no)
    await _forget_answers(connection, ticket_no)
    await _end_links(connection, ticket_no, at=at, by=by)


async def _forget_addresses(connection: AsyncConnection, ticket_no: str) -> None:
    n = t.notices.c
    mine = select(n.key, n.address).where(n.ticket_no == ticket_no, n.audience == Audience.CUSTOMER)
    for number, (key, address) in enumerate((await connection.execute(mine)).all()):
        blank = update(t.notices).where(n.key == key, n.address == address)
        await connection.execute(blank.values(address=f"erased-{number}"))


async def _forget_answers(connection: AsyncConnection, ticket_no: str) -> None:
    """Marks stay, for they count; words go, and the link with them."""
    s = t.surveys.c
    rows = await connection.execute(select(s.round, s.answer).where(s.ticket_no == ticket_no))
    for number, answer in rows.all():
        kept = {name: value for name, value in (answer or {}).items() if name in _OF_AN_ANSWER}
        mine = update(t.surveys).where(s.ticket_no == ticket_no, s.round == number)
        values = {"token_hash": secrets.token_hex(32), "answer": kept if answer is not None else None}
        await connection.execute(mine.values(**values))


async def _end_links(connection: AsyncConnection, ticket_no: str, *, at: datetime, by: str) -> None:
    c = customer_links.c
    rows = await connection.execute(select(c.number, c.revoked_at, c.revoked_by).where(c.ticket_no == ticket_no))
    for number, revoked_at, revoked_by in rows.all():
        ended = {"revoked_at": revoked_at or at, "revoked_by": revoked_by or by[:64]}
        mine = update(customer_links).where(c.ticket_no == ticket_no, c.number == number)
        await connection.execute(mine.values(token_hash=secrets.token_hex(32), **ended))


async def _forget_filters(connection: AsyncConnection, ticket: Ticket) -> None:
    """Lists that somebody saved by what named this customer."""
    who, car = ticket.customer, ticket.vehicle
    signs = [squeezed(fact) for fact in (who.name, who.phone, who.email, car.vin, car.plate)]
    told = [each for each in signs if len(each) >= _LEAST_SIGNS]
    f = saved_filters.c
    for person_id, name, query in (await connection.execute(select(f.person_id, f.name, f.query))).all():
        said = squeezed(json.dumps([name, query], ensure_ascii=False))
        if any(each in said for each in told):
            await connection.execute(delete(saved_filters).where(f.person_id == person_id, f.name == name))
