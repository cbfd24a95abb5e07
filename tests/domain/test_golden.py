"""What eight complaints led to, exactly: every event, notice, invitation and CRM write, to the second.

Replay tests do not see a timer's length or an attribute's value; these do.
"""

import json
from typing import Any

import pytest

from tests.domain.golden_scenarios import GOLDEN, SCENARIOS, recorded


def golden(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCENARIOS)
def test_it_happens_exactly_as_it_was_reviewed(name: str) -> None:
    found, kept = recorded(SCENARIOS[name]()), golden(name)
    assert [each["event"]["kind"] for each in found] == [each["event"]["kind"] for each in kept]
    for now, then in zip(found, kept, strict=True):
        assert now == then


def test_every_golden_file_has_its_scenario() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_keys_are_unique_so_that_nothing_is_sent_twice(name: str) -> None:
    keys = [sent["key"] for each in golden(name) for sent in (*each["notices"], *each["invitations"], each["crm"])]
    assert len(keys) == len(set(keys))
