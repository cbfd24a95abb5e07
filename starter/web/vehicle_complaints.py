"""What is shown of each complaint of one vehicle, from whichever channel it came. No personal data."""

from typing import NamedTuple

from domain import channels
from domain.access import is_concerned
from domain.complaint import Complaint
from domain.kinship import Relation, relations
from domain.ticket import Ticket
from domain.wording import Both
from ledger import queries, surveys, tickets
from starter.http.behind import Behind
from starter.http.principals import Principal


class OneComplaint(NamedTuple):
    """`complaint` is None until its workflow has begun. `recommend` is the customer's last mark, 0 to 10, or None.

    `relations` are to the earlier ones that who asks may know.
    """

    ticket: Ticket
    complaint: Complaint | None
    channel: Both
    recommend: int | None
    relations: tuple[Relation, ...] = ()


async def complaints_of(behind: Behind, vin: str, *, who: Principal) -> tuple[OneComplaint, ...]:
    """The vehicle's complaints as far as they concern who asks, the newest first. Of no VIN there are none."""
    found = await tickets.by_vin(behind.engine, vin) if vin else ()
    shown: list[OneComplaint] = []
    for ticket in reversed(found):
        complaint = await queries.complaint(behind.engine, ticket.ticket_no)
        if is_concerned(complaint, who.actor):
            mark = await _recommend(behind, ticket.ticket_no)
            shown.append(OneComplaint(ticket, complaint, channels.named(ticket.channel), mark))
    begun = [each.complaint for each in shown if each.complaint]
    return tuple(each._replace(relations=_relations(each.complaint, begun, behind)) for each in shown)


def _relations(c: Complaint | None, others: list[Complaint], behind: Behind) -> tuple[Relation, ...]:
    return relations(c, others, behind.kinship) if c else ()


async def _recommend(behind: Behind, ticket_no: str) -> int | None:
    answers = [each.answer for each in await surveys.of_ticket(behind.engine, ticket_no) if each.answer]
    marks = [answer.get("ratings", {}).get("recommend") for answer in answers]
    return next((mark for mark in reversed(marks) if mark is not None), None)
