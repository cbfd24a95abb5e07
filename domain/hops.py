"""A hop is one department's turn as owner. What it answers for is derived from when the turn began and ended."""

from datetime import datetime
from enum import StrEnum

from domain.events import DisputeCause, Origin
from domain.policy import Value


class Response(StrEnum):
    """How a department met its duty to answer the dispatch."""

    ACCEPTED = "accepted"
    TRANSFERRED = "transferred"
    CONTESTED = "contested"
    RULED = "ruled"  # the arbiter answered for it


class Hop(Value):
    """`left_at` is None while the turn lasts. A void hop was undone by a ruling and is charged nothing."""

    number: int
    department: str
    origin: Origin
    entered_at: datetime
    supporters: tuple[str, ...] = ()
    is_grey: bool = False
    response: Response | None = None
    responded_at: datetime | None = None
    deemed_at: datetime | None = None
    left_at: datetime | None = None
    handed_to: str = ""  # the department it was transferred to
    is_refuted: bool = False  # the arbiter found the transfer unfounded
    is_void: bool = False

    @property
    def is_accepted(self) -> bool:
        return self.deemed_at is not None or self.response in (Response.ACCEPTED, Response.RULED)


class Dispute(Value):
    """An open case before the arbiter. The present hop is stopped at `opened_at` until the ruling."""

    number: int
    opened_at: datetime
    why: DisputeCause
    arbiter: str
    proposed: str = ""
