"""Of the shared Chinese complaints: what the hashes find of what is alike; docs/channels.md tells the figures."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest

from domain.campaigns import Alike, bands, is_long_enough, pairs, signs

CHINESE = Path(__file__).parents[2] / "../shared/data/cn_auto_complaints_2024/complaints.csv"
ALIKE = Alike(share=0.8, least_signs=20, within=timedelta(days=14))


def texts() -> dict[str, str]:
    if not CHINESE.exists():
        pytest.skip(f"{CHINESE.parent.name} is not beside the repository in shared/data")
    with CHINESE.open(encoding="utf-8-sig", newline="") as file:
        told = {row["投诉编号"]: row["投诉简述"] for row in csv.DictReader(file)}
    return {number: text for number, text in told.items() if is_long_enough(text, ALIKE)}


def perhaps_alike(told: Mapping[str, str]) -> set[tuple[str, str]]:
    places: dict[tuple[int, str], list[str]] = defaultdict(list)
    for number in sorted(told):
        for place in enumerate(bands(told[number], key=b"k" * 32)):
            places[place].append(number)
    return {pair for numbers in places.values() for pair in combinations(numbers, 2)}


def alike(told: Mapping[str, str]) -> set[tuple[str, str]]:
    """Each text compared with each."""
    known = {number: pairs(text) for number, text in told.items()}
    found = set()
    for one, other in combinations(sorted(known), 2):
        ours, theirs = known[one], known[other]
        if min(len(ours), len(theirs)) >= ALIKE.share * max(len(ours), len(theirs)):
            common = len(ours & theirs)
            if common / (len(ours) + len(theirs) - common) >= ALIKE.share:
                found.add((one, other))
    return found


@pytest.mark.long
def test_the_hashes_find_all_that_comparing_each_with_each_finds() -> None:
    told = texts()
    perhaps, surely = perhaps_alike(told), alike(told)
    same = {(one, other) for one, other in surely if signs(told[one]) == signs(told[other])}
    assert (len(told), len(surely), len(same)) == (2448, 2528, 495)
    assert len(surely - perhaps) == 0
    assert len(perhaps) == 2853  # of 2,995,128 pairs: so few texts are read to say it exactly
