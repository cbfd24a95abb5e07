"""Row 1: the customer accepts the resolution, or it is not resolved. https://github.com/zammad/zammad/issues/831"""

from domain import clocks
from domain import commands as cmd
from domain.complaint import Stage
from domain.lights import Light
from tests.builders import DAY, HOUR, T0
from tests.conformance.notices import told
from tests.domain.scenes import ask, at_stage


def test_only_the_customers_yes_closes_and_until_then_it_is_asked_for() -> None:
    played = at_stage(Stage.VERIFICATION)
    played.wait(T0 + HOUR + 2 * DAY)
    assert told(played, "customer_reminder", "customer_closed") == [
        (25, "customer_reminder", "customer", ""),
        (49, "customer_reminder", "customer", ""),
    ]
    assert clocks.light(played.complaint, at=T0 + HOUR + 2 * DAY) is Light.YELLOW
    ask(played, cmd.CustomerReply)
    assert (played.complaint.stage, played.complaint.closing) == (Stage.CLOSED, "confirmed")
    assert [kind for _, kind, _, _ in told(played, "customer_closed")] == ["customer_closed"]


def test_the_customers_no_reopens_it_with_those_who_claimed_and_tells_them() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + 2 * HOUR)
    assert (played.complaint.stage, played.complaint.owner) == (Stage.IN_WORK, "engine")
    assert told(played, "claim_rejected") == [
        (2, "claim_rejected", "responders", "engine"),
        (2, "claim_rejected", "manager", "engine"),
    ]
