"""Delivery: a letter stands in the notice centre and goes out by mail, each once per key and address."""

import hashlib
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.letters import Letter
from activities.mail import MailRefused, SmtpMailer
from domain.outlets import Notice
from ledger import notices

IN_APP = "customer"  # the notice centre's address of a customer who gave no e-mail

# Narrower than the standard: what the header parser or an SMTP dialogue could take for something else is no address.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")

_LINK = re.compile(r"(?<=/c/)[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outgoing:
    """A letter to one address about one notice."""

    notice: Notice
    ticket_no: str
    address: str
    letter: Letter


class Delivery:
    """`mailer` is None when the notice centre is the only outlet; `clock` tells the instant."""

    def __init__(self, engine: AsyncEngine, *, mailer: SmtpMailer | None, clock: Callable[[], datetime]) -> None:
        self._engine, self._mailer, self._clock = engine, mailer, clock

    async def post(self, outgoing: Outgoing) -> bool:
        """Put it up in the notice centre; whether a mail is still owed."""
        posted = await notices.post(
            self._engine,
            outgoing.notice,
            ticket_no=outgoing.ticket_no,
            address=outgoing.address,
            subject=outgoing.letter.subject,
            body=_LINK.sub("***", outgoing.letter.text),  # whoever holds the link speaks for the customer
            created_at=self._clock(),
        )
        return self._mailer is not None and posted.sent_at is None and outgoing.address != IN_APP

    async def mail(self, outgoing: Outgoing) -> bool:
        """Send it; False when the server will never take it. Raises MailUnavailable when another try may help."""
        if self._mailer is None:
            return False
        key, address = outgoing.notice.key, outgoing.address
        now = self._clock()
        try:
            await self._mailer.send(_message(outgoing, sender=self._mailer.sender, at=now))
        except MailRefused as refused:
            _log.warning("The mail server refused %s: %s", key, refused)
            await notices.failed(self._engine, key=key, address=address, reason=str(refused))
            return False
        await notices.sent(self._engine, key=key, address=address, at=now)
        return True

    async def put_off(self, outgoing: Outgoing, *, reason: str) -> None:
        """Note that the mail could not go this time."""
        await notices.failed(self._engine, key=outgoing.notice.key, address=outgoing.address, reason=reason)


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


def _message(outgoing: Outgoing, *, sender: str, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = outgoing.letter.subject
    message["From"] = sender
    message["To"] = outgoing.address
    message["Date"] = at
    message["Message-ID"] = _message_id(outgoing, sender=sender)
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office replies, please
    message.set_content(outgoing.letter.text, cte="base64")
    message.add_alternative(outgoing.letter.html, subtype="html", cte="base64")
    return message


def _message_id(outgoing: Outgoing, *, sender: str) -> str:
    """The same for the same key and address, so that a mail sent twice around a crash is one mail to its reader."""
    digest = hashlib.sha256(f"{outgoing.notice.key}\n{outgoing.address}".encode()).hexdigest()[:32]
    return f"<{digest}@{sender.rpartition('@')[2].rstrip('>') or 'localhost'}>"
