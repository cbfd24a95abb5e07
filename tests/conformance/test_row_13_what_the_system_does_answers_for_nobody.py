"""Row 13: a system note satisfies the human's obligation. https://github.com/glpi-project/glpi/issues/15870"""

from domain import commands as cmd
from domain.complaint import Stage
from tests.builders import HOUR, T0
from tests.conformance.notices import told
from tests.domain.scenes import ask, at_stage, transferred


def test_escalation_reminders_and_cxs_news_do_not_meet_the_response_clock() -> None:
    played = at_stage(Stage.DISPATCHED, risk_level=5)
    ask(played, cmd.PostProgress, at=T0 + HOUR)
    ask(played, cmd.Escalate, at=T0 + 2 * HOUR)
    ask(played, cmd.Reclassify, risk_level=3, at=T0 + 3 * HOUR)
    assert played.complaint.hops[0].responded_at is None
    played.wait(T0 + 4 * HOUR)
    assert told(played, "vp_copy") == [(4, "vp_copy", "vp", "engine")]


def test_deemed_acceptance_is_the_rules_act_and_not_the_owners() -> None:
    played = at_stage(Stage.DISPATCHED)
    played.wait(T0 + 9 * HOUR)
    assert (played.complaint.stage, played.complaint.hops[0].responded_at) == (Stage.IN_WORK, None)
    assert "customer_progress" not in [kind for _, kind, _, _ in told(played, "customer_progress")]


def test_a_dispute_that_cx_opened_is_no_answer_of_the_owner() -> None:
    played = transferred()
    ask(played, cmd.Reclassify, risk_level=None, tags=("engine.oil",), at=T0 + 2 * HOUR)
    assert (played.complaint.stage, played.complaint.hops[-1].responded_at) == (Stage.ARBITRATION, None)
