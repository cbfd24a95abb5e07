"""What a policy may be: everything a complaint lives under has to fit where it travels."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.builders import a_policy

MATRIX = {"owners": {"engine": ["engine.stall"]}, "supporters": {}, "complex_tags": [], "red_line_tags": []}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": "x" * 65}, "a search attribute over 2 KiB would end the workflow"),
        ({"arbiter": "q" * 65}, "the arbiter's desk may own"),
        ({"triage_desk": ""}, "somebody triages"),
        ({"matrix": {**MATRIX, "owners": {"e" * 65: ["engine.stall"]}}}, "an owner is a search attribute"),
        ({"matrix": {**MATRIX, "owners": {"engine": ["t" * 65]}}}, "a tag is told in details"),
        ({"clocks": {"response": "4 working_hours"}, "calendar": {"zone": "UTC", "week": {}}}, "it never works"),
        ({"verification": {"attempt_gap": "4 working_hours"}, "calendar": {"zone": "UTC", "week": {}}}, "nor here"),
    ],
)
def test_a_policy_that_could_not_be_lived_under_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError):
        a_policy(**change)
