"""An answer about a complaint, kept while the same complaint is asked about.

Deciding one message asks for its clocks half a dozen times, and each is calendar arithmetic.
"""

from collections.abc import Callable
from functools import wraps
from operator import attrgetter, is_
from typing import TypeVar

from domain.complaint import Complaint

T = TypeVar("T")


def remembering_but_for(*passing: str) -> Callable[[Callable[[Complaint], T]], Callable[[Complaint], T]]:
    """As `remembering`, for a function that reads none of the `passing` facts: it keeps its answer while all others
    are the very same. Most events change nothing else; a fact that is new one day counts until it is named here.
    """
    look = attrgetter(*(name for name in Complaint.model_fields if name not in passing))

    def decorate(derive: Callable[[Complaint], T]) -> Callable[[Complaint], T]:
        last: tuple[tuple[object, ...], T] | None = None

        @wraps(derive)
        def answer(c: Complaint) -> T:
            nonlocal last
            kept, seen = last, look(c)  # read once, as below
            if kept is None or not all(map(is_, kept[0], seen)):
                last = kept = (seen, derive(c))
            return kept[1]

        return answer

    return decorate


def remembering(derive: Callable[[Complaint], T]) -> Callable[[Complaint], T]:
    """`derive`, a pure function, which keeps its answer for the one complaint it was asked about last.

    By identity: a complaint is frozen, and comparing two costs more than deriving anew. Safe between threads, which
    can but make each other derive again.
    """
    last: tuple[Complaint, T] | None = None

    def answer(c: Complaint) -> T:
        nonlocal last
        kept = last  # read once: another thread may put its own there at any time
        if kept is None or kept[0] is not c:
            last = kept = (c, derive(c))
        return kept[1]

    return answer
