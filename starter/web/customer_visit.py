"""One look at one complaint by its customer: what the link opens, and what is asked of them now."""

from datetime import datetime
from typing import NamedTuple

from domain.claims import Claim, Verdict
from domain.complaint import Complaint, Stage
from domain.events import Event
from domain.ticket import Ticket
from domain.wording import Language
from ledger import customer_links, events, notes, queries, surveys, tickets
from ledger.notes import Note
from ledger.surveys import Survey
from starter.http.behind import Behind

CUSTOMER = "customer"  # who wrote a note, or handed in a picture


class Visit(NamedTuple):
    """`complaint` is None while the ledger has not heard of it, `survey` while no round was ever asked."""

    ticket: Ticket
    complaint: Complaint | None
    events: tuple[Event, ...]
    survey: Survey | None  # of the latest round
    words: tuple[Note, ...]  # the customer's own, from this page
    language: Language
    at: datetime

    @property
    def claim(self) -> Claim | None:
        """The one that waits for the customer's word, as far as the ledger knows."""
        return self.complaint.pending_claim if self.complaint else None

    @property
    def asked(self) -> int:
        """The round to answer now; 0 when none. While the ledger lags behind, the workflow has the last word."""
        claim, survey, c = self.claim, self.survey, self.complaint
        latest = max(claim.round if claim else 0, survey.round if survey else 0)
        settled = {each.round for each in c.claims if each.verdict is not Verdict.PENDING} if c else set()
        is_answered = survey is not None and survey.round == latest and survey.answer is not None
        is_closed = c is not None and c.stage is Stage.CLOSED
        return 0 if is_closed or is_answered or latest in settled else latest

    @property
    def may_add(self) -> bool:
        """Whether words without an answer make sense: somebody works on it."""
        return not self.asked and not (self.complaint and self.complaint.stage is Stage.CLOSED)


async def visit(behind: Behind, token: str, *, asked: Language | None, at: datetime) -> Visit | None:
    """None for a token nobody made, one that was revoked and one too old: all look the same from outside.

    `asked` is the language the visitor chose. Raises LedgerUnavailable.
    """
    lead = await customer_links.find(behind.engine, token)
    ticket = await tickets.get(behind.engine, lead.ticket_no) if lead else None
    if lead is None or ticket is None:
        return None
    complaint = await queries.complaint(behind.engine, lead.ticket_no)
    # A ledger that lags behind has no complaint yet: its policy is the one in force then.
    policy = complaint.policy if complaint else behind.files.policy_at(lead.since)
    if at > policy.calendar.add(lead.since, policy.verification.link_life):
        return None
    asked_so_far = await surveys.of_ticket(behind.engine, lead.ticket_no)
    written = await notes.of_ticket(behind.engine, lead.ticket_no)
    return Visit(
        ticket,
        complaint,
        await events.events_of(behind.engine, lead.ticket_no),
        asked_so_far[-1] if asked_so_far else None,
        tuple(note for note in written if note.author == CUSTOMER),
        asked or ("en" if ticket.customer.language == "en" else "zh"),
        at,
    )
