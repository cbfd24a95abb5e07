"""authority.toml: what holds for a region's month, and its faults by line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy.authorities import FILE, authority_faults, load_authorities
from policy.checking import check
from policy.sources import SHIPPED
from tests.policy.folders import a_copy

AT = datetime(2026, 11, 10, tzinfo=UTC)
LATER = """
[[version]]
id = "2026.2"
from = 2026-11-05
limit_yuan = 1
hold_hours = 1
desk_hours = 1
splitting_days = 1
splitting_over_yuan = 1
[[version.region]]
id = "east"
zh = "华东"
en = "East"
limit_yuan = 2
"""


def edited(folder: Path, old: str, new: str) -> Path:
    file = a_copy(folder) / FILE
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file.parent


def test_each_region_may_give_six_thousand_yuan_a_month() -> None:
    shipped = load_authorities()
    limits = {region.id: shipped.terms(region.id, at=AT) for region in shipped.regions(at=AT)}
    assert set(limits) == {"east", "south", "central", "north", "west"}
    assert all(terms and terms.limit == 600_000 for terms in limits.values())
    assert shipped.terms("atlantis", at=AT) is None


def test_a_month_keeps_what_held_when_it_began(tmp_path: Path) -> None:
    folder = a_copy(tmp_path)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(LATER)
    changed = load_authorities(folder)
    limits = [changed.terms("east", at=datetime(2026, month, 10, tzinfo=UTC)) for month in (11, 12)]
    assert [terms.limit for terms in limits if terms] == [600_000, 200]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('zone = "Asia/Shanghai"', 'zone = "Mars/Olympus"', "no such time zone"),
        ('desk = "service"', 'desk = "nobody"', "There is no department nobody"),
        ("limit_yuan = 6000", "limit_yuan = -1", "limit_yuan"),
        ("hold_hours = 72", "hold_hours = 72\nholds = 1", "holds"),
        ('id = "south"', 'id = "east"', "Two regions are called east"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    faults = [str(fault) for fault in check(edited(tmp_path, old, new)) if fault.file.endswith(FILE)]
    assert faults
    assert sentence in faults[0]
    assert f"{FILE}:" in faults[0]


def test_what_ships_has_no_fault() -> None:
    assert authority_faults(SHIPPED) == ()
