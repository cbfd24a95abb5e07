"""Text messages to customers that were held over night: they go in the morning."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.channels.page import CUSTOMER_SMS
from activities.customers import language_of, text_message
from activities.delivery import Delivery, Outgoing
from activities.letters import Letter
from activities.mail import MailUnavailable
from domain.outlets import Audience, Notice, NoticeKind
from ledger import notices, tickets
from ledger.notices import PostedNotice

_SETTLED = timedelta(minutes=10)  # what is younger is still being sent by whoever wrote it
_KEPT = timedelta(days=3)
_PATIENCE = timedelta(days=1)  # then a vendor that is away counts as a failure that CX sees


class HeldTexts:
    """What nobody has tried to send yet. Safe to repeat. `link` gives the customer's link, "" when it was revoked."""

    def __init__(self, engine: AsyncEngine, *, delivery: Delivery, link: Callable[[str], Awaitable[str]]) -> None:
        self._engine, self._delivery, self._link = engine, delivery, link

    async def perform(self, due_at: datetime) -> str:
        since, until = due_at - _KEPT, due_at - _SETTLED
        held = await notices.held_texts(self._engine, since=since, until=until)
        went = [await self._sent(each, due_at) for each in held]
        return f"{sum(went)} of {len(held)} held text messages sent"

    async def _sent(self, held: PostedNotice, at: datetime) -> bool:
        outgoing = await self._outgoing(held)
        try:
            return await self._delivery.post(outgoing) and await self._delivery.send(outgoing)
        except MailUnavailable as away:
            if at - held.created_at > _PATIENCE:
                await self._delivery.put_off(outgoing, reason=str(away))
            return False

    async def _outgoing(self, held: PostedNotice) -> Outgoing:
        ticket = await tickets.get(self._engine, held.ticket_no)
        notice = Notice(key=held.key, kind=NoticeKind(held.kind), audience=Audience(held.audience), facts=held.facts)
        link, language = await self._link(held.ticket_no), language_of(ticket)
        said = text_message(notice, held.ticket_no, subject=held.subject, link=link, language=language)
        letter = Letter(subject=held.subject, text=held.body, html="")
        return Outgoing(
            notice, held.ticket_no, held.address, letter, ways=(f"{CUSTOMER_SMS}:{held.address}",), said=said
        )
