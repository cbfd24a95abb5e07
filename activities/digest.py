"""Each VP's daily digest: how their departments stand in the morning, on the days on which those work."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.delivery import Delivery, Outgoing
from activities.letters import Stationery
from activities.mail import MailUnavailable
from domain.outlets import Audience, Notice, NoticeKind
from domain.wording import Language
from ledger import digests
from policy.reading import PolicyFiles

_BOTH: tuple[Language, ...] = ("zh", "en")
_DAY = timedelta(days=1)
_NAMED = 5  # reds by their number; the rest are counted


class Digests:
    """One letter a VP and day, of all their departments that work. Safe to repeat: none goes out twice."""

    def __init__(self, engine: AsyncEngine, *, files: PolicyFiles, stationery: Stationery, delivery: Delivery) -> None:
        self._engine, self._files = engine, files
        self._stationery, self._delivery = stationery, delivery

    async def perform(self, due_at: datetime) -> str:
        """Raises MailUnavailable, to be repeated, when a way was away; what had gone out by then stays sent."""
        sent, away = 0, None
        theirs = self._departments_by_vp(due_at)
        for address, departments in theirs.items():
            try:
                sent += await self._sent(address, departments, due_at=due_at)
            except MailUnavailable as fault:
                away = fault
        if away:
            raise away
        return f"{sent} digests sent, {len(theirs)} VPs have a department that works today"

    async def _sent(self, address: str, departments: list[str], *, due_at: datetime) -> bool:
        """It stands in each department's notice centre, and goes out once."""
        days = [await self._day(each, due_at) for each in departments]
        told = {"at": due_at.isoformat(), "days": days}
        letter = self._stationery.write(NoticeKind.DIGEST, languages=_BOTH, facts=told)
        put_up = [Outgoing(self._notice(each, due_at), "", address, letter, letter) for each in departments]
        is_owed = [await self._delivery.post(each) for each in put_up]
        return is_owed[0] and await self._delivery.send(put_up[0])

    def _notice(self, department: str, due_at: datetime) -> Notice:
        return Notice(
            key=f"digest:{self._local(due_at):%Y-%m-%d}:{department}",
            kind=NoticeKind.DIGEST,
            audience=Audience.VP,
            department=department,
            facts={"at": due_at.isoformat()},
        )

    async def _day(self, department: str, due_at: datetime) -> dict[str, object]:
        """Figures, ticket numbers and instants; nothing of a customer's."""
        day = await digests.of_department(self._engine, department, at=due_at, since=self._since(department, due_at))
        since = day.oldest_since.isoformat() if day.oldest_since else ""
        named = ", ".join(day.new_reds[:_NAMED])
        return {**day.model_dump(), "department": department, "named": named, "oldest_since": since}

    def _departments_by_vp(self, at: datetime) -> dict[str, list[str]]:
        theirs: dict[str, list[str]] = {}
        for department in (each.id for each in self._files.departments if self._works(each.id, at)):
            for address in self._files.addresses(Audience.VP, department):
                theirs.setdefault(address, []).append(department)
        return theirs

    def _works(self, department: str, at: datetime) -> bool:
        calendar = self._files.calendar_at(at, department=department)
        return calendar.is_workday(at.astimezone(ZoneInfo(calendar.zone)).date())

    def _since(self, department: str, due_at: datetime) -> datetime:
        """This hour of the working day before: after a holiday a digest tells of all that happened meanwhile."""
        for days in range(1, 15):
            if self._works(department, due_at - days * _DAY):
                return due_at - days * _DAY
        return due_at - _DAY

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(ZoneInfo(self._files.sheets.calendar.table.zone))
