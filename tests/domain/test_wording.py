"""Every code of the core is a sentence or a name in both languages."""

import re
from enum import StrEnum

import pytest

from domain.complaint import ARBITER, CX_TRIAGE, Stage
from domain.custody import Custody
from domain.lights import Light
from domain.policy import ClockKind
from domain.refusals import Refusal
from domain.wording import name, refusal

HAN = re.compile(r"[\u4e00-\u9fff]")
NAMED = [
    *Stage,
    *Light,
    *(f"clock:{kind}" for kind in ClockKind),
    *(f"custody:{kind}" for kind in Custody),
    CX_TRIAGE,
    ARBITER,
]


@pytest.mark.parametrize("code", Refusal)
def test_every_refusal_is_one_sentence_that_says_what_to_do(code: StrEnum) -> None:
    zh, en = refusal(code, "zh"), refusal(code, "en")
    assert (zh, en) != (refusal("no_such_code", "zh"), refusal("no_such_code", "en"))
    assert HAN.search(zh)
    assert not HAN.search(en)
    assert zh.endswith("。")
    assert en.endswith(".")
    assert en.count(". ") == 0


@pytest.mark.parametrize("code", NAMED)
def test_everything_with_a_name_has_one_in_both_languages(code: str) -> None:
    assert HAN.search(name(code, "zh"))
    assert not HAN.search(name(code, "en"))


def test_no_two_refusals_say_the_same() -> None:
    assert (
        len({refusal(code, "zh") for code in Refusal}) == len({refusal(code, "en") for code in Refusal}) == len(Refusal)
    )


def test_a_departments_id_is_its_own_name() -> None:
    assert name("paint-shop", "zh") == name("paint-shop", "en") == "paint-shop"
