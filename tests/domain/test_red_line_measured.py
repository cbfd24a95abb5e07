"""How much of what was labelled the shipped words find; docs/red-line.md tells the figures and how they came about."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from policy.red_lines import load_red_lines

DATA = Path(__file__).parents[2] / "../shared/data"
LABELS = Path(__file__).parent / "red_line_labels"
CHINESE = DATA / "cn_auto_complaints_2024/complaints.csv"
FORD = DATA / "nhtsa_ford_closures_2020_2024/complaints.csv"
NHTSA = DATA / "nhtsa_flatfile_schema_and_random100/FLAT_CMPL_random100_utf8.txt"
[RULE] = filter(None, [load_red_lines().on(date(2026, 3, 2))])


def rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        pytest.skip(f"{path.parent.name} is not beside the repository in shared/data")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def labels(name: str) -> dict[str, str]:
    return {row["row"]: row.get("matters", row.get("is_report", "")) for row in rows(LABELS / f"{name}.csv")}


def english() -> Iterator[tuple[str, str]]:
    yield from (("F" + row["cmplid"], row["cdescr"]) for row in rows(FORD))
    for line in NHTSA.read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        yield "N" + fields[0], max(fields[19:21], key=len, default="")


@pytest.mark.parametrize(
    ("name", "reports", "found", "needless"),
    [
        ("zh_read_first", 23, 23, 1),
        ("zh_held_out", 28, 27, 2),
        ("zh_fresh", 26, 22, 0),
    ],
)
def test_of_the_labelled_chinese_complaints(name: str, reports: int, found: int, needless: int) -> None:
    texts = {row["投诉编号"]: row["投诉简述"] for row in rows(CHINESE)}
    said = {row: (bool(matters), bool(RULE.matters(texts[row]))) for row, matters in labels(name).items()}
    assert len(said) == 320
    assert sum(is_report for is_report, _ in said.values()) == reports
    assert sum(is_report and is_found for is_report, is_found in said.values()) == found
    assert sum(is_found and not is_report for is_report, is_found in said.values()) == needless


@pytest.mark.long
def test_of_what_is_found_in_english_nine_of_ten_are_reports() -> None:
    judged = labels("en_found")
    found = [row for row, text in english() if RULE.matters(text)]
    assert set(found) <= set(judged), "a new find wants reading: label it"
    assert sum(judged[row] == "yes" for row in found) / len(found) > 0.9


def test_of_the_american_complaints_drawn_at_random_half_are_missed() -> None:
    """Read whole by one person; what is not labelled is no report."""
    drawn = {row: bool(RULE.matters(text)) for row, text in english() if row.startswith("N")}
    missed = labels("en_missed")
    assert len(drawn) == 101
    assert len(missed) == 19
    assert not [row for row in missed if drawn[row]], "a new find: count anew"
    assert sum(drawn.values()) == 17


def test_every_fire_that_nhtsa_knows_of_is_found() -> None:
    burnt = [row["cdescr"] for row in rows(FORD) if row["fire"] == "Y"]
    assert len(burnt) == 9
    assert all("fire" in RULE.matters(text) for text in burnt)
