"""Row 12: only the first escalation level fires. https://github.com/glpi-project/glpi/issues/5319"""

import pytest

from domain.complaint import Stage
from tests.builders import DAY, HOUR, T0
from tests.conformance.notices import told
from tests.domain.scenes import at_stage


@pytest.mark.parametrize(
    ("wakes", "reason"),
    [
        ([30], "down from the first day to the thirtieth: all levels at restart, in due order"),
        ([7, 30], "down over the first level, up for the second"),
        ([5, 10, 30], "never down"),
        ([1 + n for n in range(30)], "looked at daily"),
    ],
)
def test_no_level_depends_on_the_one_before_having_run_in_time(wakes: list[int], reason: str) -> None:
    played = at_stage(Stage.IN_WORK)
    for day in wakes:
        played.wait(T0 + day * DAY)
    raised = [(event.level, event.due_at, event.at) for event in played.all("escalation_raised")]
    due = [("service", T0 + 5 * DAY), ("leadership", T0 + 10 * DAY)]
    assert raised == [(level, at, at) for level, at in due], reason
    assert len(told(played, "escalation")) == 2
    assert all(event.noticed_at >= event.due_at for event in played.all("escalation_raised"))
    assert all(event.at - T0 > HOUR for event in played.all("escalation_raised"))
