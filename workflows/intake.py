"""What came in by signal and is not decided yet. A burst is decided in slices; what is too much is refused and counted.

A workflow task that takes two seconds is given up by the SDK and tried again, for ever, and meanwhile no deadline is
handled. Ordinary complaints take a handful of messages in a task, and nothing of theirs ever waits here.
"""

from collections import deque

from domain.messages import Message
from workflows.carrying import Waiting

SLICE = 100  # messages decided in one workflow task: a fifth of a second, or one on a machine that is short of breath
MOST_WAITING = 500  # messages; they are carried from run to run beside all else, within Temporal's 2 MiB
_MOST_BYTES = 256 * 1024  # of what waits, as it came


class Intake:
    """The messages that wait, oldest first, and how many of the burst were refused."""

    def __init__(self, carried: Waiting | None = None) -> None:
        held = carried or Waiting()
        self._waiting: deque[Message] = deque(held.messages)
        self._bytes = held.size
        self.refused = held.refused
        self._task, self._decided = -1, 0

    def may_decide(self, *, task: int) -> bool:
        """Whether this workflow task, told from others by its history length, has time for one message more."""
        return self._task != task or self._decided < SLICE

    def count(self, *, task: int) -> None:
        """One message is being decided in this workflow task."""
        if self._task != task:
            self._task, self._decided = task, 0
        self._decided += 1

    def has_room(self, size: int) -> bool:
        return len(self._waiting) < MOST_WAITING and self._bytes + size <= _MOST_BYTES

    def put(self, message: Message, *, size: int) -> None:
        self._waiting.append(message)
        self._bytes += size

    def refuse(self) -> None:
        self.refused += 1

    def take(self) -> Message:
        """The oldest message that waits."""
        message = self._waiting.popleft()
        self._bytes = self._bytes if self._waiting else 0
        return message

    def take_refused(self) -> int:
        """How many were refused since this was last asked."""
        refused, self.refused = self.refused, 0
        return refused

    @property
    def waits(self) -> bool:
        return bool(self._waiting)

    @property
    def is_idle(self) -> bool:
        """Nothing waits and no refusal is still to be recorded."""
        return not self._waiting and not self.refused

    def carried(self) -> Waiting:
        return Waiting(messages=tuple(self._waiting), size=self._bytes, refused=self.refused)
