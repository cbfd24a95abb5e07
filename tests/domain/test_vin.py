"""A vehicle's number and its check digit."""

import pytest

from domain.vin import fits_its_check_digit, only_one_in

KNOWN = "1M8GDM9AXKP042788"  # the textbook's, whose check digit is X


@pytest.mark.parametrize(
    ("vin", "fits"),
    [(KNOWN, True), ("1" * 17, True), ("LSVAA4182E2184847", True), ("1M8GDM9A0KP042788", False)],
)
def test_the_check_digit_is_the_standards(vin: str, fits: bool) -> None:
    assert fits_its_check_digit(vin) is fits


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"车架号{KNOWN.lower()}，谢谢", KNOWN),
        (f"{KNOWN} and again {KNOWN}", KNOWN),
        (f"{KNOWN} or LSVAA4182E2184847", ""),
        ("1M8GDM9A0KP042788 has a slip of the pen", ""),
        (f"no number: X{KNOWN}", ""),
        ("nothing", ""),
    ],
)
def test_the_one_number_in_a_text_is_found(text: str, found: str) -> None:
    assert only_one_in(text) == found
