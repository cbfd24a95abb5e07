"""Who is looking at which file now: a browser fetches a film in a hundred pieces, and that is one look."""

from datetime import datetime, timedelta

_ONE_LOOK = timedelta(minutes=5)
_MOST = 10_000

Look = tuple[str, str, str]  # who, ticket, file


class Watching:
    """Of this process alone: after a restart the next piece is a look of its own."""

    def __init__(self) -> None:
        self._last: dict[Look, datetime] = {}

    def goes_on(self, look: Look, *, at: datetime) -> bool:
        last = self._last.get(look)
        return last is not None and at - last < _ONE_LOOK

    def saw(self, look: Look, *, at: datetime) -> None:
        if len(self._last) >= _MOST:
            self._last.clear()
        self._last[look] = at
