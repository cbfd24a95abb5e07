"""What is suggested to the triage desk, and how often it is right."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from policy.reading import load
from policy.suggesting import MOST, Suggester

FILES = load()
KNOWN = [tag for owned in FILES.policy_at(datetime(2026, 3, 2, tzinfo=UTC)).matrix.owners.values() for tag in owned]
SUGGESTER = Suggester(FILES)
DATA = Path(__file__).parents[2] / "../shared/data/cn_auto_complaints_2024/complaints.csv"


def tags(words: str) -> list[str]:
    return [each.tag for each in SUGGESTER.suggest(words, known=KNOWN)]


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("高速上发动机突然熄火，非常危险", "engine.stall"),
        ("刹车踩不动，差点撞上", "brakes.failure"),
        ("新车降价四万，老车主被背刺", "selling.price_change"),
        ("The engine STALLED on the highway", "engine.stall"),
        ("空调不制冷", "climate.no_cooling"),
        ("车里有股怪味", "interior.odour"),
    ],
)
def test_plain_words_lead_to_their_tag_first(words: str, tag: str) -> None:
    assert tags(words)[0] == tag


@pytest.mark.parametrize("words", ["", "你好", "🚗🚗", "1234567890"])
def test_words_that_say_nothing_suggest_nothing(words: str) -> None:
    assert tags(words) == []


def test_never_more_than_five_and_each_says_why_in_the_customers_own_words() -> None:
    words = "变速箱漏油，车底一滩油，刹车异响，车机黑屏，续航虚标，座椅异响，车漆鼓包"
    found = SUGGESTER.suggest(words, known=KNOWN)
    assert len(found) == MOST
    assert all(each.why and all(piece in words for piece in each.why) for each in found)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)


def test_only_tags_of_the_matrix_in_force_are_suggested() -> None:
    assert [each.tag for each in SUGGESTER.suggest("发动机突然熄火", known=["engine.other"])] == ["engine.other"]
    assert all(tag in KNOWN for tag in FILES.mappings.synonyms)


def test_an_english_word_counts_from_its_beginning_only() -> None:
    assert "fuel.consumption" not in tags("on the highway")


@pytest.mark.skipif(not DATA.exists(), reason="the complaints of ../shared/data/cn_auto_complaints_2024 are not here")
def test_the_true_tag_is_among_five_for_forty_of_a_hundred_real_complaints() -> None:
    with DATA.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["投诉简述"] or "").strip()][::4]
    asked = [(row["投诉简述"], FILES.mappings.tag_for_symptom(row["投诉问题"], row["问题类型"])) for row in rows]
    assert len(asked) > 700
    hits = sum(tag in tags(words) for words, tag in asked)
    assert hits / len(asked) > 0.37  # docs/policy.md says 40 % of all
