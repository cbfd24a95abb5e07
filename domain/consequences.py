"""What comes of time passing, or of a level that was reached, when nobody does anything."""

from typing import Literal

from pydantic import AwareDatetime

from domain.causes import EscalationCause
from domain.event_base import Happening
from domain.policy import ClockKind, EscalationLevel


class DeemedAccepted(Happening):
    """Silence past the response clock is acceptance."""

    kind: Literal["deemed_accepted"] = "deemed_accepted"


class CustomerReminded(Happening):
    kind: Literal["customer_reminded"] = "customer_reminded"
    round: int
    reminder: int


class ClockWarned(Happening):
    """A clock turned yellow."""

    kind: Literal["clock_warned"] = "clock_warned"
    clock: str
    clock_kind: ClockKind
    holder: str  # the department it runs against
    due_at: AwareDatetime


class ClockBreached(Happening):
    """A clock passed its due instant. `charged` is basis points by department; `copied` are those whose VP is told."""

    kind: Literal["clock_breached"] = "clock_breached"
    clock: str
    clock_kind: ClockKind
    holder: str  # the department it ran against
    due_at: AwareDatetime
    charged: dict[str, int]
    copied: tuple[str, ...] = ()


class EscalationRaised(Happening):
    kind: Literal["escalation_raised"] = "escalation_raised"
    level: EscalationLevel
    to: str
    why: EscalationCause
    due_at: AwareDatetime
    note_id: str = ""


class RiskGraded(Happening):
    """The points table called for a higher level. `points` by dimension, `floors` that hold, `table` by its id."""

    kind: Literal["risk_graded"] = "risk_graded"
    level: int
    points: dict[str, int]
    floors: tuple[str, ...] = ()
    table: str


class NoticeFailed(Happening):
    """A notice was given up after its last attempt; the escalation can see it."""

    kind: Literal["notice_failed"] = "notice_failed"
    notice: str
