"""Row 4: still violated while pending. https://github.com/glpi-project/glpi/issues/24481"""

from domain import clocks
from domain.complaint import Stage
from domain.lights import Light
from domain.policy import ClockKind
from tests.builders import DAY, HOUR, T0
from tests.conformance.notices import told
from tests.domain.scenes import at_stage


def test_the_owner_of_an_ordinary_claim_is_not_late_while_the_customer_is_asked() -> None:
    played = at_stage(Stage.VERIFICATION)
    played.wait(T0 + 4 * DAY)
    late = [event for event in played.all("clock_breached") if event.clock_kind == ClockKind.RESOLUTION]
    assert late == []
    assert told(played, "vp_copy", "warning") == []


def test_the_slow_call_is_cxs_own_red() -> None:
    played = at_stage(Stage.VERIFICATION)
    played.wait(T0 + HOUR + 3 * DAY)
    breach = next(event for event in played.all("clock_breached") if event.clock_kind == ClockKind.VERIFICATION)
    assert breach.charged == {"cx": 10_000}
    assert clocks.light(played.complaint, at=T0 + HOUR + 3 * DAY) is Light.RED
    assert told(played, "call_due")[-1] == (73, "call_due", "cx", "")
