"""Who decides about a red line: the file's faults by line, and who holds a post."""

from pathlib import Path

import pytest

from policy import reading
from policy.checking import check
from policy.faults import PolicyError
from policy.red_line_calling import FILE, calling_faults, load_calling
from policy.red_line_posts import holders
from tests.policy.folders import edited


def test_every_post_that_ships_is_held_by_somebody() -> None:
    files = reading.load()
    assert calling_faults() == ()
    assert all(holders(files, post) for post in load_calling().chain)


@pytest.mark.parametrize(
    ("was", "is_now", "sentence"),
    [
        ("each_minutes = 10", "each_minutes = 0", r"toml:\d+: "),
        ("each_minutes = 10", "each_minutes = 2000", r"toml:\d+: "),
        ('"quality.vp"', '"quality.director"', r"toml:\d+: A post is there twice"),
        ('"quality.vp"', '"quality.janitor"', r"toml:\d+: "),
    ],
)
def test_policy_check_names_the_line(tmp_path: Path, was: str, is_now: str, sentence: str) -> None:
    folder = edited(tmp_path, FILE, was, is_now)
    with pytest.raises(PolicyError, match=sentence):
        load_calling(folder)


def test_a_post_of_a_department_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    folder = edited(tmp_path, FILE, '"quality.vp"', '"astrology.vp"')
    assert "There is no department astrology" in str(check(folder)[0])
