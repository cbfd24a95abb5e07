"""What subscribers are to get, put in the transaction that records it: nothing is recorded and not told.

Without a subscriber this is one query of an empty table.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.complaint import Complaint
from domain.events import Event, Opened
from domain.fold import apply, opened
from domain.webhooks import departments_of, told, wants
from ledger import policies
from ledger import webhook_tables as w

Step = tuple[Event, Complaint | None, Complaint]  # what happened, and the complaint before and after it


class Subscriber(NamedTuple):
    """A subscription's filters; an empty one lets everything through."""

    webhook_id: str
    kinds: list[str]
    departments: list[str]


PENDING, DELIVERED, GIVEN_UP = "pending", "delivered", "given_up"

# Made once: each append asks it.
_FILTERS = select(*(w.webhooks.c[name] for name in Subscriber._fields)).with_for_update(read=True, key_share=True)
_ACTIVE = _FILTERS.where(w.webhooks.c.is_active)


def delivery_id(webhook_id: str, ticket_no: str, seq: int) -> str:
    """The same however often an event is queued for a subscription. It holds no dot: it is signed between two."""
    return f"msg_{hashlib.sha256(f'{webhook_id}:{ticket_no}:{seq}'.encode()).hexdigest()[:32]}"


async def subscribers(connection: AsyncConnection, *, webhook_id: str | None = None) -> Sequence[Subscriber]:
    """The active subscriptions' filters, held against their deletion until this transaction ends."""
    query = _ACTIVE if webhook_id is None else _FILTERS.where(w.webhooks.c.webhook_id == webhook_id)
    found = await connection.execute(query)
    return [Subscriber(*row) for row in found]


async def queue(
    connection: AsyncConnection, subscribed: Sequence[Subscriber], around: Iterable[Step], *, queued_at: datetime
) -> None:
    """Queue for each subscription the steps it wants; these are new to all of them."""
    rows = [row for step in around for row in rows_for(subscribed, step, queued_at=queued_at)]
    if rows:
        await connection.execute(insert(w.deliveries), rows)


def rows_for(subscribed: Sequence[Subscriber], step: Step, *, queued_at: datetime) -> Iterator[dict[str, Any]]:
    event, before, after = step
    concerned = departments_of(event, before, after)
    for each in subscribed:
        if wants(kinds=each.kinds, departments=each.departments, kind=event.kind, concerned=concerned):
            ticket_no = after.ticket.ticket_no
            yield {
                "delivery_id": delivery_id(each.webhook_id, ticket_no, event.seq),
                "webhook_id": each.webhook_id,
                "ticket_no": ticket_no,
                "seq": event.seq,
                "kind": event.kind,
                "happened_at": event.at,
                "data": told(event, after),
                "state": PENDING,
                "created_at": queued_at,
                "queued_at": queued_at,
                "next_attempt_at": queued_at,
            }


def steps(before: Complaint, happened: Sequence[Event]) -> Iterator[Step]:
    """Each of `happened`, the events next after `before`, with the complaint around it."""
    for event in happened:
        after = apply(before, event)
        yield event, before, after
        before = after


async def steps_from_opening(connection: AsyncConnection, happened: Sequence[Event]) -> Iterator[Step]:
    """Each of `happened`, all of a complaint's events, with the complaint around it. Raises policies.UnknownPolicy."""
    opening, *rest = happened
    if not isinstance(opening, Opened):
        raise ValueError("a complaint's first event is its opening")
    first = opened(opening, await policies.get_in(connection, opening.policy_version))
    return chain([(opening, None, first)], steps(first, rest))
