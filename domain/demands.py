"""What the law of the three guarantees lets a customer demand, and by when that is answered and carried out."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from domain.durations import Duration
from domain.instants import Instant
from domain.statute import StatutePack
from domain.values import Value
from domain.working_time import WorkingCalendar


class Remedy(StrEnum):
    REPLACEMENT = "replacement"
    REFUND = "refund"


class DemandDecision(StrEnum):
    GRANTED = "granted"  # answered with yes; it is still to be carried out
    REFUSED = "refused"  # answered with no, and with the reasons
    COMPLETED = "completed"
    DROPPED = "dropped"  # the customer no longer demands it


class LegalTerms(Value):
    """By when the law wants what. `law` is the statute as it was read ("cn_three_guarantees_2021+1a2b3c4d"); they are
    provisional while they cross days off that nobody has announced.
    """

    law: str = Field(min_length=1, max_length=80)
    since: Instant
    reply_by: Instant
    complete_by: Instant
    is_provisional: bool = False

    @model_validator(mode="after")
    def _are_in_order(self) -> Self:
        if not self.since < self.reply_by <= self.complete_by:
            raise ValueError("a demand is made, then answered, then carried out")
        return self


def legal_terms(pack: StatutePack, *, demanded_on: date, state: WorkingCalendar) -> LegalTerms:
    """What `pack` allows from that day on, which is not counted; the last day is whole. `state` knows the days on which
    the state works, whatever the company does.
    """
    zone = ZoneInfo(pack.zone)
    since = datetime.combine(demanded_on, time(), zone)

    def end_of(allowed: Duration) -> datetime:
        last = state.add(since, allowed).astimezone(zone).date()
        return datetime.combine(last + timedelta(days=1), time(), zone)

    complete_by = end_of(pack.answers.completion)
    return LegalTerms(
        law=pack.version or pack.id,
        since=since,
        reply_by=end_of(pack.answers.reply),
        complete_by=complete_by,
        is_provisional=not state.is_announced(since, complete_by, pack.answers.completion.unit),
    )


class Demand(Value):
    """One demand; `number` counts from 1. `decision` None is not answered yet."""

    number: int
    remedy: Remedy
    terms: LegalTerms
    decision: DemandDecision | None = None
    decided_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is still owed for it."""
        return self.decision in (None, DemandDecision.GRANTED)
