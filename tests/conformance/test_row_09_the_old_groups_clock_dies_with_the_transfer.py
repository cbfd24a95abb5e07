"""Row 9: the old group's SLA persists after a transfer. https://github.com/zammad/zammad/issues/5624"""

from domain import clocks
from tests.builders import HOUR, T0
from tests.conformance.notices import told
from tests.domain.scenes import transferred


def test_the_sender_is_neither_warned_nor_breached_after_a_transfer() -> None:
    played = transferred()
    assert [clock.key for clock in clocks.running(played.complaint) if clock.kind == "response"] == ["response:2"]
    assert {clock.holder for clock in clocks.running(played.complaint)} == {"chassis"}
    played.wait(T0 + 5 * HOUR)
    assert {department for _, _, _, department in told(played, "warning", "breach", "vp_copy")} == {"chassis"}
    assert [event.due_at for event in played.all("clock_breached")] == [T0 + 5 * HOUR]
