"""A red line's outlets: its record with the legal hold, and the calls to those who decide."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import ports
from activities.delivery import Outgoing
from activities.mail import MailUnavailable
from activities.notices import SqlNotices
from domain.outlets import Audience, Notice, NoticeKind
from domain.red_line import What
from domain.red_line_outlets import RedLineBatch, RedLineCall
from domain.wording import Language
from ledger import holds, red_lines, tickets
from ledger import notices as centre
from policy.reading import PolicyFiles
from policy.red_line_posts import holders

_BOTH: tuple[Language, ...] = ("zh", "en")
HELD_BY = "red-line"


class SqlRedLines(ports.RedLines):
    """`files` say who holds a post today."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        files: PolicyFiles,
        notices: SqlNotices,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine, self._files, self._clock = engine, files, clock
        self._stationery, self._delivery = notices.stationery, notices.delivery

    @activity.defn(name="record_red_line")
    async def record(self, batch: RedLineBatch) -> None:
        origin = batch.state.origin
        opened = any(each.what is What.OPENED for each in batch.happened)
        if opened and not origin.is_drill and await tickets.get(self._engine, origin.ticket_no):
            await holds.place(self._engine, origin.ticket_no, why="red line", at=self._clock(), by=HELD_BY)
        await red_lines.record(self._engine, batch.state, batch.happened)

    @activity.defn(name="call_for_red_line")
    async def call(self, call: RedLineCall) -> tuple[str, ...]:
        missed: list[str] = []
        away: MailUnavailable | None = None
        for post in call.posts:
            reached = False
            for outgoing in self._outgoing(call, post):
                try:
                    reached = await self._reaches(outgoing) or reached
                except MailUnavailable as fault:
                    await self._delivery.put_off(outgoing, reason=str(fault))
                    away = fault
            missed += [] if reached else [post]
        if away and missed:
            raise ApplicationError(str(away), type="MailUnavailable") from away
        return tuple(missed)

    async def _reaches(self, outgoing: Outgoing) -> bool:
        """What went before stands: who is asked twice is called once. The notice centre alone rings nobody."""
        if await self._delivery.post(outgoing):
            return await self._delivery.send(outgoing)
        standing = await centre.standing(self._engine, key=outgoing.notice.key, address=outgoing.address)
        return standing is not None and standing.sent_at is not None

    def _outgoing(self, call: RedLineCall, post: str) -> list[Outgoing]:
        """Codes and a number, nothing of the customer's: it goes to phones and robots too."""
        origin = call.origin
        told = {
            "ticket_no": origin.ticket_no or origin.id,
            "red_line": "yes",
            "red_line_id": origin.id,
            "matters": ", ".join(origin.matters),
            "is_drill": "yes" if origin.is_drill else "",
            "at": origin.opened_at.isoformat(),
        }
        letter = self._stationery.write(NoticeKind.RED_LINE, languages=_BOTH, facts=told)
        facts = {name: value for name, value in told.items() if value and name != "ticket_no"}
        made = []
        for person in holders(self._files, post):
            key, department = f"red-line:{origin.id}:{call.seq}:{post}", post.partition(".")[0]
            notice = Notice(
                key=key,
                kind=NoticeKind.RED_LINE,
                audience=Audience.LEADERSHIP,
                department="" if department == "leadership" else department,
                facts=facts,
            )
            made.append(Outgoing(notice, origin.ticket_no, person.email, letter, letter))
        return made
