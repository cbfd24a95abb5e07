"""The file of windows in which complaints belong together."""

from datetime import timedelta
from pathlib import Path

import pytest

from domain.campaigns import Alike
from policy.checking import check
from policy.faults import PolicyError
from policy.kinships import FILE, load_alike, load_kinship
from policy.sources import SHIPPED
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


def test_a_folder_from_before_there_were_campaigns_goes_on(tmp_path: Path) -> None:
    text = (SHIPPED / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(text.partition("# Texts")[0], encoding="utf-8")
    assert load_alike(tmp_path) == load_alike() == Alike(share=0.8, least_signs=20, within=timedelta(days=14))
    (tmp_path / FILE).write_text(text.replace("alike_percent = 80", "alike_percent = 69"), encoding="utf-8")
    with pytest.raises(PolicyError, match="alike_percent"):
        load_alike(tmp_path)
