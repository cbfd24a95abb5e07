"""A complaint told: what happened in sentences, its clocks as bars on one axis, its hops and what each bears."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from operator import itemgetter
from typing import NamedTuple

from domain import events as e
from domain.claims import Claim
from domain.complaint import Complaint
from domain.custody import hop_total
from domain.events import Event
from domain.explanations import Sentence
from domain.hops import Hop
from domain.policy import ClockKind
from ledger.events import RecordedEvent
from starter.api.views import ClocksView, SegmentView, StoryView
from starter.telling.events import Names
from starter.telling.events import told as event_told
from starter.telling.goodwill import GoodwillStep

_WIDE = 1000.0  # of a bar, in the units of its drawing
_NARROWEST = 4.0
# What merely follows from what somebody did, or concerns the machinery, is told more quietly.
_QUIET = (e.CommandRefused, e.MessageRejected, e.NoticeFailed, e.ClockWarned, e.CustomerReminded)
_LOUD = (e.ClockBreached, e.ClaimRejected, e.EscalationRaised, e.DeemedAccepted)
_GOOD = (e.ClaimConfirmed, e.Closed)


class Happening(NamedTuple):
    """One event, or a step of goodwill, which has no `seq`. `tone` is "", "quiet", "loud" or "good"."""

    seq: int
    kind: str
    at: datetime
    sentence: Sentence
    note: str
    tone: str


class Piece(NamedTuple):
    """A segment as drawn: from `x`, so wide; full height where it counts against a department, else half."""

    x: float
    width: float
    custody: str
    counts: bool
    is_provisional: bool
    sentence: Sentence


class Bar(NamedTuple):
    """One of the three clocks everybody sees. `elapsed` is what it counts."""

    clock: str
    whose: str
    elapsed: timedelta
    pieces: tuple[Piece, ...]


class Charge(NamedTuple):
    """What a hop answers for: a clock's breach (`clock_kind`), or a rejected claim; basis points by department."""

    clock_kind: str
    at: datetime
    shares: Mapping[str, int]


class HopRow(NamedTuple):
    hop: Hop
    counted: timedelta
    charges: tuple[Charge, ...]


class ClaimRow(NamedTuple):
    claim: Claim
    note: str


def happenings(
    recorded: Iterable[RecordedEvent], names: Names, notes: Mapping[str, str], goodwill: Iterable[GoodwillStep] = ()
) -> tuple[Happening, ...]:
    """The newest first. `notes` are the texts by their id, masked. People are told by their office, not by an id.

    Goodwill is no event of the complaint: its ledger tells it in between, by the instant at which it happened.
    """
    told = [_happening(each.event, names, notes) for each in recorded]
    # The events keep their order, also where one was noticed later than what follows it.
    since = accumulate((each.at for each in told), max)
    steps = (Happening(0, "goodwill", s.at, s.sentence, notes.get(s.note_id, ""), s.tone) for s in goodwill)
    placed = [*zip(since, told, strict=True), *((step.at, step) for step in steps)]
    return tuple(each for _, each in sorted(placed, key=itemgetter(0)))[::-1]


def _happening(event: Event, names: Names, notes: Mapping[str, str]) -> Happening:
    return Happening(
        seq=event.seq,
        kind=event.kind,
        at=event.at,
        sentence=event_told(_by_office(event), names),
        note=notes.get(getattr(event, "note_id", ""), ""),
        tone=_tone(event),
    )


def _by_office(event: Event) -> Event:
    return event.model_copy(update={"actor": event.actor.model_copy(update={"id": ""})}) if event.actor else event


def _tone(event: Event) -> str:
    tones = {"quiet": _QUIET, "loud": _LOUD, "good": _GOOD}
    return next((tone for tone, kinds in tones.items() if isinstance(event, kinds)), "")


def bars(clocks: ClocksView, *, since: datetime, until: datetime) -> tuple[Bar, ...]:
    """All on one axis from `since` to `until`, so that one sees whose part of the customer's wait is whose."""
    whole = (until - since).total_seconds() or 1.0
    return tuple(_bar(story, since=since, whole=whole) for story in clocks.stories)


def _bar(story: StoryView, *, since: datetime, whole: float) -> Bar:
    pieces = tuple(_piece(segment, since=since, whole=whole) for segment in story.segments)
    return Bar(story.clock, story.whose, timedelta(seconds=story.elapsed_s), pieces)


def _piece(segment: SegmentView, *, since: datetime, whole: float) -> Piece:
    width = max((segment.end - segment.begin).total_seconds() / whole * _WIDE, _NARROWEST)
    x = min((segment.begin - since).total_seconds() / whole * _WIDE, _WIDE - width)
    return Piece(
        x=round(max(x, 0.0), 1),
        width=round(min(width, _WIDE), 1),
        custody=segment.custody,
        counts=segment.counts,
        is_provisional=segment.is_provisional,
        sentence=segment.sentence,
    )


def hop_rows(c: Complaint, events: Iterable[Event], *, at: datetime) -> tuple[HopRow, ...]:
    """Each turn, what of the time counts against it, and what it was charged with."""
    charged = list(_charged(c, events))
    return tuple(
        HopRow(hop, hop_total(c, hop, at=at), tuple(charge for number, charge in charged if number == hop.number))
        for hop in c.hops
    )


def _charged(c: Complaint, events: Iterable[Event]) -> Iterator[tuple[int, Charge]]:
    claimed = {claim.round: claim for claim in c.claims}
    for event in events:
        if isinstance(event, e.ClockBreached):
            hop = (
                _number(event.clock) if event.clock_kind is ClockKind.RESPONSE else _held(c, event.holder, event.due_at)
            )
            yield hop, Charge(event.clock_kind, event.due_at, event.charged)
        elif isinstance(event, e.ClaimRejected) and event.round in claimed:
            claim = claimed[event.round]
            yield _held(c, claim.department, claim.claimed_at), Charge("", event.at, event.charged)


def _number(clock: str) -> int:
    return int(clock.partition(":")[2])


def _held(c: Complaint, department: str, at: datetime) -> int:
    """The hop that the department had at that instant; 0 when it had none, as a desk has."""
    theirs = [hop.number for hop in c.hops if hop.department == department and hop.entered_at <= at]
    return theirs[-1] if theirs else 0


def claim_rows(c: Complaint, events: Iterable[Event], notes: Mapping[str, str]) -> tuple[ClaimRow, ...]:
    said = {event.round: notes.get(event.note_id, "") for event in events if isinstance(event, e.Claimed)}
    return tuple(ClaimRow(claim, said.get(claim.round, "")) for claim in reversed(c.claims))
