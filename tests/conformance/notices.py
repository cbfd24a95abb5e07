"""What people were told during a played complaint, event by event, as the product tells it."""

from collections.abc import Iterator

from domain.fold import apply, opened
from domain.outlets import Notice
from domain.telling import notices
from tests.builders import HOUR, T0, Played

Told = tuple[float, str, str, str]  # hours after T0, kind of notice, audience, department


def all_notices(played: Played) -> Iterator[tuple[float, Notice]]:
    first, *rest = played.events
    assert first.kind == "opened"
    complaint = opened(first, played.policy)
    for event in rest:
        complaint = apply(complaint, event)
        for notice in notices(complaint, event):
            yield (event.at - T0) / HOUR, notice


def told(played: Played, *kinds: str) -> list[Told]:
    """All notices of these kinds, in order."""
    return [
        (hours, notice.kind, notice.audience, notice.department)
        for hours, notice in all_notices(played)
        if notice.kind in kinds
    ]
