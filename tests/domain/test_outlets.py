"""What goes out: when the CRM need not be told again, what channels are called, and what is packed for the way."""

from typing import Any

import pytest

from domain.channels import CHANNELS, named
from domain.lights import Light
from domain.outlets import CrmWrite
from domain.packing import packed, unpacked
from tests.builders import HOUR, T0

WRITE = CrmWrite(key="T-1:2:crm", ticket_no="T-1", seq=2, at=T0, stage="in_work", owner="engine", light=Light.GREEN)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"key": "T-1:3:crm", "seq": 3, "at": T0 + HOUR}, True),
        ({"light": Light.YELLOW}, False),
        ({"owner": "body"}, False),
        ({"due_at": T0}, False),
        ({"closing": "confirmed"}, False),
    ],
)
def test_the_crm_learns_nothing_from_the_same_state_at_another_time(changes: dict[str, Any], same: bool) -> None:
    assert WRITE.model_copy(update=changes).says_the_same_as(WRITE) is same


def test_the_first_state_is_news() -> None:
    assert not WRITE.says_the_same_as(None)


def test_a_channel_has_its_name_and_a_senders_own_code_stands_for_itself() -> None:
    assert named("hotline") == CHANNELS["hotline"]
    assert named("fax") == ("fax", "fax")


def test_what_is_packed_comes_out_whole() -> None:
    assert unpacked(packed('{"a": [1, "二"]}')) == unpacked(packed('{"a": [1, "二"]}'.encode())) == {"a": [1, "二"]}
    assert unpacked({"a": 1}) == {"a": 1}, "what was never packed"


def test_what_was_not_packed_here_is_said_to_be_so() -> None:
    with pytest.raises(ValueError, match="this was not packed here"):
        unpacked("AAAA")
    with pytest.raises(ValueError, match="base64"):
        unpacked("not base64!")
