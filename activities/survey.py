"""The survey: one link for each round, made once, sent to the customer. Only its hash is kept to be found by."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import ports
from activities.delivery import Delivery, Outgoing
from activities.letters import Names, Stationery
from activities.mail import MailUnavailable, SmtpMailer
from activities.notices import customer_address, language_of
from domain.outlets import Audience, Invitation, Notice, NoticeKind
from ledger import surveys, tickets

TOKEN_BYTES = 16  # 128 bits nobody guesses


class LinkSigner:
    """Makes survey links. A ticket's round always gives the same link, so an invitation repeated is no second one.

    `secret` must be long and random: whoever knows it can answer for every customer.
    """

    def __init__(self, secret: str, *, base_url: str) -> None:
        if len(secret) < 32:
            raise ValueError("VOCLOOP_SECRET_KEY is too short to sign links with: give it at least 32 characters.")
        self._secret = secret.encode()
        self._base_url = base_url.rstrip("/")

    def token(self, ticket_no: str, round: int) -> str:  # noqa: A002 - the claim's number
        digest = hmac.new(self._secret, f"survey\n{ticket_no}\n{round}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode().rstrip("=")

    def link(self, ticket_no: str, round: int) -> str:  # noqa: A002 - the claim's number
        return f"{self._base_url}/c/{self.token(ticket_no, round)}"


class SqlSurvey(ports.Survey):
    """The link itself stands in the customer's letter alone; the survey's row keeps its hash."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        signer: LinkSigner,
        names: Names,
        mailer: SmtpMailer | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine, self._signer, self._clock = engine, signer, clock
        self._delivery = Delivery(engine, mailer=mailer, clock=clock)
        self._stationery = Stationery(names)

    @activity.defn(name="invite_to_survey")
    async def invite(self, invitation: Invitation) -> None:
        """Raises "MailUnavailable", to be repeated; the invitation then stands in the notice centre already."""
        ticket_no, number = invitation.ticket_no, invitation.round
        token_hash = hashlib.sha256(self._signer.token(ticket_no, number).encode()).hexdigest()
        await surveys.invite(
            self._engine, ticket_no=ticket_no, round=number, token_hash=token_hash, invited_at=self._clock()
        )
        outgoing = await self._outgoing(invitation)
        if not await self._delivery.post(outgoing):
            return
        try:
            await self._delivery.mail(outgoing)
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
        letter = self._stationery.write(
            notice.kind,
            languages=(language_of(ticket),),
            facts={
                "ticket_no": invitation.ticket_no,
                "customer": ticket.customer.name if ticket else "",
                "link": self._signer.link(invitation.ticket_no, invitation.round),
            },
        )
        return Outgoing(notice, invitation.ticket_no, customer_address(ticket), letter)
