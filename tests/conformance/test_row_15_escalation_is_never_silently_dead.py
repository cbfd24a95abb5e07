"""Row 15: escalation is silently dead. https://github.com/zammad/zammad/issues/3523

Whatever is done or left undone, an open complaint has a next deadline ahead, and a canary that nobody touches goes red
on time. A deadline that was missed shows in `noticed_at`.
"""

import pytest

from domain import clocks
from domain.complaint import Stage
from domain.deadlines import next_due
from domain.invariants import has_next_deadline
from domain.lights import Light
from tests.builders import DAY, HOUR, T0, Played
from tests.conformance.notices import told
from tests.domain.scenes import at_stage


def test_a_canary_goes_red_and_tells_on_time() -> None:
    canary = Played("engine.stall")
    due = next_due(canary.complaint)
    while due and due.due_at <= T0 + 4 * HOUR:
        canary.wait(due.due_at)
        due = next_due(canary.complaint)
    assert clocks.light(canary.complaint, at=T0 + 4 * HOUR) is Light.RED
    assert told(canary, "warning", "breach", "vp_copy") == [
        (160 / 60, "warning", "responders", "engine"),
        (4, "breach", "manager", "engine"),
        (4, "vp_copy", "vp", "engine"),
    ]


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CLOSED])
def test_no_open_stage_is_without_a_next_deadline_even_after_a_year_of_silence(stage: Stage) -> None:
    played = at_stage(stage)
    for days in (1, 40, 365):
        played.wait(T0 + days * DAY)
        assert list(has_next_deadline(played.complaint, at=T0 + days * DAY)) == []
        assert clocks.governing(played.complaint)


def test_a_deadline_noticed_late_says_so() -> None:
    played = Played("engine.stall")
    played.wait(T0 + 2 * DAY)
    breach = played.all("clock_breached")[0]
    assert (breach.due_at, breach.at, breach.noticed_at) == (T0 + 4 * HOUR, T0 + 4 * HOUR, T0 + 2 * DAY)
    assert list(has_next_deadline(Played("engine.stall").complaint, at=T0 + 2 * DAY)) != []
