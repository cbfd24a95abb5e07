"""Who answers, and by how much: always ten thousand basis points, never one lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shares import WHOLE, split


@pytest.mark.parametrize(
    ("supporters", "shares", "reason"),
    [
        ((), {"lead": 10_000}, "alone"),
        (("a",), {"lead": 7_000, "a": 3_000}, "70 / 30"),
        (("a", "b"), {"lead": 7_000, "a": 1_500, "b": 1_500}, "30 split equally"),
        (tuple("abcdefg"), {"lead": 7_004, **dict.fromkeys("abcdefg", 428)}, "the rest stays with the lead"),
        (("a", "a"), {"lead": 7_000, "a": 3_000}, "nobody is charged twice"),
        (("lead", "a"), {"lead": 7_000, "a": 3_000}, "the lead does not support itself"),
    ],
)
def test_shares(supporters: tuple[str, ...], shares: dict[str, int], reason: str) -> None:
    assert split("lead", supporters, lead_share=7_000) == shares, reason


@given(st.lists(st.sampled_from("abcdefghijk"), max_size=11), st.integers(1, WHOLE))
def test_shares_sum_to_the_whole_and_none_is_negative(supporters: list[str], lead_share: int) -> None:
    shares = split("lead", tuple(supporters), lead_share=lead_share)
    assert sum(shares.values()) == WHOLE
    assert min(shares.values()) >= 0
    assert next(iter(shares)) == "lead"
