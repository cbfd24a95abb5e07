"""What people type is the fen they meant, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import fen_of, yuan


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("800", 80_000),
        ("0.01", 1),
        ("1,234.5", 123_450),
        ("￥1，234.50 元", 123_450),
        ("１２３４．５", 123_450),
        (" 19.99 ", 1_999),  # 19.99 * 100 is 1998.9999999999998 in floats
        ("1,5", None),  # one yuan fifty to some, fifteen to others
        ("12,34.50", None),
        ("1.005", None),
        ("-5", None),
        ("1e3", None),
        ("", None),
        ("八百", None),
    ],
)
def test_an_amount_as_it_is_typed(typed: str, fen: int | None) -> None:
    assert fen_of(typed) == fen


def test_whole_yuan_are_shown_without_fen() -> None:
    assert (yuan(600_000), yuan(8_050), yuan(1), yuan(0)) == ("¥6,000", "¥80.50", "¥0.01", "¥0")


@given(st.integers(0, 10**11))
def test_what_is_shown_can_be_typed(fen: int) -> None:
    assert fen_of(yuan(fen)) == fen
