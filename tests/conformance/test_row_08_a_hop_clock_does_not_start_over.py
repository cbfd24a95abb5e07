"""Row 8: the hop clock restarts when it should not. https://github.com/glpi-project/glpi/issues/14423"""

from typing import Any

import pytest

from domain import clocks
from domain import commands as cmd
from domain.complaint import Stage
from tests.builders import HOUR, T0
from tests.domain.scenes import CHASSIS, ask, at_stage, transferred


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda p: ask(p, cmd.PostProgress), "news from CX"),
        (lambda p: ask(p, cmd.Reclassify, risk_level=2), "a new risk"),
        (lambda p: ask(p, cmd.Reclassify, risk_level=None, tags=("engine.oil",)), "another tag of the same department"),
        (lambda p: ask(p, cmd.Transfer, evidence=()), "a refused transfer"),
        (lambda p: ask(p, cmd.Escalate), "an escalation"),
        (lambda p: ask(p, cmd.CustomerReply), "an answer nobody asked for"),
    ],
)
def test_the_response_clock_goes_on(happens: Any, reason: str) -> None:
    played = at_stage(Stage.DISPATCHED)
    happens(played)
    clock = clocks.response_clock(played.complaint, played.complaint.hops[0])
    assert (clock.started_at, clock.due_at) == (T0, T0 + 4 * HOUR), reason
    assert clock in clocks.running(played.complaint), reason


def test_a_refuted_transfer_gives_its_sender_no_new_clock() -> None:
    played = transferred()
    ask(played, cmd.Contest, by=CHASSIS, at=T0 + 2 * HOUR)
    ask(played, cmd.Arbitrate, owner="engine", at=T0 + 9 * HOUR)
    breach = played.all("clock_breached")[0]
    assert (breach.clock, breach.due_at, breach.charged) == ("response:1", T0 + 4 * HOUR, {"engine": 10_000})
