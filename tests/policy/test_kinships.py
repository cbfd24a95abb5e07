"""The file of windows in which complaints belong together."""

from datetime import timedelta
from pathlib import Path

import pytest

from policy.checking import check
from policy.kinships import FILE, load_kinship
from tests.policy.folders import edited


def test_a_folder_without_the_file_has_what_ships(tmp_path: Path) -> None:
    assert load_kinship(tmp_path) == load_kinship()
    assert load_kinship().repeat == timedelta(days=90)


@pytest.mark.parametrize(
    ("is_now", "sentence"),
    [
        ("repeat_days = 2", "A repeat counts for less long than the same report"),
        ("repeat_days = -1", "repeat_days"),
        ("repeat_dayz = 90", "repeat_dayz"),
    ],
)
def test_policy_check_names_what_is_wrong(tmp_path: Path, is_now: str, sentence: str) -> None:
    folder = edited(tmp_path, FILE, "repeat_days = 90", is_now)
    assert any(FILE in str(fault) and sentence in str(fault) for fault in check(folder))
