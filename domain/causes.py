"""How a hop began, why the arbiter was called or somebody above, how a complaint ended."""

from enum import StrEnum


class Origin(StrEnum):
    """How a hop began."""

    DISPATCH = "dispatch"
    TRANSFER = "transfer"
    RULING = "ruling"
    RECLASSIFICATION = "reclassification"


class DisputeCause(StrEnum):
    """Why the arbiter was called."""

    CONTESTED = "contested"  # the owner disputes that it is its own
    SENT_BACK = "sent_back"  # a transfer to a department that had already handed it off
    HOP_LIMIT = "hop_limit"  # one transfer too many
    RECLASSIFIED = "reclassified"  # CX says it is another's, after it was accepted


class EscalationCause(StrEnum):
    AGE = "age"
    RISK = "risk"
    CANNOT_BE_COORDINATED = "cannot_be_coordinated"


class Closing(StrEnum):
    CONFIRMED = "confirmed"
    UNREACHABLE = "unreachable"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    IN_DISAGREEMENT = "in_disagreement"  # the customer says no; two people agreed that no more can be done
