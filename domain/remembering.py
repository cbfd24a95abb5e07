"""An answer about a complaint, kept while the same complaint is asked about.

Deciding one message asks for its clocks half a dozen times, and each is calendar arithmetic.
"""

from collections.abc import Callable
from typing import TypeVar

from domain.complaint import Complaint

T = TypeVar("T")


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
