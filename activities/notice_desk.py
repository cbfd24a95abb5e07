"""What is done with notices beside sending them: looking at one before it is sent, and trying a way. For the CLI."""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Literal

from activities.channels.page import CUSTOMER_SMS, Channel, ChannelAway, ChannelRefused, Said
from activities.letters import Letter, Names, Stationery
from activities.mail import MailRefused, MailUnavailable, SmtpMailer
from domain.outlets import NoticeKind
from domain.wording import Language

_MADE_UP = {
    "ticket_no": "CRM-2026-000123",
    "owner": "powertrain",
    "department": "powertrain",
    "addressee": "powertrain",
    "proposed": "chassis",
    "stage": "in_work",
    "governing": "resolution",
    "clock_kind": "response",
    "hop": "2",
    "how": "confirmed",
    "level": "service",
    "reminder": "1",
    "round": "1",
    "to": "service",
    "why": "cannot_be_coordinated",
    "problem_zh": "启动困难",
    "problem_en": "Hard to start",
}
_DAY = {
    "department": "powertrain",
    "open": 12,
    "yellow": 3,
    "red": 2,
    "new_reds": ("CRM-2026-000123",),
    "named": "CRM-2026-000123",
    "rejected": 1,
    "oldest": "CRM-2026-000123",
}
_PERSONAL = {"customer": "王小明", "vehicle": "Example One", "words": "早上冷车要打三次火。", "note": "备件周五到。"}

_LANGUAGE: dict[str, Literal["", "zh"]] = {CUSTOMER_SMS: "zh"}


class NoticeDesk:
    """`mailer` and `channels` are those that are set up."""

    def __init__(self, names: Names, *, mailer: SmtpMailer | None, channels: Mapping[str, Channel]) -> None:
        self._stationery, self._mailer, self._channels = Stationery(names), mailer, channels

    def preview(self, kind: NoticeKind, *, language: Language, by: Literal["mail", "brief"], at: datetime) -> Letter:
        """As it would be written of a made-up complaint; `brief` is what a robot's group or a text message gets."""
        instants = {"at": at.isoformat(), "due_at": at.isoformat(), "governing_due_at": at.isoformat()}
        day = {**_DAY, "oldest_since": at.isoformat()}
        personal = {**_PERSONAL, "link": "https://voice.example.com/c/…"} if by == "mail" else {}
        return self._stationery.write(
            kind, languages=(language,), facts={**_MADE_UP, **instants, **personal, "days": [day]}
        )

    async def try_out(self, way: str, *, to: str, at: datetime) -> str:
        """Send one message that says it is a trial; "" when it was taken, else why not."""
        subject = "试发 / A trial"
        text = "Vocloop 试发通知，无需处理。\nThis is Vocloop's trial of a way for notices; there is nothing to do."
        kind, _, address = way.partition(":")
        try:
            if kind == "mail":
                await self._mail(to, subject=subject, text=text, at=at)
            elif kind in self._channels:
                facts = {"ticket_no": "TRIAL", "kind": "trial", "link_code": "TRIAL"}
                key, language = f"trial:{at.isoformat()}", _LANGUAGE.get(kind, "")
                said = Said(key=key, subject=subject, text=text, facts=facts, language=language)
                await self._channels[kind].send(address, said)
            else:
                return f"{kind} is not set up"
        except (MailRefused, ChannelRefused, MailUnavailable, ChannelAway) as fault:
            return str(fault)
        return ""

    async def _mail(self, to: str, *, subject: str, text: str, at: datetime) -> None:
        if self._mailer is None:
            raise MailRefused("mail is not set up: VOCLOOP_SMTP_URL names no server")
        message = EmailMessage()
        message["Subject"], message["From"], message["To"], message["Date"] = subject, self._mailer.sender, to, at
        message.set_content(text, cte="base64")
        await self._mailer.send(message)
