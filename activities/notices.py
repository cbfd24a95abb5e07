"""Notices: whom to tell, in which words, and that it was done once."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import customers, ports
from activities.channels.page import Channel
from activities.delivery import Delivery, Outgoing
from activities.letters import Letter, Names, Stationery
from activities.mail import MailDeferred, MailUnavailable, SmtpMailer
from domain.outlets import Audience, Notice, NoticeBatch, NoticeKind
from domain.ticket import Ticket
from domain.wording import Language
from ledger import notes, tickets

INTERNAL: tuple[Language, ...] = ("zh", "en")  # colleagues read both, Chinese first

# Only these show the customer's own words: whoever is to act on them.
_WITH_WORDS = frozenset({NoticeKind.WORK_ORDER, NoticeKind.TRIAGE, NoticeKind.SUPPORT, NoticeKind.RISK_REPORT})


class Roster(Names, Protocol):
    """Who gets a notice."""

    def addresses(self, audience: Audience, department: str = "") -> tuple[str, ...]: ...

    def ways(self, address: str) -> tuple[str, ...]: ...

    def is_quiet(self, address: str, at: datetime) -> bool: ...

    @property
    def customer_ways(self) -> tuple[str, ...]: ...

    def tags(self, codes: tuple[str, ...], language: Language) -> str: ...


class SqlNotices(ports.Notices):
    """`link` gives the customer's link to a complaint, "" when it was revoked; None leaves it out."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        roster: Roster,
        mailer: SmtpMailer | None,
        clock: Callable[[], datetime],
        channels: Mapping[str, Channel] | None = None,
        link: Callable[[str], Awaitable[str]] | None = None,
    ) -> None:
        self._engine, self._roster, self._link = engine, roster, link
        self.delivery = Delivery(
            engine, mailer=mailer, clock=clock, channels=channels, ways=roster.ways, is_quiet=roster.is_quiet
        )
        self.stationery = Stationery(roster)

    @activity.defn(name="send_notices")
    async def send(self, batch: NoticeBatch) -> tuple[str, ...]:
        """All of the batch stands in the notice centre before any of it is mailed.

        Raises "MailUnavailable", to be repeated, when the mail server is away.
        """
        ticket = await tickets.get(self._engine, batch.ticket_no)
        owed: list[Outgoing] = []
        undeliverable: list[str] = []
        for notice in batch.notices:
            outgoing = await self._outgoing(notice, batch.ticket_no, ticket)
            owed += [each for each in outgoing if await self.delivery.post(each)]
            undeliverable += [] if outgoing else [notice.key]
        return (*undeliverable, *await self._mail(owed))

    async def _mail(self, owed: list[Outgoing]) -> tuple[str, ...]:
        """Returns the keys of notices that no address took for good."""
        taken: dict[str, bool] = {}
        deferred: ApplicationError | None = None
        for outgoing in owed:
            key = outgoing.notice.key
            try:
                went = await self.delivery.send(outgoing)
            except MailUnavailable as away:
                await self.delivery.put_off(outgoing, reason=str(away))
                if not isinstance(away, MailDeferred):
                    raise _unavailable(key, away) from away
                deferred = deferred or _unavailable(key, away)
            else:
                taken[key] = taken.get(key, False) or went
        if deferred:
            raise deferred
        return tuple(key for key, is_taken in taken.items() if not is_taken)

    async def _outgoing(self, notice: Notice, ticket_no: str, ticket: Ticket | None) -> list[Outgoing]:
        """One for each address; none when there is nobody to tell."""
        if notice.audience is not Audience.CUSTOMER:
            letter, brief = await self._letter(notice, ticket_no, ticket), self._brief(notice, ticket_no, ticket)
            addresses = self._roster.addresses(notice.audience, notice.department)
            return [Outgoing(notice, ticket_no, address, letter, brief) for address in addresses]
        if ticket is None:
            return []
        link = await self._link(ticket_no) if self._link else ""
        letter = await self._letter(notice, ticket_no, ticket, link=link)
        reach = customers.reached(ticket, order=self._roster.customer_ways, delivery=self.delivery)
        language = customers.language_of(ticket)
        said = customers.text_message(notice, ticket_no, subject=letter.subject, link=link, language=language)
        return [Outgoing(notice, ticket_no, reach.address, letter, ways=reach.ways, said=said)]

    async def _letter(self, notice: Notice, ticket_no: str, ticket: Ticket | None, *, link: str = "") -> Letter:
        is_for_customer = notice.audience is Audience.CUSTOMER
        languages = (customers.language_of(ticket),) if is_for_customer else INTERNAL
        said = await notes.get(self._engine, notice.facts["note_id"]) if notice.facts.get("note_id") else None
        facts: dict[str, Any] = {
            **notice.facts,
            "ticket_no": ticket_no,
            "audience": notice.audience.value,
            "addressee": notice.department,
            # A note of another ticket would be somebody else's secret.
            "note": said.text if said and said.ticket_no == ticket_no else "",
            "link": link,
            **(_about(ticket, self._roster, notice.kind) if ticket else {}),
        }
        return self.stationery.write(notice.kind, languages=languages, facts=facts)

    def _brief(self, notice: Notice, ticket_no: str, ticket: Ticket | None) -> Letter:
        """What may stand in a group's chat: nothing of the customer's."""
        told = {"ticket_no": ticket_no, "audience": notice.audience.value, "addressee": notice.department}
        problem = (
            {f"problem_{language}": self._roster.tags(ticket.tags, language) for language in INTERNAL} if ticket else {}
        )
        return self.stationery.write(notice.kind, languages=INTERNAL, facts={**notice.facts, **told, **problem})


def _unavailable(key: str, away: MailUnavailable) -> ApplicationError:
    return ApplicationError(f"{key}: {away}", type="MailUnavailable", next_retry_delay=away.wait)


def _about(ticket: Ticket, roster: Roster, kind: NoticeKind) -> dict[str, str]:
    return {
        "customer": ticket.customer.name,
        "problem_zh": roster.tags(ticket.tags, "zh"),
        "problem_en": roster.tags(ticket.tags, "en"),
        "vehicle": f"{ticket.vehicle.brand} {ticket.vehicle.model}".strip(),
        "words": ticket.words if kind in _WITH_WORDS else "",
    }
