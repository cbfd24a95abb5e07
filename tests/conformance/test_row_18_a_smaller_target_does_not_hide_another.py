"""Row 18: a smaller target overrules the first-response target. https://github.com/zammad/zammad/issues/5177"""

from domain import clocks
from domain import commands as cmd
from domain.lights import Light
from tests.builders import HOUR, T0, Played, a_policy
from tests.conformance.notices import told
from tests.domain.scenes import ENGINE

SHORT = {"clocks": {"resolution_ordinary": "2 hours", "progress": "1 hours"}}


def test_each_clock_breaches_at_its_own_instant() -> None:
    played = Played("engine.stall", policy=a_policy(**SHORT))
    played.wait(T0 + 4 * HOUR)
    assert told(played, "vp_copy") == [(2, "vp_copy", "vp", "engine"), (4, "vp_copy", "vp", "engine")]
    breaches = {event.clock: event.due_at - T0 for event in played.all("clock_breached")}
    assert (breaches["resolution:ordinary"], breaches["response:1"]) == (2 * HOUR, 4 * HOUR)


def test_the_earliest_governs_and_meeting_it_uncovers_the_next() -> None:
    played = Played("engine.stall")
    governing = clocks.governing(played.complaint)
    assert governing
    assert governing.kind == "response"
    assert clocks.light(played.complaint, at=T0 + 3 * HOUR) is Light.YELLOW
    played.send(cmd.Accept, at=T0 + 3 * HOUR, by=ENGINE)
    governing = clocks.governing(played.complaint)
    assert governing
    assert governing.kind == "resolution"
    assert clocks.light(played.complaint, at=T0 + 3 * HOUR) is Light.GREEN
