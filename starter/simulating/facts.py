"""What a history says by itself, before any policy is laid on it. docs/simulate.md defines each figure."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from domain.policy import Value
from starter.simulating.cases import DONE, LogCase, State

_HOUR = timedelta(hours=1)


class LogFacts(Value):
    """Counts of cases and events; times in hours. A share lies between 0 and 1."""

    cases: int
    events: int
    teams: int
    handoffs: int
    handed_cases: int
    ping_pong_cases: int
    returned_cases: int
    reopened_cases: int
    unfinished_cases: int
    duration_median_h: float
    duration_p90_h: float
    duration_max_h: float
    waiting_user_cases: int
    waiting_user_h: float
    waiting_user_share: float
    first_at: str
    last_at: str


def facts_of(cases: Sequence[LogCase]) -> LogFacts:
    """The figures of a history of at least one case."""
    turns = [case.teams for case in cases]
    lengths = sorted((case.events[-1].at - case.events[0].at) / _HOUR for case in cases)
    waits = [_waited(case) for case in cases]
    return LogFacts(
        cases=len(cases),
        events=sum(len(case.events) for case in cases),
        teams=len({team for each in turns for team in each}),
        handoffs=sum(max(len(each) - 1, 0) for each in turns),
        handed_cases=sum(len(each) > 1 for each in turns),
        ping_pong_cases=sum(_goes_back_at_once(each) for each in turns),
        returned_cases=sum(len(set(each)) < len(each) for each in turns),
        reopened_cases=sum(_is_reopened(case) for case in cases),
        unfinished_cases=sum(case.events[-1].state not in DONE for case in cases),
        duration_median_h=_percentile(lengths, 50),
        duration_p90_h=_percentile(lengths, 90),
        duration_max_h=round(lengths[-1], 2),
        waiting_user_cases=sum(any(event.state is State.WAITING_USER for event in case.events) for case in cases),
        waiting_user_h=round(sum(waits), 2),
        waiting_user_share=round(sum(waits) / sum(lengths), 4) if sum(lengths) else 0.0,
        first_at=min(case.events[0].at for case in cases).isoformat(),
        last_at=max(case.events[-1].at for case in cases).isoformat(),
    )


def _goes_back_at_once(teams: Sequence[str]) -> bool:
    return any(first == third for first, third in zip(teams, teams[2:], strict=False))


def _is_reopened(case: LogCase) -> bool:
    return any(before.state in DONE and after.state not in DONE for before, after in pairwise(case.events))


def _waited(case: LogCase) -> float:
    return sum((b.at - a.at) / _HOUR for a, b in pairwise(case.events) if a.state is State.WAITING_USER)


def _percentile(ordered: Sequence[float], share: int) -> float:
    """Nearest rank: the least value that `share` per cent of all do not exceed."""
    return round(ordered[max(-(-len(ordered) * share // 100) - 1, 0)], 2)
