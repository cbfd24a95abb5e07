"""How long somebody who answers over HTTP asks us to wait."""

from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx2


def retry_after(response: httpx2.Response, *, at_most: timedelta) -> timedelta | None:
    """Its `Retry-After`, `at_most` so long; None when it asks for none that can be read.

    A date counts from the answer's own `Date`, so that a clock that is wrong, theirs or ours, does no harm.
    """
    asked = response.headers.get("Retry-After", "").strip()
    if asked.isascii() and asked.isdigit():
        return min(timedelta(seconds=int(asked[:9])), at_most)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return min(max(wait, timedelta()), at_most)
