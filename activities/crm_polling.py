"""Tickets of a CRM that has no webhooks: asked for now and then, behind a cursor that the ledger keeps.

A ticket is told by its number, so reading one again is harmless; and that is done on purpose. A CRM dates a change
when it begins to write it and shows it when that is committed, so what is dated a little before the cursor may still
come to light: each reading begins an overlap before it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.crm_adapters.page import CrmAdapter, CrmAway, Found, Position
from domain.ticket import Ticket
from ledger import crm_cursors, crm_differences, inbox, tickets
from ledger.crm_cursors import Cursor
from ledger.crm_differences import Difference, What
from ledger.rows import Kept
from policy.red_lines import RedLines

OVERLAP = timedelta(minutes=10)
_PAGE = 100
_OF_READING = (What.UNREADABLE, What.CONFLICT)


class Polled(NamedTuple):
    """Tickets read, those of them that were new and are taken now, and those that could not be."""

    read: int
    taken: int
    faults: int

    @property
    def sentence(self) -> str:
        return f"{self.read} tickets read, {self.taken} taken, {self.faults} that cannot be"


async def poll(
    adapter: CrmAdapter,
    engine: AsyncEngine,
    *,
    connection: str,
    at: datetime,
    since: datetime | None = None,
    overlap: timedelta = OVERLAP,
    red_lines: RedLines | None = None,
) -> Polled:
    """Take every ticket that changed since the cursor, or since `since`, and move the cursor with each page.

    The first time of all it begins at `at`, less the overlap. What it takes lies in the inbox, from where the API's
    sweep starts its complaint. Raises CrmAway and CrmCannot, with what was read until then kept.
    """
    reached = await crm_cursors.get(engine, connection)
    begin = since or (min(reached.reached_at, at) if reached else at) - overlap
    await crm_cursors.move(engine, connection, Cursor(begin, "", at))
    position, polled = Position(at=begin), Polled(0, 0, 0)
    seen = {position}
    while page := await adapter.tickets_after(position, limit=_PAGE):
        taken, faults = await _take(engine, [_keepable(found) for found in page], red_lines, at=at)
        position = page[-1].position
        if position in seen:
            raise CrmAway("its list does not go on")  # it would be asked the same for ever
        seen.add(position)
        await _reach(engine, connection, page, at=at)
        polled = Polled(polled.read + len(page), polled.taken + taken, polled.faults + faults)
    return polled


async def _reach(engine: AsyncEngine, connection: str, page: Sequence[Found], *, at: datetime) -> None:
    """Never into the future: one ticket dated in 2099 would hide all others until then."""
    past = [found.position for found in page if found.position.at <= at]
    if past:
        await crm_cursors.move(engine, connection, Cursor(past[-1].at, _plain(past[-1].id), at))


async def _take(
    engine: AsyncEngine, page: Sequence[Found], red_lines: RedLines | None, *, at: datetime
) -> tuple[int, int]:
    """How many were new, and of how many nothing can be made."""
    known = await tickets.of_many(engine, [found.ticket_no for found in page])
    new = [found for found in page if found.ticket_no not in known]
    faults = [_unreadable(found) for found in new if found.ticket is None]
    taken = 0
    for ticket in (found.ticket for found in new if found.ticket):
        # Looked at once more by the inbox: it may have come by another way meanwhile.
        if await _taken(engine, ticket, red_lines, at=at) is Kept.CONFLICT:
            faults.append(Difference(ticket_no=ticket.ticket_no, what=What.CONFLICT))
        else:
            taken += 1
    await crm_differences.keep(engine, faults, at=at)
    faulty = {fault.ticket_no for fault in faults}
    await crm_differences.over(engine, {found.ticket_no for found in page} - faulty, what=_OF_READING)
    return taken, len(faults)


def _keepable(found: Found) -> Found:
    """Without a ticket where it has a NUL character, which no database keeps in text; and named by what one keeps."""
    has_nul = found.ticket is not None and "\\u0000" in found.ticket.model_dump_json()
    left = {"ticket": None, "fault": "nul"} if has_nul else {}
    return found.model_copy(update={"ticket_no": _plain(found.ticket_no), **left})


def _plain(text: str) -> str:
    """Without NUL characters and halves of characters."""
    return "".join(sign for sign in text if sign.isprintable())[:64]


async def _taken(engine: AsyncEngine, ticket: Ticket, red_lines: RedLines | None, *, at: datetime) -> Kept:
    key = f"ticket:{ticket.ticket_no}"
    matters = await asyncio.to_thread(red_lines.in_ticket, ticket, at=at) if red_lines else ()
    return (await inbox.take_ticket(engine, ticket, received_at=at, key=key, matters=matters)).kept


def _unreadable(found: Found) -> Difference:
    # A ticket without a number of ours is told by its place.
    name = found.ticket_no or f"id-{_plain(found.position.id)}"[:64]
    return Difference(ticket_no=name, what=What.UNREADABLE, fields={"fault": ("", found.fault)})
