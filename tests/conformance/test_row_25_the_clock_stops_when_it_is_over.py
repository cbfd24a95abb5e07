"""Row 25: the clock keeps running after it should stop, the "eternal goodbye".
https://github.com/chatwoot/chatwoot/issues/10178
"""

import pytest

from domain import clocks
from domain import commands as cmd
from domain.complaint import Stage
from domain.custody import customer_total
from domain.deadlines import next_due
from tests.builders import CX, DAY, HOUR, T0
from tests.conformance.notices import all_notices
from tests.domain.scenes import ask, at_stage, code


@pytest.mark.parametrize("message", [cmd.CustomerReply, cmd.PostProgress, cmd.Claim, cmd.Withdraw, cmd.Escalate])
def test_thanks_after_closure_start_nothing(message: type) -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, at=T0 + 2 * HOUR)
    told = len(list(all_notices(played)))
    assert code(ask(played, message, at=T0 + 3 * HOUR)) == "closed"
    played.wait(T0 + 900 * DAY)
    assert (clocks.running(played.complaint), next_due(played.complaint)) == ((), None)
    assert len(list(all_notices(played))) == told
    assert customer_total(played.complaint, at=T0 + 900 * DAY) == 2 * HOUR


def test_a_claim_stops_the_owners_clock_and_a_call_does_not_start_it() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.RecordVerificationCall, by=CX, outcome="unreached", at=T0 + DAY)
    assert {clock.kind for clock in clocks.running(played.complaint)} == {"verification", "progress"}
