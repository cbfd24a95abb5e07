"""Row 7: a new group inherits a spent clock. https://github.com/glpi-project/glpi/issues/1911"""

from domain import clocks
from domain import commands as cmd
from domain.lights import Light
from tests.builders import HOUR, T0, Played
from tests.conformance.notices import told
from tests.domain.scenes import CHASSIS, ENGINE, PROOF


def test_the_receiver_has_four_whole_hours() -> None:
    played = Played("engine.stall")
    played.send(cmd.Transfer, at=T0 + 3 * HOUR, by=ENGINE, to="chassis", **PROOF)
    governing = clocks.governing(played.complaint)
    assert governing
    assert (governing.key, governing.holder, governing.due_at) == ("response:2", "chassis", T0 + 7 * HOUR)
    assert clocks.light(played.complaint, at=T0 + 3 * HOUR) is Light.GREEN
    assert told(played, "work_order")[-2:] == [
        (3, "work_order", "responders", "chassis"),
        (3, "work_order", "management_office", ""),
    ]
    played.send(cmd.Accept, at=T0 + 7 * HOUR - HOUR / 60, by=CHASSIS)
    assert told(played, "breach", "vp_copy") == []
