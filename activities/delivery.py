"""Delivery: a letter stands in the notice centre and goes out by the first way that takes it, once per key and
address.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.page import Channel, ChannelAway, ChannelRefused, Said
from activities.letters import Letter
from activities.mail import MailDeferred, MailRefused, MailUnavailable, SmtpMailer
from domain.outlets import Notice
from ledger import notices

IN_APP = "customer"  # the notice centre's address of a customer who gave no e-mail

# Narrower than the standard: what the header parser or an SMTP dialogue could take for something else is no address.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")

_LINK = re.compile(r"(?<=/c/)[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")

_log = logging.getLogger(__name__)


def _never(_address: str, _at: datetime) -> bool:
    return False


def _by_mail(_address: str) -> tuple[str, ...]:
    return ("mail",)


@dataclass(frozen=True)
class Outgoing:
    """A letter to one address about one notice. `brief` says as much as a robot's group or a text message may hold;
    None lets it go by mail alone. `also` are notices that stand beside it, of other departments, and went when it did.

    A customer's has the `ways` to try, the preferred first, and with a text message among them what is `said` in it.
    """

    notice: Notice
    ticket_no: str
    address: str
    letter: Letter
    brief: Letter | None = None
    also: tuple[Notice, ...] = ()
    ways: tuple[str, ...] | None = None
    said: Said | None = None

    @property
    def beside(self) -> tuple[str, ...]:
        """The keys of those that go with it."""
        return tuple(each.key for each in self.also)


class Delivery:
    """`mailer` is None, and `channels` empty, when the notice centre is the only outlet; `clock` tells the instant.

    `ways` says how an address is reached, the preferred way first; one that is not set up is passed over. Where it
    `is_quiet` mail goes alone, which rings nobody, unless the notice may not wait or no mail is set up.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        mailer: SmtpMailer | None,
        clock: Callable[[], datetime],
        channels: Mapping[str, Channel] | None = None,
        ways: Callable[[str], tuple[str, ...]] = _by_mail,
        is_quiet: Callable[[str, datetime], bool] = _never,
    ) -> None:
        self._engine, self._mailer, self._clock = engine, mailer, clock
        self._channels, self._ways, self._is_quiet = channels or {}, ways, is_quiet

    def takes(self, kind: str) -> bool:
        """Whether mail, or a channel by the first word of its ways, is set up."""
        return bool(self._mailer) if kind == "mail" else kind in self._channels

    async def post(self, outgoing: Outgoing) -> bool:
        """Put it up in the notice centre; whether it has still to go out."""
        letter = {
            "ticket_no": outgoing.ticket_no,
            "address": outgoing.address,
            "subject": outgoing.letter.subject,
            "body": _LINK.sub("***", outgoing.letter.text),  # whoever holds the link speaks for the customer
        }
        at = self._clock()
        for each in outgoing.also:
            await notices.post(self._engine, each, **letter, created_at=at)
        posted = await notices.post(self._engine, outgoing.notice, **letter, created_at=at)
        return posted.sent_at is None and bool(self._open_ways(outgoing))

    async def send(self, outgoing: Outgoing) -> bool:
        """By the first way that takes it; False when none ever will. Raises MailUnavailable when another try may."""
        refused: list[str] = []
        away: MailUnavailable | None = None
        for way in self._open_ways(outgoing):
            try:
                await self._by(way, outgoing)
            except (MailRefused, ChannelRefused) as fault:
                refused.append(f"{_told(way)}: {fault}")
            except (MailUnavailable, ChannelAway) as fault:
                refused.append(f"{_told(way)}: {fault}")
                away = away or (
                    fault if isinstance(fault, MailUnavailable) else MailDeferred(str(fault), wait=fault.wait)
                )
            else:
                return True
        if away:
            raise type(away)("; ".join(refused), wait=away.wait)
        _log.warning("Nothing took %s: %s", outgoing.notice.key, "; ".join(refused))
        await self.put_off(outgoing, reason="; ".join(refused))
        return False

    async def _by(self, way: str, outgoing: Outgoing) -> None:
        kind, _, to = way.partition(":")
        said = way if kind in ("robot", "hook") else _told(way)  # a phone is whoever's it is
        key, now = outgoing.notice.key, self._clock()
        if kind == "mail" and self._mailer:
            await self._mailer.send(_message(outgoing, sender=self._mailer.sender, at=now))
        elif outgoing.said:
            await self._channels[kind].send(to, outgoing.said)
        elif outgoing.brief and not (said == way and await notices.is_told(self._engine, key=key, by=way)):
            brief = outgoing.brief
            facts = {"ticket_no": outgoing.ticket_no, "kind": outgoing.notice.kind.value}
            await self._channels[kind].send(to, Said(key=key, subject=brief.subject, text=brief.text, facts=facts))
        await notices.sent(self._engine, key=key, address=outgoing.address, by=said, at=now, also=outgoing.beside)

    def _open_ways(self, outgoing: Outgoing) -> tuple[str, ...]:
        """Those of the address that are set up, and that this may go by."""
        if outgoing.address == IN_APP:
            return ()
        own = self._ways(outgoing.address) if outgoing.brief else ("mail",)
        ways = own if outgoing.ways is None else outgoing.ways
        is_quiet = not outgoing.notice.rings and self._is_quiet(outgoing.address, self._clock())
        if is_quiet and outgoing.ways is not None:
            ways = tuple(way for way in ways if way == "mail")  # a customer's text message waits for the morning
        elif is_quiet and self._mailer:
            ways = ("mail",)
        return tuple(way for way in ways if self.takes(_kind(way)))

    async def put_off(self, outgoing: Outgoing, *, reason: str) -> None:
        """Note that it could not go this time."""
        key, address = outgoing.notice.key, outgoing.address
        await notices.failed(self._engine, key=key, address=address, reason=reason, also=outgoing.beside)


def _kind(way: str) -> str:
    return way.partition(":")[0]


def _told(way: str) -> str:
    """A way's first word as people know it."""
    return _kind(way).removeprefix("customer_")


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
