"""How it stands with the customer's link, for those who may end it and issue another."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain.complaint import Complaint
from ledger import customer_links
from starter.http.behind import Behind


class LinkState(StrEnum):
    NONE = "none"
    OPEN = "open"
    LAPSED = "lapsed"  # too old: the next letter gives it a new life
    ENDED = "ended"  # by somebody's word


class Link(NamedTuple):
    """`since` is when it was last sent, or ended; `until` when it lapses. Both are None where there is none."""

    state: LinkState
    since: datetime | None = None
    until: datetime | None = None


async def link_of(behind: Behind, ticket_no: str, c: Complaint | None, *, at: datetime) -> Link:
    """Raises LedgerUnavailable."""
    life = await customer_links.life(behind.engine, ticket_no=ticket_no)
    if life is None:
        return Link(LinkState.NONE)
    if life.revoked_at:
        return Link(LinkState.ENDED, since=life.revoked_at)
    policy = c.policy if c else behind.files.policy_at(life.sent_at)
    until = policy.calendar.add(life.sent_at, policy.verification.link_life)
    return Link(LinkState.LAPSED if at > until else LinkState.OPEN, since=life.sent_at, until=until)
