"""A claim is the owner's "resolved"; only the customer's word makes it so."""

from datetime import datetime
from enum import StrEnum

from domain.commands import RootCause
from domain.policy import Value


class Verdict(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    ABANDONED = "abandoned"  # closed in another way while the customer was being asked


class Claim(Value):
    """`round` counts from 1. `calls` are the instants at which CX called and reached nobody; `attempts` counts those
    far enough apart to prove that the customer was really tried.
    """

    round: int
    department: str
    supporters: tuple[str, ...]
    claimed_at: datetime
    root_cause: RootCause
    verdict: Verdict = Verdict.PENDING
    decided_at: datetime | None = None
    reminders: int = 0
    calls: tuple[datetime, ...] = ()
    attempts: int = 0
