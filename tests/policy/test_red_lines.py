"""The file of red-line words: versions by day, and faults by line."""

from datetime import date
from pathlib import Path

import pytest

from policy.checking import check
from policy.faults import PolicyError
from policy.red_lines import FILE, load_red_lines, red_line_faults
from policy.sources import SHIPPED
from tests.policy.folders import a_copy, edited

TEXT = (SHIPPED / FILE).read_text(encoding="utf-8")
LATER = TEXT[TEXT.index("[[version]]") :].replace('"2026.1"', '"2027.1"', 1).replace("2020-01-01", "2027-01-01", 1)


def test_what_ships_has_no_fault() -> None:
    assert red_line_faults() == ()


def test_a_folder_without_the_file_has_the_words_that_ship(tmp_path: Path) -> None:
    assert load_red_lines(tmp_path).on(date(2026, 1, 1)) == load_red_lines().on(date(2026, 1, 1))


def test_each_day_has_the_words_in_force(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(f"{TEXT}\n{LATER}", encoding="utf-8")
    lines = load_red_lines(tmp_path)
    ids = [rule.table.id.partition("+")[0] if (rule := lines.on(day)) else None for day in DAYS]
    assert ids == [None, "2026.1", "2026.1", "2027.1"]


DAYS = (date(2019, 12, 31), date(2020, 1, 1), date(2026, 12, 31), date(2027, 1, 1))


def test_other_words_are_another_version(tmp_path: Path) -> None:
    own = load_red_lines(edited(tmp_path, FILE, '"起火", "着火",', '"起火",')).on(date(2026, 1, 1))
    shipped = load_red_lines().on(date(2026, 1, 1))
    assert own
    assert shipped
    assert own.table.id != shipped.table.id


@pytest.mark.parametrize(
    ("was", "is_now", "sentence"),
    [
        ("excuse = 16", "excuses = 16", r"toml:\d+: .*excuses is not a key"),
        ('"转向…失灵"', '"转向…"', r"toml:\d+: .*has an empty piece"),
        ('"转向…失灵"', '"转*向"', r"toml:\d+: .*may only end a piece"),
        ('"brake failure"', '"Brake failure"', r"toml:\d+: .*write 'brake failure'"),
        ('"brake failure"', '"on fire"', r"toml:\d+: on fire is in fire already"),
        ('code = "battery"', 'code = "fire"', r"toml:\d+: Matter fire is there twice"),
        ('near = ["brake*", "braking"]\n', "", r"toml:\d+: Matter brakes has only one"),
        ("from = 2020-01-01", "from = someday", r"toml:\d+: This is not TOML"),
    ],
)
def test_policy_check_names_the_line(tmp_path: Path, was: str, is_now: str, sentence: str) -> None:
    folder = edited(tmp_path, FILE, was, is_now)
    with pytest.raises(PolicyError, match=sentence):
        load_red_lines(folder)
    assert check(folder)


def test_versions_stand_in_order_with_their_own_ids(tmp_path: Path) -> None:
    again = TEXT[TEXT.index("[[version]]") :]
    (a_copy(tmp_path) / FILE).write_text(f"{TEXT}\n{again}", encoding="utf-8")
    said = "\n".join(fault.sentence for fault in red_line_faults(tmp_path))
    assert "put versions in order" in said
    assert "Two versions are called 2026.1" in said
