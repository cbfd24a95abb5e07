"""Row 10: the SLA is not changed on transfer. https://github.com/osTicket/osTicket-1.7/issues/606"""

from domain import clocks
from domain import commands as cmd
from domain.policy import ClockKind
from tests.builders import DAY, HOUR, T0
from tests.conformance.notices import told
from tests.domain.scenes import CHASSIS, ask, transferred


def test_the_receiver_answers_for_both_clocks_from_the_transfer_on() -> None:
    played = transferred()
    by_kind = {clock.kind: clock for clock in clocks.running(played.complaint)}
    assert (by_kind[ClockKind.RESPONSE].holder, by_kind[ClockKind.RESPONSE].started_at) == ("chassis", T0 + HOUR)
    assert (by_kind[ClockKind.RESOLUTION].holder, by_kind[ClockKind.RESOLUTION].started_at) == ("chassis", T0)
    ask(played, cmd.Accept, by=CHASSIS)
    played.wait(T0 + 3 * DAY)
    assert told(played, "vp_copy") == [(72, "vp_copy", "vp", "chassis")]
