"""One turn of the core: a complaint, an instant, and what is recorded of it, each event folded in as it is recorded."""

from collections.abc import Callable
from datetime import datetime

from domain import events as e
from domain.commands import Actor
from domain.complaint import Complaint
from domain.fold import apply


class Turn:
    """Mutable for the length of one turn. `now` is when the core got to it; `at` is when things take effect."""

    def __init__(self, complaint: Complaint, *, now: datetime) -> None:
        self.complaint = complaint
        self.now = max(now, complaint.settled_at)  # another machine's clock may be behind; ours never runs back
        self.at = complaint.settled_at
        self.cause = ""
        self.actor: Actor | None = None
        self.events: list[e.Event] = []

    def begin(self, *, at: datetime, cause: str, actor: Actor | None = None) -> None:
        """What follows takes effect at `at`, or where the complaint stands if that is later: time never runs back."""
        self.at = max(at, self.complaint.settled_at)
        self.cause, self.actor = cause, actor

    def record(self, event: Callable[..., e.Event], **facts: object) -> None:
        """Record that `event` happened in this turn."""
        happened = event(
            seq=self.complaint.seq + 1,
            at=self.at,
            noticed_at=self.now,
            cause=self.cause,
            actor=self.actor,
            **facts,
        )
        self.complaint = apply(self.complaint, happened)
        self.events.append(happened)
