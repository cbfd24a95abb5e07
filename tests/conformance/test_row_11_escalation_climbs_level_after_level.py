"""Row 11: up the reporting line, level after level, each with its own time.
https://github.com/frappe/erpnext/issues/6049 , https://github.com/frappe/helpdesk/issues/2051 and
https://github.com/chatwoot/chatwoot/issues/6889
"""

from domain import commands as cmd
from domain.complaint import Stage
from tests.builders import DAY, T0
from tests.conformance.notices import told
from tests.domain.scenes import ask, at_stage

LADDER = ("vp_copy", "escalation", "risk_report")


def test_the_vp_at_three_days_the_service_department_at_five_leadership_at_ten() -> None:
    played = at_stage(Stage.IN_WORK)
    played.wait(T0 + 30 * DAY)
    assert told(played, *LADDER) == [
        (72, "vp_copy", "vp", "engine"),
        (120, "escalation", "manager", "service"),
        (240, "escalation", "leadership", ""),
    ]


def test_an_acknowledged_level_does_not_hold_up_the_next() -> None:
    played = at_stage(Stage.IN_WORK)
    played.wait(T0 + 5 * DAY)
    ask(played, cmd.Acknowledge)
    played.wait(T0 + 10 * DAY)
    assert [event.level for event in played.all("escalation_raised")] == ["service", "leadership"]


def test_a_dealers_risky_case_goes_to_the_regional_manager_first() -> None:
    played = at_stage(Stage.DISPATCHED, channel="dealer", risk_level=5)
    assert told(played, *LADDER) == [
        (0, "risk_report", "regional_manager", ""),
        (0, "escalation", "manager", "service"),
        (0, "escalation", "leadership", ""),
    ]
