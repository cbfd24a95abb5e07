"""Each act that named a file of evidence: one file may serve several departments."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from domain.commands import Actor
from domain.events import Event


class Use(NamedTuple):
    """`event` is the kind of the event `seq` that named the file; `actor` is who acted, if anybody did."""

    seq: int
    event: str
    at: datetime
    actor: Actor | None


def uses_of(happened: Iterable[Event]) -> Mapping[str, tuple[Use, ...]]:
    """By the file's SHA-256 the acts that named it, in their order; each act once."""
    found: dict[str, dict[int, Use]] = {}
    for event in happened:
        for each in getattr(event, "evidence", ()):
            found.setdefault(each.sha256, {})[event.seq] = Use(event.seq, event.kind, event.at, event.actor)
    return {sha256: tuple(uses.values()) for sha256, uses in found.items()}
