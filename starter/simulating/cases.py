"""A history of tickets as it was recorded elsewhere: who had which ticket when, and how it stood."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from domain.commands import Command
from domain.ticket import TicketFacts


class State(StrEnum):
    """How a ticket stood after an event."""

    QUEUED = "queued"
    WORKING = "working"
    WAITING = "waiting"  # for anybody but the one who reported it
    WAITING_USER = "waiting_user"
    RESOLVED = "resolved"  # done, says the team
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


DONE = (State.RESOLVED, State.CLOSED, State.WITHDRAWN)


class LogEvent(NamedTuple):
    """One row. `at` is aware and UTC; `team` is "" where the row names none."""

    ticket: str
    at: datetime
    team: str
    state: State
    tags: tuple[str, ...] = ()


class Recorded(NamedTuple):
    """A complaint of our own: its ticket, when it was opened, and what was asked of it in order."""

    ticket: TicketFacts
    opened_at: datetime
    commands: tuple[Command, ...]


class LogCase(NamedTuple):
    """A ticket's events, one or more, in the order of their instants; those of one instant as the file has them."""

    ticket: str
    events: tuple[LogEvent, ...]
    recorded: Recorded | None = None

    @property
    def teams(self) -> tuple[str, ...]:
        """Who had it, in order: repeats of the same team are one turn, events that name no team are passed over."""
        turns: list[str] = []
        for event in self.events:
            if event.team and turns[-1:] != [event.team]:
                turns.append(event.team)
        return tuple(turns)


def cases_of(events: Iterable[LogEvent]) -> tuple[LogCase, ...]:
    """Each ticket's events together, in the order in which the file first names them."""
    found: dict[str, list[LogEvent]] = {}
    for event in events:
        found.setdefault(event.ticket, []).append(event)
    return tuple(LogCase(ticket, tuple(sorted(rows, key=attrgetter("at")))) for ticket, rows in found.items())
