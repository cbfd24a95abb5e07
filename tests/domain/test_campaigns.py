"""Texts that are copies of one another, or nearly."""

from datetime import timedelta
from typing import Any

import pytest

from domain.campaigns import Alike, are_alike, are_of_one, bands, share, signs
from domain.ticket import Customer, Ticket, Vehicle
from tests.builders import T0

ALIKE = Alike(share=0.8, least_signs=20, within=timedelta(days=14))
WORDS = "车辆在高速上行驶时突然熄火，仪表盘全部黑屏，4S店检测后说没有问题，要求厂家给一个说法。"
KEY = b"k" * 32


@pytest.mark.parametrize(
    ("other", "alike", "reason"),
    [
        (WORDS, True, "the same"),
        (WORDS.replace("，", " ,\n").replace("4S", "４ｓ"), True, "other spaces, width and punctuation"),
        ("再次投诉：" + WORDS, True, "with a few signs before it"),
        ("车辆在高速上行驶时突然熄火，拖车到店后更换了燃油泵，费用由我自己承担，对此不满意。", False, "another story"),
        ("", False, "nothing was said"),
    ],
)
def test_which_texts_are_alike(other: str, alike: bool, reason: str) -> None:
    assert are_alike(WORDS, other, ALIKE) is alike, reason
    has_a_band_in_common = any(a == b for a, b in zip(bands(WORDS, key=KEY), bands(other, key=KEY), strict=False))
    assert has_a_band_in_common is alike, reason


def test_a_share_and_a_length_are_included_to_the_sign() -> None:
    assert share("abcdef", "abcdeg") == 4 / 6
    assert are_alike("ab" * 10, "ab" * 10, ALIKE)
    assert not are_alike("ab" * 9 + "a", "ab" * 9 + "a", ALIKE)
    assert signs("Ａ-b 1！") == "ab1"


def test_nobody_can_try_a_text_without_the_key() -> None:
    mine, others = bands(WORDS, key=KEY), bands(WORDS, key=b"o" * 32)
    assert (len(mine), set(mine) & set(others)) == (16, set())
    assert bands("。", key=KEY) == ()


@pytest.mark.parametrize(
    ("other", "is_one"),
    [
        ({"customer": Customer(phone="139-1234-5678")}, True),
        ({"vehicle": Vehicle(vin="lsvaa4182e2184847")}, True),
        ({"customer": Customer(phone="13912345679"), "vehicle": Vehicle(vin="LSVAA4182E2184848")}, False),
        ({}, False),
    ],
)
def test_who_complains_again_in_the_same_words_is_no_campaign(other: dict[str, Any], is_one: bool) -> None:
    said: dict[str, Any] = {"created_at": T0, "words": WORDS}
    car, who = Vehicle(vin="LSVAA4182E2184847"), Customer(phone="13912345678")
    first = Ticket(ticket_no="T-1", customer=who, vehicle=car, **said)
    assert are_of_one(first, Ticket(ticket_no="T-2", **said, **other)) is is_one
