"""What the customer of a complaint was told, what was sent to them, and what they added, for the complaint's page."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from domain import masking
from domain.events import Event
from domain.explanations import Sentence
from domain.outlets import Audience
from domain.ticket import Ticket
from domain.wording import Both
from ledger.notes import Note
from ledger.notices import PostedNotice
from starter.telling import ways
from starter.telling.events import Names
from starter.telling.replies import stage_replies
from starter.web.customer_visit import CUSTOMER


class Line(NamedTuple):
    """What the customer's own page says, in its words. `words` are the news as it was written, masked, "" without."""

    at: datetime
    said: Sentence
    words: str
    is_customers: bool


class Letter(NamedTuple):
    """What was sent to the customer, masked, and by which way. `sent_at` is None where nothing has gone."""

    kind: str
    subject: str
    body: str
    created_at: datetime
    sent_at: datetime | None
    by: Both
    has_failed: bool


class Added(NamedTuple):
    """What the customer wrote on their page beside any answer, masked."""

    at: datetime
    text: str


def lines(events: Iterable[Event], names: Names, texts: Mapping[str, str]) -> tuple[Line, ...]:
    """The newest first. `texts` are the notes by their id, masked."""
    replies = stage_replies(events, names)
    return tuple(Line(each.at, each.said, texts.get(each.note_id, ""), each.is_customers) for each in reversed(replies))


def letters(posted: Iterable[PostedNotice], ticket: Ticket) -> tuple[Letter, ...]:
    """The newest first, of what was posted oldest first."""
    return tuple(_letter(each, ticket) for each in reversed(tuple(posted)) if each.audience == Audience.CUSTOMER)


def added(written: Iterable[Note], events: Iterable[Event], texts: Mapping[str, str]) -> tuple[Added, ...]:
    """The newest first. What an event already tells with its words is left to it."""
    told = {getattr(event, "note_id", "") for event in events}
    own = [note for note in written if note.author == CUSTOMER and note.note_id not in told]
    return tuple(Added(note.at, texts[note.note_id]) for note in reversed(own))


def _letter(posted: PostedNotice, ticket: Ticket) -> Letter:
    return Letter(
        kind=posted.kind,
        subject=masking.told(posted.subject, ticket),
        body=masking.told(posted.body, ticket),
        created_at=posted.created_at,
        sent_at=posted.sent_at,
        by=ways.said(posted.sent_by),
        has_failed=bool(posted.failed_reason) and posted.sent_at is None,
    )
