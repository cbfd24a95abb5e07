"""An answer that follows from frozen values alone, worked out once while the very same values are asked about.

The same policy, calendar and instants come back with every event of a complaint, and calendar arithmetic is dear.
"""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

Values = TypeVarTuple("Values")
T = TypeVar("T")

_MOST = 512  # answers of one function; a complaint needs about a dozen


def once(derive: Callable[[*Values], T]) -> Callable[[*Values], T]:
    """`derive`, a pure function of frozen values, with its latest answers kept.

    By identity, because comparing a calendar costs more than asking it. What is kept holds its values, so none of
    their ids can become another's. Safe between threads, which can but make each other derive again.
    """
    kept: dict[tuple[int, ...], tuple[tuple[*Values], T]] = {}

    def answer(*values: *Values) -> T:
        key = tuple(map(id, values))
        found = kept.get(key)
        if found is None:
            if len(kept) >= _MOST:
                kept.clear()
            found = kept[key] = (values, derive(*values))
        return found[1]

    return answer
