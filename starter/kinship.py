"""What belongs together is found as it comes in: linked, and where it is the same report told twice, merged."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import Alike
from domain.complaint import Complaint
from domain.kinship import Bond, Relation, Windows, may_join, relations
from domain.ticket import Ticket
from domain.values import Value
from ledger import kin, queries, tickets
from ledger.kin import Owed
from starter import campaigns

Submit = Callable[..., Awaitable[object]]  # `starter.commands.Complaints.submit`

ACTOR = {"role": "integration", "id": "kinship"}
WAITS_FOR_OTHERS = timedelta(minutes=1)  # tickets that came with it may still be on their way


class Kinship(Value):
    """How it is looked. `secret` is this home's; with another, what was kept before is not found any more."""

    windows: Windows
    alike: Alike
    secret: str


async def look(engine: AsyncEngine, how: Kinship, *, submit: Submit, at: datetime) -> int:
    """Look at those that came in since the last look; how many. Safe to repeat, also by several at once."""
    looked, rows = 0, await kin.owed(engine)
    told = await tickets.of_many(engine, [row.ticket_no for row in rows])
    for ticket in told.values():  # before any is looked at, so that they find one another
        await campaigns.sign(engine, ticket, how.alike, secret=how.secret)
    for row in rows:
        looked += await _look_at(engine, row, told[row.ticket_no], how, submit=submit, at=at)
    return looked


async def _look_at(
    engine: AsyncEngine, row: Owed, ticket: Ticket, how: Kinship, *, submit: Submit, at: datetime
) -> bool:
    same_car = await tickets.by_vin(engine, ticket.vehicle.vin) if ticket.vehicle.vin else ()
    cars = {each.ticket_no: each for each in (*same_car, ticket)}
    others = await campaigns.of_customer(engine, ticket, within=how.windows.repeat, secret=how.secret) | cars
    known = {number: await queries.complaint(engine, number) for number in others}
    c, begun = known.get(row.ticket_no), {number: each for number, each in known.items() if each}
    if c is None or (len(begun) < len(known) and at - row.taken_at < WAITS_FOR_OTHERS):
        return False
    found = tuple(_relations(c, ticket, begun, others, how.windows))
    # By the customer alone nothing is merged: a number may be a dealer's.
    joins = (
        each.ticket_no for each in found if each.ticket_no in cars and may_join(c, begun[each.ticket_no], each.kin)
    )
    if target := next(joins, None):
        await _merge(row.ticket_no, target, submit=submit, at=at)
    await campaigns.group(engine, ticket, how.alike, secret=how.secret)
    await kin.found(engine, row.ticket_no, found, at=at)
    return True


def _relations(
    c: Complaint, ticket: Ticket, begun: Mapping[str, Complaint], others: Mapping[str, Ticket], windows: Windows
) -> Iterator[Relation]:
    """To those of the same vehicle first."""
    bonds = {number: _bond(ticket, others[number]) for number in begun}
    for bond in Bond:
        alike = [begun[number] for number, each in bonds.items() if each is bond]
        yield from relations(c, alike, windows, bond=bond)


def _bond(one: Ticket, other: Ticket) -> Bond:
    ours, theirs = one.vehicle.vin.upper(), other.vehicle.vin.upper()
    if not (ours and theirs):
        return Bond.CUSTOMER
    return Bond.VEHICLE if ours == theirs else Bond.OTHER_VEHICLE


async def _merge(ticket_no: str, target: str, *, submit: Submit, at: datetime) -> None:
    body: Mapping[str, object] = {"actor": ACTOR, "ticket_no": target}
    await submit(ticket_no, "merge_into", body, command_id=f"same-report-{target}", received_at=at)
