"""Which response and resolution clocks breach, when, and since when they were due, told a second time.

Written from mission.md (L3, L4, L6) and from nothing else: it looks only at what people did and never at the product's
clocks, deadlines or breaches. Lengths are elapsed time; the policies of `tests.domain.histories` keep it so.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Rules(NamedTuple):
    response: timedelta
    ordinary: timedelta
    complex: timedelta
    resumes: bool
    vip: timedelta | None = None


RULES = {
    "test+1": Rules(4 * HOUR, 3 * DAY, 7 * DAY, resumes=False, vip=2 * HOUR),
    "test+2": Rules(2 * HOUR, 2 * DAY, 9 * DAY, resumes=True),
    "test+3": Rules(9 * HOUR, 6 * DAY, 8 * DAY, resumes=False),
}
COMPLEX_TAGS = {"noise", "battery.fire"}
CONSEQUENCES = {"clock_warned", "clock_breached", "deemed_accepted", "customer_reminded", "escalation_raised"}


class Breach(NamedTuple):
    clock: str
    due_at: datetime
    at: datetime


class Turn:
    """A department's turn: when it began, when it was answered, and whether it was handed on."""

    def __init__(self, number: int, department: str, began_at: datetime, answered: bool) -> None:
        self.number, self.department, self.began_at = number, department, began_at
        self.answered, self.handed_on, self.is_void = answered, False, False


class Oracle:
    """Replays what people did, and after each deed asks which clock runs out before the next."""

    created_at: datetime

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.stage = "triage"
        self.rules = RULES["test+1"]
        self.is_complex = self.is_vip = False
        self.claimed_at: datetime | None = None
        self.is_confirmed = self.is_demanded = False
        self.rejected: list[tuple[datetime, datetime]] = []
        self.found: list[Breach] = []

    def breaches(self, events: Sequence[Any], *, until: datetime) -> list[Breach]:
        """All breaches of response and resolution clocks up to and including `until`."""
        deeds = [event for event in events if event.kind not in CONSEQUENCES]
        groups = [list(group) for _, group in groupby(deeds, key=lambda event: (event.cause, event.actor, event.at))]
        for group, following in zip(groups, [*groups[1:], None], strict=True):
            for event in group:
                getattr(self, f"on_{event.kind}", lambda _event: None)(event)
            self._run_out(group[-1].at, until if following is None else following[0].at)
        return self.found

    def _run_out(self, since: datetime, until: datetime) -> None:
        due = [breach for breach in self._running(since) if breach.due_at <= until]
        self.found += sorted(due, key=lambda breach: (breach.at, breach.due_at, breach.clock))

    def _running(self, since: datetime) -> Iterator[Breach]:
        known = {breach.clock for breach in self.found}
        for key, due_at in self._clocks():
            if key not in known:
                yield Breach(key, due_at, max(due_at, since))

    def _clocks(self) -> Iterator[tuple[str, datetime]]:
        if self.stage == "closed":
            return
        turn = self.turns[-1] if self.turns else None
        if turn and not turn.answered and self.stage == "held":
            yield f"response:{turn.number}", turn.began_at + self._response
        if self.is_confirmed and self.is_demanded:
            return  # the customer has said yes; only what the law grants is still to come
        if self.is_complex:
            yield "resolution:complex", self.created_at + self.rules.complex
        elif self.claimed_at is None:
            yield "resolution:ordinary", self._ordinary_due()

    @property
    def _response(self) -> timedelta:
        return self.rules.vip or self.rules.response if self.is_vip else self.rules.response

    def _ordinary_due(self) -> datetime:
        due_at = self.created_at + self.rules.ordinary
        for begin, end in self.rejected if self.rules.resumes else ():
            due_at += end - begin if begin < due_at else timedelta()
        return due_at

    def on_opened(self, event: Any) -> None:
        self.created_at = event.ticket.created_at
        self.is_vip = event.ticket.tier == "vip"
        self.is_complex = event.ticket.is_complex or bool(COMPLEX_TAGS & set(event.ticket.tags))

    def on_dispatched(self, event: Any) -> None:
        self.stage = "held"
        self.turns.append(Turn(event.hop, event.department, event.at, answered=event.origin == "ruling"))

    def on_accepted(self, event: Any) -> None:
        self.turns[-1].answered = True

    def on_transferred(self, event: Any) -> None:
        self.turns[-1].answered = self.turns[-1].handed_on = True

    def on_arbitration_opened(self, event: Any) -> None:
        self.stage = "disputed"
        self.turns[-1].answered |= event.why != "reclassified"

    def on_ruled(self, event: Any) -> None:
        """A refuted transfer was no answer: its response clock ran on until the ruling."""
        self.stage = "held"
        back = [turn for turn in self.turns if turn.department == event.owner and not turn.is_void]
        if not back:
            return
        turn = back[-1]
        due_at = turn.began_at + self._response
        if turn.handed_on and due_at <= event.at and f"response:{turn.number}" not in {b.clock for b in self.found}:
            self.found.append(Breach(f"response:{turn.number}", due_at, event.at))
        turn.answered, turn.handed_on = True, False
        for later in self.turns:
            later.is_void |= later.number > turn.number
        self.turns = [each for each in self.turns if each is not turn] + [turn]

    def on_claimed(self, event: Any) -> None:
        self.claimed_at, self.stage, self.is_confirmed = event.at, "claimed", False

    def on_claim_confirmed(self, event: Any) -> None:
        self.claimed_at, self.stage, self.is_confirmed = None, "held", True

    def on_demand_made(self, event: Any) -> None:
        self.is_demanded = True

    def on_demand_decided(self, event: Any) -> None:
        self.is_demanded = event.decision == "granted"

    def on_claim_rejected(self, event: Any) -> None:
        assert self.claimed_at
        self.rejected.append((self.claimed_at, event.at))
        self.claimed_at, self.stage = None, "held"

    def on_reclassified(self, event: Any) -> None:
        self.is_complex = event.is_complex

    def on_policy_adopted(self, event: Any) -> None:
        self.rules = RULES[event.policy.version]

    def on_closed(self, event: Any) -> None:
        self.stage = "closed"


def shares_of_responses(events: Sequence[Any]) -> dict[str, dict[str, int]]:
    """How each response breach among `events` is to be charged: 70 / 30 of those who had it then, or the lead alone."""
    leads: dict[int, tuple[str, list[str]]] = {}
    turn, expected = 0, {}
    for event in events:
        if event.kind == "dispatched":
            turn = event.hop
            leads[turn] = (event.department, list(event.supporters))
        elif event.kind == "ruled" and event.reopened_hop:
            turn = event.reopened_hop
        elif event.kind == "support_requested":
            leads[turn][1].append(event.department)
        elif event.kind == "clock_breached" and event.clock_kind == "response":
            lead, helpers = leads[turn]
            each = 3_000 // len(helpers) if helpers else 0
            expected[event.clock] = {lead: 10_000 - each * len(helpers), **dict.fromkeys(helpers, each)}
    return expected
