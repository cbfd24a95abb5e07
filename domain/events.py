"""What has happened to a complaint, in the past tense. The ledger keeps these and nothing else.

`at` is the instant an event took effect and never runs backwards along `seq`; `noticed_at` is when the core got to it.
`cause` is the command's id, or the rule of the deadline that passed.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.case import CaseFacts
from domain.commands import Actor, CallOutcome, Evidence, Ratings, RootCause
from domain.policy import ClockKind, EscalationLevel, Policy
from domain.ticket import TicketFacts


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    seq: int
    at: AwareDatetime
    noticed_at: AwareDatetime
    cause: str = ""
    actor: Actor | None = None


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


class Opened(_Event):
    kind: Literal["opened"] = "opened"
    ticket: TicketFacts
    policy_version: str


class SentToTriage(_Event):
    """No known tag: CX classifies it, on a clock of its own."""

    kind: Literal["sent_to_triage"] = "sent_to_triage"


class Dispatched(_Event):
    """A department's turn began; the work order goes out. `hop` counts from 1."""

    kind: Literal["dispatched"] = "dispatched"
    hop: int
    department: str
    origin: Origin
    supporters: tuple[str, ...] = ()
    is_grey: bool = False


class Accepted(_Event):
    kind: Literal["accepted"] = "accepted"


class DeemedAccepted(_Event):
    """Silence past the response clock is acceptance."""

    kind: Literal["deemed_accepted"] = "deemed_accepted"


class Transferred(_Event):
    kind: Literal["transferred"] = "transferred"
    to: str
    evidence: tuple[Evidence, ...]
    note_id: str
    clause: str = ""


class ArbitrationOpened(_Event):
    """The arbiter owns it until the ruling. `proposed` is where the owner wanted it to go, if anywhere."""

    kind: Literal["arbitration_opened"] = "arbitration_opened"
    why: DisputeCause
    arbiter: str
    proposed: str = ""
    evidence: tuple[Evidence, ...] = ()
    note_id: str = ""


class Ruled(_Event):
    """`owner` answers for it, finally. `reopened_hop` is the hop that goes on as if it had never stopped, if any."""

    kind: Literal["ruled"] = "ruled"
    owner: str
    reopened_hop: int = 0
    note_id: str = ""


class SupportRequested(_Event):
    kind: Literal["support_requested"] = "support_requested"
    department: str
    note_id: str = ""


class ProgressPosted(_Event):
    kind: Literal["progress_posted"] = "progress_posted"
    note_id: str


class Claimed(_Event):
    kind: Literal["claimed"] = "claimed"
    round: int
    note_id: str
    root_cause: RootCause
    evidence: tuple[Evidence, ...] = ()


class CustomerReminded(_Event):
    kind: Literal["customer_reminded"] = "customer_reminded"
    round: int
    reminder: int


class CallRecorded(_Event):
    kind: Literal["call_recorded"] = "call_recorded"
    round: int
    outcome: CallOutcome
    is_attempt: bool = False  # reached nobody, and long enough after the attempt before
    evidence: tuple[Evidence, ...] = ()
    note_id: str = ""


class ClaimConfirmed(_Event):
    kind: Literal["claim_confirmed"] = "claim_confirmed"
    round: int
    ratings: Ratings = Ratings()
    note_id: str = ""
    charged: dict[str, int] = {}


class ClaimRejected(_Event):
    """A first-fix failure, charged to those who claimed. `charged` is basis points by department."""

    kind: Literal["claim_rejected"] = "claim_rejected"
    round: int
    ratings: Ratings = Ratings()
    note_id: str = ""
    charged: dict[str, int] = {}


class ClockWarned(_Event):
    """A clock turned yellow."""

    kind: Literal["clock_warned"] = "clock_warned"
    clock: str
    clock_kind: ClockKind
    holder: str  # the department it runs against
    due_at: AwareDatetime


class ClockBreached(_Event):
    """A clock passed its due instant. `charged` is basis points by department; `copied` are those whose VP is told."""

    kind: Literal["clock_breached"] = "clock_breached"
    clock: str
    clock_kind: ClockKind
    holder: str  # the department it ran against
    due_at: AwareDatetime
    charged: dict[str, int]
    copied: tuple[str, ...] = ()


class EscalationRaised(_Event):
    kind: Literal["escalation_raised"] = "escalation_raised"
    level: EscalationLevel
    to: str
    why: EscalationCause
    due_at: AwareDatetime
    note_id: str = ""


class EscalationAcknowledged(_Event):
    kind: Literal["escalation_acknowledged"] = "escalation_acknowledged"
    level: EscalationLevel


class Reclassified(_Event):
    kind: Literal["reclassified"] = "reclassified"
    tags: tuple[str, ...]
    risk_level: int
    is_complex: bool
    note_id: str = ""


class FactsReported(_Event):
    """What is known of the case from here on, whole."""

    kind: Literal["facts_reported"] = "facts_reported"
    case: CaseFacts
    note_id: str = ""


class RiskGraded(_Event):
    """The points table called for a higher level. `points` by dimension, `floors` that hold, `table` by its id."""

    kind: Literal["risk_graded"] = "risk_graded"
    level: int
    points: dict[str, int]
    floors: tuple[str, ...] = ()
    table: str


class PolicyAdopted(_Event):
    kind: Literal["policy_adopted"] = "policy_adopted"
    policy: Policy


class Closed(_Event):
    kind: Literal["closed"] = "closed"
    how: Closing
    merged_into: str = ""
    note_id: str = ""


class CommandRefused(_Event):
    """Somebody asked for what the rules forbid; `code` says which rule."""

    kind: Literal["command_refused"] = "command_refused"
    command: str
    code: str


class MessageRejected(_Event):
    """A message nobody could read as a command. What it said is not kept: it may hold personal data."""

    kind: Literal["message_rejected"] = "message_rejected"
    name: str
    code: str


class NoticeFailed(_Event):
    """A notice was given up after its last attempt; the escalation can see it."""

    kind: Literal["notice_failed"] = "notice_failed"
    notice: str


Event = Annotated[
    Opened
    | SentToTriage
    | Dispatched
    | Accepted
    | DeemedAccepted
    | Transferred
    | ArbitrationOpened
    | Ruled
    | SupportRequested
    | ProgressPosted
    | Claimed
    | CustomerReminded
    | CallRecorded
    | ClaimConfirmed
    | ClaimRejected
    | ClockWarned
    | ClockBreached
    | EscalationRaised
    | EscalationAcknowledged
    | Reclassified
    | FactsReported
    | RiskGraded
    | PolicyAdopted
    | Closed
    | CommandRefused
    | MessageRejected
    | NoticeFailed,
    Field(discriminator="kind"),
]
