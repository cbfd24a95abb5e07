"""Row 3: time spent "solved" is credited as a pause on reopening.
https://github.com/glpi-project/glpi/issues/23359 and https://github.com/zammad/zammad/issues/188
"""

from domain import clocks
from domain import commands as cmd
from domain.complaint import Stage
from domain.lights import Light
from tests.builders import DAY, HOUR, T0
from tests.conformance.notices import told
from tests.domain.scenes import ask, at_stage


def test_a_rejected_claim_gives_no_time_back() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + 2 * DAY)
    clock = clocks.resolution_clock(played.complaint)
    assert (clock.started_at, clock.due_at) == (T0, T0 + 3 * DAY)
    assert clocks.light(played.complaint, at=T0 + 2 * DAY) is Light.YELLOW
    assert clocks.light(played.complaint, at=T0 + 3 * DAY) is Light.RED


def test_a_rejection_after_the_due_instant_is_red_at_once_with_one_copy_to_the_vp() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + 4 * DAY)
    ask(played, cmd.Claim, at=T0 + 4 * DAY + HOUR)
    ask(played, cmd.CustomerReply, answer="reject", round=2, at=T0 + 6 * DAY)
    assert told(played, "vp_copy") == [(96, "vp_copy", "vp", "engine")]
    assert clocks.light(played.complaint, at=T0 + 6 * DAY) is Light.RED
