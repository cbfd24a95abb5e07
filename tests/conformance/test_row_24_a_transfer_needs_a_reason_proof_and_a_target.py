"""Row 24: transfer with mandatory justification and restricted targets.
https://github.com/Departement-de-Maine-et-Loire/transferticketentity/issues/8
"""

from typing import Any

import pytest

from domain import commands as cmd
from domain.complaint import Stage
from domain.wording import refusal
from tests.conformance.notices import told
from tests.domain.scenes import ask, at_stage, code


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"evidence": ()}, "evidence_missing"),
        ({"note_id": None}, "reason_missing"),
        ({"to": "somebody-else"}, "unknown_department"),
        ({"to": "engine"}, "already_theirs"),
    ],
)
def test_without_it_the_complaint_stays_and_the_attempt_is_counted(changes: dict[str, Any], refused: str) -> None:
    played = at_stage(Stage.DISPATCHED)
    assert code(ask(played, cmd.Transfer, **changes)) == refused
    assert (played.complaint.owner, played.complaint.transfers_refused) == ("engine", 1)
    assert [event.code for event in played.all("command_refused")] == [refused]
    assert refusal(refused, "zh") != refusal(refused, "en")
    assert len(told(played, "work_order")) == 2, "no work order but the first"
