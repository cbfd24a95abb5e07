"""Row 5: the pause is forgotten when the SLA or the priority changes.
https://github.com/glpi-project/glpi/issues/15605
"""

from domain import clocks
from domain import commands as cmd
from domain.complaint import Stage
from tests.builders import DAY, HOUR, T0, Played, a_policy
from tests.domain.scenes import ask, at_stage

RESUME = {"on_rejection": "resume"}


def a_day_of_waiting() -> Played:
    played = at_stage(Stage.VERIFICATION, policy=a_policy(verification=RESUME))
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + DAY + HOUR)
    assert clocks.resolution_clock(played.complaint).due_at == T0 + 4 * DAY
    return played


def test_a_new_risk_keeps_the_pause() -> None:
    played = a_day_of_waiting()
    ask(played, cmd.Reclassify, risk_level=4)
    assert clocks.resolution_clock(played.complaint).due_at == T0 + 4 * DAY


def test_a_new_policy_keeps_the_pause_and_moves_the_rest() -> None:
    played = a_day_of_waiting()
    longer = a_policy(version="test+2", verification=RESUME, clocks={"resolution_ordinary": "5 calendar_days"})
    ask(played, cmd.AdoptPolicy, policy=longer)
    assert clocks.resolution_clock(played.complaint).due_at == T0 + 6 * DAY


def test_complex_and_back_keeps_the_pause() -> None:
    played = a_day_of_waiting()
    ask(played, cmd.Reclassify, risk_level=None, is_complex=True)
    ask(played, cmd.Reclassify, risk_level=None, is_complex=False)
    assert clocks.resolution_clock(played.complaint).due_at == T0 + 4 * DAY
