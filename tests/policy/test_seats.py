"""The file of CX's seats."""

from pathlib import Path

import pytest

from domain.seats import SeatLevel
from policy.checking import check
from policy.faults import PolicyError
from policy.seats import FILE, Roster, load_seats
from policy.sources import SHIPPED
from tests.policy.folders import edited


def test_a_folder_without_the_file_seats_nobody(tmp_path: Path) -> None:
    assert load_seats(tmp_path) == Roster()


def test_what_ships_has_somebody_of_each_level_and_every_name() -> None:
    roster = load_seats()
    assert {each.level for each in roster.seats.seats} == set(SeatLevel)
    assert roster.names.keys() == {each.id for each in roster.seats.seats}
    assert roster.names["li.min"] == ("李敏", "Li Min")


@pytest.mark.parametrize(
    ("is_now", "sentence"),
    [
        ('skills = ["batteries", "edrive"]', "matrix.toml has no system batteries"),
        ('skills = ["battery"]\nlanguages = []', "languages"),
        ('skills = ["battery"]\naway = [{ first = 2026-05-03, last = 2026-05-01 }]', "would be back before leaving"),
        ('skils = ["battery"]', "skils"),
    ],
)
def test_policy_check_names_what_is_wrong(tmp_path: Path, is_now: str, sentence: str) -> None:
    stood = 'skills = ["battery", "edrive", "electrics"]\nlanguages = ["zh", "en"]'
    folder = edited(tmp_path, FILE, stood, is_now)
    assert any(FILE in str(fault) and sentence in str(fault) for fault in check(folder))


@pytest.mark.parametrize(
    ("stood", "is_now", "sentence"),
    [
        ('id = "wu.hao"', 'id = "li.min"', "Two seats are called li.min"),
        ("at_most = 25", "at_most = 0", "at_most"),
    ],
)
def test_what_cannot_be_worked_by_is_refused(tmp_path: Path, stood: str, is_now: str, sentence: str) -> None:
    folder = edited(tmp_path, FILE, stood, is_now)
    with pytest.raises(PolicyError, match=sentence):
        load_seats(folder)


def test_without_an_expert_grave_complaints_would_wait_for_ever(tmp_path: Path) -> None:
    text = (SHIPPED / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(text.replace('level = "expert"', 'level = "senior"'), encoding="utf-8")
    with pytest.raises(PolicyError, match="Nobody is an expert"):
        load_seats(tmp_path)
