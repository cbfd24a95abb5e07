"""Each VP's daily digest: how their departments stand in the morning, on the days on which those work."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.delivery import Delivery, Outgoing
from activities.letters import Stationery
from activities.mail import MailUnavailable
from domain.outlets import Audience, Notice, NoticeKind
from domain.wording import Language
from ledger import digests, notices
from policy.reading import PolicyFiles

_BOTH: tuple[Language, ...] = ("zh", "en")
_MORNING = time(8, 30)
_DAY, _QUARTER = timedelta(days=1), timedelta(minutes=15)
_NAMED = 5  # reds by their number; the rest are counted


class _Morning(NamedTuple):
    """Whose day has begun, where, and which of their departments work on it; `at` is now."""

    address: str
    zone: ZoneInfo
    day: date
    departments: tuple[str, ...]
    at: datetime

    @property
    def began_at(self) -> datetime:
        return datetime.combine(self.day, _MORNING, tzinfo=self.zone)


class Digests:
    """One letter a VP and day, of all their departments that work. Safe to repeat: none goes out twice."""

    def __init__(self, engine: AsyncEngine, *, files: PolicyFiles, stationery: Stationery, delivery: Delivery) -> None:
        self._engine, self._files = engine, files
        self._stationery, self._delivery = stationery, delivery

    async def perform(self, due_at: datetime) -> str:
        """For whom it is 08:30 or later at `due_at`, where they work, and who has not got theirs. What no way took is
        tried again when this is asked for 15 minutes after that, then 30, an hour, and so on until midnight.
        """
        mornings = self._mornings(due_at)
        sent = put_off = 0
        for morning in mornings:
            if await self._is_owed(morning):
                outgoing = await self._outgoing(morning)
                try:
                    sent += await self._delivery.post(outgoing) and await self._delivery.send(outgoing)
                except MailUnavailable as away:
                    await self._delivery.put_off(outgoing, reason=str(away))
                    put_off += 1
        late = f", {put_off} put off" if put_off else ""
        return f"{sent} digests sent{late}, {len(mornings)} VPs have a department that works today"

    def _mornings(self, at: datetime) -> tuple[_Morning, ...]:
        theirs: dict[str, list[str]] = {}
        for department in (each.id for each in self._files.departments):
            for address in self._files.addresses(Audience.VP, department):
                theirs.setdefault(address, []).append(department)
        begun = (self._morning(address, held, at) for address, held in theirs.items())
        return tuple(each for each in begun if each.departments and each.began_at <= at)

    def _morning(self, address: str, departments: Sequence[str], at: datetime) -> _Morning:
        zone = ZoneInfo(self._files.zone_of(address))
        day = at.astimezone(zone).date()
        return _Morning(address, zone, day, tuple(each for each in departments if self._works(each, day)), at)

    async def _is_owed(self, morning: _Morning) -> bool:
        key = _notice(morning, morning.departments[0]).key
        standing = await notices.standing(self._engine, key=key, address=morning.address)
        if standing is None:
            return True
        pause: timedelta = _QUARTER * (2**standing.attempts - 1)
        return standing.sent_at is None and morning.at >= morning.began_at + pause

    async def _outgoing(self, morning: _Morning) -> Outgoing:
        """It stands in each department's notice centre, and goes out once."""
        days = [await self._day(each, morning) for each in morning.departments]
        told = {"at": morning.at.isoformat(), "zone": morning.zone.key, "days": days}
        letter = self._stationery.write(NoticeKind.DIGEST, languages=_BOTH, facts=told)
        first, *others = (_notice(morning, each) for each in morning.departments)
        return Outgoing(first, "", morning.address, letter, letter, also=tuple(others))

    async def _day(self, department: str, morning: _Morning) -> dict[str, object]:
        """Figures, ticket numbers and instants; nothing of a customer's."""
        since = self._since(department, morning)
        day = await digests.of_department(self._engine, department, at=morning.at, since=since)
        oldest_since = day.oldest_since.isoformat() if day.oldest_since else ""
        named = ", ".join(day.new_reds[:_NAMED])
        return {**day.model_dump(), "department": department, "named": named, "oldest_since": oldest_since}

    def _works(self, department: str, day: date) -> bool:
        some_time = datetime.combine(day, _MORNING, tzinfo=UTC)
        return self._files.calendar_at(some_time, department=department).is_workday(day)

    def _since(self, department: str, morning: _Morning) -> datetime:
        """The morning of the working day before: after a holiday a digest tells of all that happened meanwhile."""
        before = (morning.day - days * _DAY for days in range(1, 15))
        day = next((each for each in before if self._works(department, each)), morning.day - _DAY)
        return datetime.combine(day, _MORNING, tzinfo=morning.zone)


def _notice(morning: _Morning, department: str) -> Notice:
    """Its key is that of what it says: a group that several VPs share reads each letter, and the same one once."""
    key = f"digest:{morning.day:%Y-%m-%d}:{department}"
    if len(morning.departments) > 1:
        key += f":{hashlib.sha256(' '.join(morning.departments).encode()).hexdigest()[:8]}"
    facts = {"at": morning.at.isoformat()}
    return Notice(key=key, kind=NoticeKind.DIGEST, audience=Audience.VP, department=department, facts=facts)
