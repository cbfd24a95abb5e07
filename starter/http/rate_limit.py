"""How often one visitor may knock at a public page."""

import time
from collections import OrderedDict

_MOST_VISITORS = 10_000  # the memory this may take, whoever knocks
_LONGEST_NAME = 64  # what a visitor is known by: an address or a token, and never more of it than this


class RateLimit:
    """A bucket of `per_minute` visits for each visitor, refilled steadily. Lives in one process's memory."""

    def __init__(self, per_minute: int) -> None:
        self._size = float(per_minute)
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # visitor → (left, as of)

    def admits(self, visitor: str) -> bool:
        now, visitor = time.monotonic(), visitor[:_LONGEST_NAME]
        left, as_of = self._buckets.pop(visitor, (self._size, now))
        left = min(self._size, left + (now - as_of) * self._size / 60)
        self._buckets[visitor] = (max(left - 1, 0.0), now)
        if len(self._buckets) > _MOST_VISITORS:
            self._buckets.popitem(last=False)
        return left >= 1
