"""Faults that would break a promise, each planted into the rules for as long as a monkeypatch holds."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from domain import clocks, core, deadlines
from domain.complaint import Complaint
from domain.messages import Message
from domain.policy import ClockKind
from domain.turns import Turn

Fault = Callable[[pytest.MonkeyPatch], None]


def clock_that_resets_on_transfer(patch: pytest.MonkeyPatch) -> None:
    honest = clocks._clock

    def reset(
        c: Complaint, kind: ClockKind, name: str, holder: str, started_at: datetime, *rest: Any, **stops: Any
    ) -> Any:
        hop = c.hop if kind is ClockKind.RESOLUTION else None
        return honest(c, kind, name, holder, hop.entered_at if hop else started_at, *rest, **stops)

    patch.setattr(clocks, "_clock", reset)


def breach_that_happens_twice(patch: pytest.MonkeyPatch) -> None:
    honest = deadlines.breach

    def twice(turn: Turn, clock: clocks.Clock) -> None:
        honest(turn, clock)
        if clock.kind is ClockKind.RESOLUTION:
            honest(turn, clock)

    patch.setattr(deadlines, "breach", twice)


def event_that_is_dropped(patch: pytest.MonkeyPatch) -> None:
    """Of what a command causes the last thing is not recorded."""
    honest = core.take

    def forgetful(c: Complaint, message: Message, *, now: datetime) -> core.Outcome:
        outcome = honest(c, message, now=now)
        return outcome._replace(events=outcome.events[:-1]) if len(outcome.events) > 1 else outcome

    patch.setattr(core, "take", forgetful)


def nobody_owns_it_while_it_is_disputed(patch: pytest.MonkeyPatch) -> None:
    honest = Complaint.owner.fget  # type: ignore[attr-defined]
    patch.setattr(Complaint, "owner", property(lambda c: "" if c.dispute else honest(c)))


def judged_by_when_it_was_processed(patch: pytest.MonkeyPatch) -> None:
    honest = core.take

    def tardy(c: Complaint, message: Message, *, now: datetime) -> core.Outcome:
        return honest(c, message.model_copy(update={"received_at": now}), now=now)

    patch.setattr(core, "take", tardy)


# The five that everything has to find.
PLANTED: tuple[Fault, ...] = (
    clock_that_resets_on_transfer,
    breach_that_happens_twice,
    event_that_is_dropped,
    nobody_owns_it_while_it_is_disputed,
    judged_by_when_it_was_processed,
)
