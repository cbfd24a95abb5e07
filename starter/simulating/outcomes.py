"""What a policy would have made of a history, counted. docs/simulate.md defines each figure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain import events as e
from domain.policy import ClockKind, Value

_WEEK = timedelta(days=7)
_MOST_TEAMS = 10


class PolicyOutcome(Value):
    """Of one policy. A case is red when a clock of it was breached, the promise of news left aside."""

    policy: str
    version: str
    cases: int
    red_cases: int
    red_share: float
    breaches: dict[str, int]
    red_by_team: dict[str, int]
    handoffs_made: int
    handoffs_refused: dict[str, int]
    arbitrations: dict[str, int]
    vp_copies: int
    vp_copies_a_week: float
    vp_copies_busiest_week: int
    escalations: dict[str, int]


class Tally:
    """Counts case by case."""

    def __init__(self) -> None:
        self._cases = self._red = self._made = 0
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED}

    def add(self, events: Sequence[e.Event]) -> None:
        self._cases += 1
        breaches = [each for each in events if _is_red(each)]
        self._red += bool(breaches)
        self._counts["red_by_team"].update({each.holder for each in breaches if isinstance(each, e.ClockBreached)})
        for event in events:
            self._count(event)

    def _count(self, event: e.Event) -> None:
        counts = self._counts
        if isinstance(event, e.ClockBreached):
            counts["breaches"][event.clock_kind] += event.clock_kind is not ClockKind.PROGRESS
            counts["weeks"]["{}-W{:02}".format(*event.at.isocalendar())] += len(event.copied)
        elif isinstance(event, e.CommandRefused) and event.command in ("transfer", "contest"):
            counts["handoffs_refused"][event.code] += 1
        elif isinstance(event, e.ArbitrationOpened):
            counts["arbitrations"][event.why] += 1
        elif isinstance(event, e.EscalationRaised):
            counts["escalations"][event.level] += 1
        elif isinstance(event, e.Transferred):
            self._made += 1

    def outcome(self, *, policy: str, version: str, since: datetime, until: datetime) -> PolicyOutcome:
        """`since` and `until` are the log's first and last instant: the weeks the copies are spread over."""
        weeks = self._counts["weeks"]
        return PolicyOutcome(
            policy=policy,
            version=version,
            cases=self._cases,
            red_cases=self._red,
            red_share=round(self._red / self._cases, 4) if self._cases else 0.0,
            breaches=dict(sorted((+self._counts["breaches"]).items())),
            red_by_team=_most(self._counts["red_by_team"]),
            handoffs_made=self._made,
            handoffs_refused=dict(sorted(self._counts["handoffs_refused"].items())),
            arbitrations=dict(sorted(self._counts["arbitrations"].items())),
            vp_copies=weeks.total(),
            vp_copies_a_week=round(weeks.total() / max((until - since) / _WEEK, 1), 2),
            vp_copies_busiest_week=max(weeks.values(), default=0),
            escalations=dict(sorted(self._counts["escalations"].items())),
        )


_COUNTED = ("breaches", "red_by_team", "handoffs_refused", "arbitrations", "weeks", "escalations")


def _is_red(event: e.Event) -> bool:
    return isinstance(event, e.ClockBreached) and event.clock_kind is not ClockKind.PROGRESS


def _most(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:_MOST_TEAMS])
