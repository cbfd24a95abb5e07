"""Who copied a text, and who complained before without a VIN: found by hashes that this home's key alone can make."""

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import Alike, are_alike, are_of_one, bands, is_long_enough
from domain.masking import squeezed
from domain.ticket import Customer, Ticket
from ledger import campaigns, tickets

_SHORTEST = 6  # signs of a phone or an address: what is shorter names nobody
_ONE_PERSONS = 20  # complaints within the window, itself among them


def key_of(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose, of 32 bytes."""
    return hmac.digest(secret.encode(), b"vocloop " + purpose.encode(), "sha256")


def marks_of(customer: Customer, *, secret: str) -> tuple[str, ...]:
    """One for the phone and one for the address, however they are written; () where nothing is known."""
    key = key_of(secret, "customer")
    phone = "".join(filter(str.isdigit, customer.phone))[-11:]  # without the country's code
    known = (("phone", phone), ("email", customer.email.strip().casefold()))
    return tuple(
        hmac.new(key, f"{kind}:{said}".encode(), hashlib.sha256).hexdigest()[:32]
        for kind, said in known
        if len(squeezed(said)) >= _SHORTEST
    )


async def sign(engine: AsyncEngine, ticket: Ticket, alike: Alike, *, secret: str) -> None:
    """Keep what it can be found by. Safe to repeat."""
    if marks := marks_of(ticket.customer, secret=secret):
        await campaigns.keep_marks(engine, ticket.ticket_no, marks)
    if found := _bands(ticket, alike, secret=secret):
        await campaigns.keep_signature(engine, ticket.ticket_no, found, at=ticket.created_at)


async def of_customer(engine: AsyncEngine, ticket: Ticket, *, within: timedelta, secret: str) -> dict[str, Ticket]:
    """The tickets of the same phone or address that were created at most `within` before, by number. None where there
    are more than one person's: a dealer's or a fleet's number tells of no customer.
    """
    marks = marks_of(ticket.customer, secret=secret)
    earliest = ticket.created_at - within
    found = await campaigns.marked(engine, marks, since=earliest, until=ticket.created_at, limit=_ONE_PERSONS + 1)
    return await tickets.of_many(engine, found) if len(found) <= _ONE_PERSONS else {}


async def group(engine: AsyncEngine, ticket: Ticket, alike: Alike, *, secret: str) -> None:
    """Put it into the campaign of those whose text it has. Each stays a complaint with its own clocks and rights."""
    found = _bands(ticket, alike, secret=secret)
    near = await campaigns.perhaps_alike(engine, ticket.ticket_no, found, at=ticket.created_at, within=alike.within)
    others = (await tickets.of_many(engine, near)).values()
    copies = [
        each.ticket_no for each in others if are_alike(ticket.words, each.words, alike) and not are_of_one(ticket, each)
    ]
    if copies:
        await campaigns.join(engine, (ticket.ticket_no, *copies))


def _bands(ticket: Ticket, alike: Alike, *, secret: str) -> tuple[str, ...]:
    return bands(ticket.words, key=key_of(secret, "campaign")) if is_long_enough(ticket.words, alike) else ()
