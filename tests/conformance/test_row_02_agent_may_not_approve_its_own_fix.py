"""Row 2: whoever fixed it may not approve it, yet the call centre can record a yes by phone.
https://github.com/glpi-project/glpi/issues/340 and https://github.com/Probesys/bileto/issues/820
"""

import pytest

from domain import commands as cmd
from domain.complaint import Stage
from tests.builders import CX, of
from tests.domain.scenes import ask, at_stage, code


@pytest.mark.parametrize("role", cmd.Role)
@pytest.mark.parametrize("kind", [cmd.CustomerReply, cmd.RecordVerificationCall, cmd.CloseUnreachable, cmd.Withdraw])
def test_nobody_of_the_claiming_department_closes_in_any_role(kind: type, role: cmd.Role) -> None:
    played = at_stage(Stage.VERIFICATION)
    assert code(ask(played, kind, by=of("engine", role)))
    assert played.complaint.stage is Stage.VERIFICATION


def test_cx_records_the_yes_that_was_given_by_phone() -> None:
    played = at_stage(Stage.VERIFICATION)
    assert code(ask(played, cmd.RecordVerificationCall, by=CX)) == ""
    assert played.kinds()[-3:] == ["call_recorded", "claim_confirmed", "closed"]
    assert played.all("closed")[0].actor == CX
