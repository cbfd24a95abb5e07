"""Today's code still understands every region's month that was ever recorded; see tests/histories/README.md."""

import json
from pathlib import Path

import pytest

from tests.workflows.authority_history import FOLDER
from tests.workflows.divergent_authority import DivergentAuthority
from tests.workflows.replaying import replay

RECORDED = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_month_replays(path: Path) -> None:
    assert await replay(path) == []


async def test_a_month_whose_code_asks_for_something_else_fails() -> None:
    assert await replay(*RECORDED, workflow=DivergentAuthority) == [path.stem for path in RECORDED]


def test_the_month_has_both_of_its_outlets_and_a_timer() -> None:
    events = [each for path in RECORDED for each in json.loads(path.read_text("utf-8"))["events"]]
    called = {each["activityTaskScheduledEventAttributes"]["activityType"]["name"] for each in events if _is_call(each)}
    assert called == {"record_goodwill", "tell_special_claims_desk"}
    assert any(each["eventType"] == "EVENT_TYPE_TIMER_FIRED" for each in events)


def _is_call(event: dict[str, object]) -> bool:
    return "activityTaskScheduledEventAttributes" in event
