"""The seats of CX: which of those at the desk looks after a complaint, by what they know, their level and their load.

A seat owns nothing: CX does, and anyone of CX may act. It says whose work it is first. Mission G10.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from domain.complaint import Complaint, Stage
from domain.service import has_expert
from domain.values import Value


class SeatLevel(StrEnum):
    """In order: who is of a higher one may do what is for a lower."""

    AGENT = "agent"
    SENIOR = "senior"
    EXPERT = "expert"


class Duty(StrEnum):
    """What the seat is for. The last that holds is said."""

    TRIAGE = "triage"
    VERIFICATION = "verification"
    EXPERT = "expert"  # by its plan, its risk, or because no reasoning helps: from the first day to the last


class Why(StrEnum):
    """Why this one; the first that holds is said."""

    BY_HAND = "by_hand"  # somebody of CX gave it
    HAD_IT = "had_it"  # the customer knows them from before
    KNOWS_IT = "knows_it"  # of the system the complaint is about
    ANY_SYSTEM = "any_system"  # of every system
    NO_OTHER = "no_other"  # nobody who knows the system has room


class Absence(Value):
    """Both days included."""

    first: date
    last: date


class Seat(Value):
    """`id` is the person's at the identity provider. No `skills` is every system; `at_most` complaints at once."""

    id: str
    level: SeatLevel
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"zh"})
    at_most: int
    away: tuple[Absence, ...] = ()

    def is_here(self, day: date) -> bool:
        return not any(each.first <= day <= each.last for each in self.away)

    def is_of(self, level: SeatLevel) -> bool:
        return _rank(self.level) >= _rank(level)


class Seats(Value):
    """Everyone's, and from which level on somebody may triage and verify. What is for an expert is for experts."""

    seats: tuple[Seat, ...] = ()
    triage_from: SeatLevel = SeatLevel.AGENT
    verification_from: SeatLevel = SeatLevel.AGENT

    def named(self, seat_id: str) -> Seat | None:
        return next((each for each in self.seats if each.id == seat_id), None)

    def here(self, day: date) -> tuple[Seat, ...]:
        return tuple(each for each in self.seats if each.is_here(day))


class Need(NamedTuple):
    """What a complaint asks of a seat. `systems` are those of its tags; `language` is the customer's."""

    duty: Duty
    level: SeatLevel
    systems: frozenset[str] = frozenset()
    language: str = "zh"


class Given(NamedTuple):
    seat: str
    why: Why


def need_of(c: Complaint, seats: Seats, *, systems: Iterable[str] = (), language: str = "zh") -> Need | None:
    """None when no seat is called for. `systems` stand in while the complaint has no tag that is known."""
    found = _duty(c, seats)
    if found is None:
        return None
    known = c.policy.matrix
    own = frozenset(tag.partition(".")[0] for tag in c.tags if known.owner_of(tag))
    return Need(*found, own or frozenset(systems), language)


def route(need: Need, seats: Seats, load: Mapping[str, int], *, day: date, before: str = "") -> Given | None:
    """Whose it is now; None while nobody who could has room, and then it waits and anyone of CX may act.

    Who had it before gets it again. Else experts are kept free for what is theirs, and of the others who knows its
    system is first, then the lowest level, then the smallest share of their own limit. A language that nobody of the
    level speaks binds nobody.
    """
    able = [each for each in seats.here(day) if each.is_of(need.level)]
    speaking = [each for each in able if need.language in each.languages] or able
    free = [each for each in speaking if load.get(each.id, 0) < each.at_most]
    if not free:
        return None
    best = min(free, key=_order(need, load, before))
    return Given(best.id, _why(best, need, before))


def _order(need: Need, load: Mapping[str, int], before: str) -> Callable[[Seat], tuple[object, ...]]:
    whys = list(Why)

    def order(seat: Seat) -> tuple[object, ...]:
        why, share = _why(seat, need, before), load.get(seat.id, 0) / seat.at_most
        is_spared = seat.level is SeatLevel.EXPERT is not need.level and why is not Why.HAD_IT
        return is_spared, whys.index(why), _rank(seat.level), share, seat.id

    return order


def _why(seat: Seat, need: Need, before: str) -> Why:
    if seat.id == before:
        return Why.HAD_IT
    if seat.skills & need.systems:
        return Why.KNOWS_IT
    return Why.NO_OTHER if seat.skills and need.systems else Why.ANY_SYSTEM


def _duty(c: Complaint, seats: Seats) -> tuple[Duty, SeatLevel] | None:
    if c.stage is Stage.CLOSED:
        return None
    if has_expert(c):
        return Duty.EXPERT, SeatLevel.EXPERT
    if c.stage is Stage.TRIAGE:
        return Duty.TRIAGE, seats.triage_from
    return (Duty.VERIFICATION, seats.verification_from) if c.stage is Stage.VERIFICATION else None


def _rank(level: SeatLevel) -> int:
    return list(SeatLevel).index(level)
