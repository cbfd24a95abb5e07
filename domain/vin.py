"""A vehicle's number, and its check digit by GB 16735 and ISO 3779's North American way."""

import re

SHAPE = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_IN_TEXT = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-HJ-NPR-Za-hj-npr-z0-9]{17}(?![A-Za-z0-9])")
_WORTH = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def fits_its_check_digit(vin: str) -> bool:
    """Of a number of this shape: the ninth sign follows from the others. Europe's need not."""
    worth = (int(sign) if sign.isdigit() else _WORTH[sign] for sign in vin)
    rest = sum(each * weight for each, weight in zip(worth, _WEIGHTS, strict=True)) % 11
    return vin[8] == ("X" if rest == 10 else str(rest))


def only_one_in(text: str) -> str:
    """The one number in it whose check digit fits; "" where there are none or several."""
    found = {each.upper() for each in _IN_TEXT.findall(text)}
    fitting = [each for each in found if fits_its_check_digit(each)]
    return fitting[0] if len(fitting) == 1 else ""
