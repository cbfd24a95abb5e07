"""The survey: each round is asked once, by the customer's own link to their complaint."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import ports
from activities.channels.page import Channel
from activities.customers import language_of, reached, text_message
from activities.delivery import Delivery, Outgoing
from activities.letters import Stationery
from activities.links import CustomerLinks
from activities.mail import MailUnavailable, SmtpMailer
from activities.notices import Roster
from domain.outlets import Audience, Invitation, Notice, NoticeKind
from ledger import surveys, tickets
from ledger.links import LinkSigner as LinkSigner
from ledger.links import hash_of


class SqlSurvey(ports.Survey):
    """The link itself stands in the customer's letter alone. Nobody is sent the token of a survey's row."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        signer: LinkSigner,
        names: Roster,
        mailer: SmtpMailer | None,
        clock: Callable[[], datetime],
        channels: Mapping[str, Channel] | None = None,
    ) -> None:
        self._engine, self._signer, self._clock, self._roster = engine, signer, clock, names
        self._links = CustomerLinks(engine, signer, clock=clock)
        self._delivery = Delivery(engine, mailer=mailer, clock=clock, channels=channels, is_quiet=names.is_quiet)
        self._stationery = Stationery(names)

    @activity.defn(name="invite_to_survey")
    async def invite(self, invitation: Invitation) -> None:
        """Raises "MailUnavailable", to be repeated; the invitation then stands in the notice centre already."""
        ticket_no, number = invitation.ticket_no, invitation.round
        token_hash = hash_of(self._signer.token(ticket_no, number))
        await surveys.invite(
            self._engine, ticket_no=ticket_no, round=number, token_hash=token_hash, invited_at=self._clock()
        )
        outgoing = await self._outgoing(invitation)
        if not await self._delivery.post(outgoing):
            return
        try:
            await self._delivery.send(outgoing)
        except MailUnavailable as away:
            await self._delivery.put_off(outgoing, reason=str(away))
            raise ApplicationError(f"{invitation.key}: {away}", type="MailUnavailable") from away

    async def _outgoing(self, invitation: Invitation) -> Outgoing:
        ticket = await tickets.get(self._engine, invitation.ticket_no)
        # The facts are without the link: only the letter to the customer holds it.
        notice = Notice(
            key=invitation.key,
            kind=NoticeKind.CUSTOMER_SURVEY,
            audience=Audience.CUSTOMER,
            facts={"round": str(invitation.round)},
        )
        ticket_no, language = invitation.ticket_no, language_of(ticket)
        link = await self._links.of(ticket_no)
        facts = {"ticket_no": ticket_no, "customer": ticket.customer.name if ticket else "", "link": link}
        letter = self._stationery.write(notice.kind, languages=(language,), facts=facts)
        reach = reached(ticket, order=self._roster.customer_ways, delivery=self._delivery)
        said = text_message(notice, ticket_no, subject=letter.subject, link=link, language=language)
        return Outgoing(notice, ticket_no, reach.address, letter, ways=reach.ways, said=said)
