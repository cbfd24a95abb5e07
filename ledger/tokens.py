"""What is looked for in a text. Chinese has no spaces: each two neighbouring characters are a token, so that any word
of two characters or more is a phrase of them. Other words are tokens whole, in lower case.

Tokens are letters and digits that every database's tokenizer leaves alone: a Chinese character is its code point.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

_HAN = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"([{_HAN}]+)|([^\W_{_HAN}]+)")
_WHOLE_VIN = re.compile(r"(?=.*[a-z])(?=.*\d)[a-z0-9]{17}")


class Term(NamedTuple):
    """Tokens that must stand next to each other; with `is_prefix` the one token may go on."""

    tokens: tuple[str, ...]
    is_prefix: bool


def tokens(text: str) -> tuple[str, ...]:
    """For the index, in the order of the text."""
    return tuple(token for run, is_han in _runs(text) for token in (_of_han(run) if is_han else [_word(run)]))


def terms(query: str) -> tuple[Term, ...]:
    """All must be found. A lone character finds words that begin with it or have it inside; numbers are taken whole."""
    return tuple(_term(run, is_han=is_han) for run, is_han in _runs(query))


def tails(code: str, *, shortest: int, longest: int) -> tuple[str, ...]:
    """A VIN is known by its last characters: each tail from `shortest` to `longest`, as a token."""
    [*whole] = [run for run, is_han in _runs(code) if not is_han]
    return tuple(_word(run[start:]) for run in whole for start in _starts(len(run), shortest, longest))


def is_vin(code: str) -> bool:
    """Whether the code is a whole VIN, whose token no beginning of it finds."""
    return any(_WHOLE_VIN.fullmatch(run) for run, _ in _runs(code))


def _starts(length: int, shortest: int, longest: int) -> range:
    return range(max(0, length - longest), max(1, length - shortest + 1))


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    """What stands together, and whether it is Chinese."""
    for found in _RUNS.finditer(unicodedata.normalize("NFKC", text).casefold()):
        yield found[0], found[1] is not None


def _of_han(run: str) -> list[str]:
    """The last character also by itself: no pair begins with it."""
    return [*("h" + _point(one) + _point(other) for one, other in pairwise(run)), "h" + _point(run[-1])]


def _term(run: str, *, is_han: bool) -> Term:
    if not is_han:
        return Term((_word(run),), is_prefix=not run.isdecimal() and not _WHOLE_VIN.fullmatch(run))
    pairs = tuple(_of_han(run)[:-1])
    return Term(pairs, is_prefix=False) if pairs else Term(("h" + _point(run),), is_prefix=True)


def _word(run: str) -> str:
    # A whole VIN is found whole alone: by its beginnings, whoever sees it masked could find it out sign by sign.
    return ("v" if _WHOLE_VIN.fullmatch(run) else "w") + run


def _point(character: str) -> str:
    return f"{ord(character):05x}"
