"""Which other complaints of the vehicle this one belongs to, as far as they concern who asks."""

from datetime import datetime
from typing import NamedTuple

from domain.access import is_concerned
from domain.channels import named
from domain.kinship import Kin
from domain.wording import Both
from ledger import campaigns, kin, queries, tickets
from starter.http.behind import Behind
from starter.http.principals import Principal

_SHOWN = 10  # of a campaign


class Relative(NamedTuple):
    """`is_later`: it is the other that came after this one, and that is `kin` to it."""

    ticket_no: str
    kin: Kin
    is_later: bool
    channel: Both
    is_merged: bool  # one of the two was merged into the other


class Alike(NamedTuple):
    """The campaign it stands in. `others` are the first of those that concern who asks."""

    campaign: str
    size: int
    first_at: datetime
    others: tuple[str, ...]


async def alike(behind: Behind, ticket_no: str, *, who: Principal) -> Alike | None:
    found = await campaigns.of_ticket(behind.engine, ticket_no)
    if found is None:
        return None
    near = [each for each in found.ticket_nos if each != ticket_no][:_SHOWN]
    others = [each for each in near if is_concerned(await queries.complaint(behind.engine, each), who.actor)]
    return Alike(found.campaign, found.size, found.first_at, tuple(others))


async def relatives(behind: Behind, ticket_no: str, *, who: Principal) -> tuple[Relative, ...]:
    found: list[Relative] = []
    for link in await kin.links_of(behind.engine, ticket_no):
        other = link.later if link.earlier == ticket_no else link.earlier
        complaint, ticket = await queries.complaint(behind.engine, other), await tickets.get(behind.engine, other)
        if ticket and is_concerned(complaint, who.actor):
            later = complaint if other == link.later else await queries.complaint(behind.engine, link.later)
            is_merged = later is not None and later.merged_into == link.earlier
            found.append(Relative(other, link.kin, other == link.later, named(ticket.channel), is_merged))
    return tuple(found)
