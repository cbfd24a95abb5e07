from pathlib import Path

import pytest

from domain.retention import Record
from policy.faults import PolicyError
from policy.retention import load_retention

SHIPPED = {keeping.record: keeping for keeping in load_retention()}


def test_what_ships_keeps_repair_records_six_years_and_says_why() -> None:
    assert SHIPPED[Record.REPAIR].erase == 72
    assert SHIPPED[Record.SAFETY].erase == 120
    assert all(keeping.source for keeping in SHIPPED.values())


def test_a_folder_without_the_file_has_the_one_that_ships(tmp_path: Path) -> None:
    assert load_retention(tmp_path) == load_retention()


def a_file(*keeps: str) -> str:
    return "\n".join(f'[[keep]]\nsource = "s"\n{keep}' for keep in keeps)


SAFETY, REPAIR, COMPLAINT = (f'record = "{each}"\nerase = 80' for each in Record)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (a_file(SAFETY, REPAIR), "one \\[\\[keep\\]\\] for each"),  # one is missing
        (a_file(SAFETY, REPAIR, COMPLAINT, COMPLAINT), "one \\[\\[keep\\]\\] for each"),
        (a_file(SAFETY, 'record = "repair"\nerase = 60', COMPLAINT), "72 months at least"),  # the law
        (a_file(SAFETY, REPAIR, COMPLAINT + "\nrestrict = 80"), "must come before"),
        (a_file(SAFETY, REPAIR, COMPLAINT + "\nkeep_for = 3"), "keep_for"),  # misspelt
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "retention.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=sentence):
        load_retention(tmp_path)
