"""What has happened to a complaint, in the past tense. The ledger keeps these and nothing else.

`at` is the instant an event took effect and never runs backwards along `seq`; `noticed_at` is when the core got to it.
`cause` is the command's id, or the rule of the deadline that passed.
"""

from typing import Annotated, Literal

from pydantic import Field

from domain.case import CaseFacts
from domain.causes import Closing as Closing
from domain.causes import DisputeCause as DisputeCause
from domain.causes import EscalationCause as EscalationCause
from domain.causes import Origin as Origin
from domain.command_values import Actor, CallOutcome, Evidence, Ratings, RootCause
from domain.consequences import ClockBreached as ClockBreached
from domain.consequences import ClockWarned as ClockWarned
from domain.consequences import CustomerReminded as CustomerReminded
from domain.consequences import DeemedAccepted as DeemedAccepted
from domain.consequences import EscalationRaised as EscalationRaised
from domain.consequences import NoticeFailed as NoticeFailed
from domain.consequences import RiskGraded as RiskGraded
from domain.demands import DemandDecision, LegalTerms, Remedy
from domain.event_base import Happening
from domain.motions import Motion
from domain.policy import EscalationLevel, Policy
from domain.ticket import TicketFacts


class Opened(Happening):
    kind: Literal["opened"] = "opened"
    ticket: TicketFacts
    policy_version: str


class SentToTriage(Happening):
    """No known tag: CX classifies it, on a clock of its own."""

    kind: Literal["sent_to_triage"] = "sent_to_triage"


class Dispatched(Happening):
    """A department's turn began; the work order goes out. `hop` counts from 1."""

    kind: Literal["dispatched"] = "dispatched"
    hop: int
    department: str
    origin: Origin
    supporters: tuple[str, ...] = ()
    is_grey: bool = False


class Accepted(Happening):
    kind: Literal["accepted"] = "accepted"


class Transferred(Happening):
    kind: Literal["transferred"] = "transferred"
    to: str
    evidence: tuple[Evidence, ...]
    note_id: str
    clause: str = ""


class ArbitrationOpened(Happening):
    """The arbiter owns it until the ruling. `proposed` is where the owner wanted it to go, if anywhere."""

    kind: Literal["arbitration_opened"] = "arbitration_opened"
    why: DisputeCause
    arbiter: str
    proposed: str = ""
    evidence: tuple[Evidence, ...] = ()
    note_id: str = ""


class Ruled(Happening):
    """`owner` answers for it, finally. `reopened_hop` is the hop that goes on as if it had never stopped, if any."""

    kind: Literal["ruled"] = "ruled"
    owner: str
    reopened_hop: int = 0
    note_id: str = ""


class SupportRequested(Happening):
    kind: Literal["support_requested"] = "support_requested"
    department: str
    note_id: str = ""


class ProgressPosted(Happening):
    kind: Literal["progress_posted"] = "progress_posted"
    note_id: str


class Claimed(Happening):
    kind: Literal["claimed"] = "claimed"
    round: int
    note_id: str
    root_cause: RootCause
    evidence: tuple[Evidence, ...] = ()


class CallRecorded(Happening):
    kind: Literal["call_recorded"] = "call_recorded"
    round: int
    outcome: CallOutcome
    is_attempt: bool = False  # reached nobody, and long enough after the attempt before
    evidence: tuple[Evidence, ...] = ()
    note_id: str = ""


class ClaimConfirmed(Happening):
    kind: Literal["claim_confirmed"] = "claim_confirmed"
    round: int
    ratings: Ratings = Ratings()
    note_id: str = ""
    charged: dict[str, int] = {}


class ClaimRejected(Happening):
    """A first-fix failure, charged to those who claimed. `charged` is basis points by department."""

    kind: Literal["claim_rejected"] = "claim_rejected"
    round: int
    ratings: Ratings = Ratings()
    note_id: str = ""
    charged: dict[str, int] = {}


class EscalationAcknowledged(Happening):
    kind: Literal["escalation_acknowledged"] = "escalation_acknowledged"
    level: EscalationLevel


class Reclassified(Happening):
    kind: Literal["reclassified"] = "reclassified"
    tags: tuple[str, ...]
    risk_level: int
    is_complex: bool
    note_id: str = ""


class FactsReported(Happening):
    """What is known of the case from here on, whole."""

    kind: Literal["facts_reported"] = "facts_reported"
    case: CaseFacts
    note_id: str = ""


class Proposed(Happening):
    """Somebody holds that no reasoning helps, or that it is to end without the customer's yes; a second must agree."""

    kind: Literal["proposed"] = "proposed"
    actor: Actor
    motion: Motion
    evidence: tuple[Evidence, ...]
    note_id: str


class ProposalDecided(Happening):
    """A second person agreed, or did not."""

    kind: Literal["proposal_decided"] = "proposal_decided"
    motion: Motion
    agrees: bool
    note_id: str = ""


class DemandMade(Happening):
    """The customer demands a replacement or a refund; the law's clocks run from `terms.since` on."""

    kind: Literal["demand_made"] = "demand_made"
    number: int
    remedy: Remedy
    terms: LegalTerms
    evidence: tuple[Evidence, ...] = ()
    note_id: str = ""


class DemandDecided(Happening):
    kind: Literal["demand_decided"] = "demand_decided"
    decision: DemandDecision
    evidence: tuple[Evidence, ...] = ()
    note_id: str = ""


class PolicyAdopted(Happening):
    kind: Literal["policy_adopted"] = "policy_adopted"
    policy: Policy


class Closed(Happening):
    kind: Literal["closed"] = "closed"
    how: Closing
    merged_into: str = ""
    note_id: str = ""


class CommandRefused(Happening):
    """Somebody asked for what the rules forbid; `code` says which rule."""

    kind: Literal["command_refused"] = "command_refused"
    command: str
    code: str


class MessageRejected(Happening):
    """A message nobody could read as a command. What it said is not kept: it may hold personal data."""

    kind: Literal["message_rejected"] = "message_rejected"
    name: str
    code: str


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
    | Proposed
    | ProposalDecided
    | DemandMade
    | DemandDecided
    | PolicyAdopted
    | Closed
    | CommandRefused
    | MessageRejected
    | NoticeFailed,
    Field(discriminator="kind"),
]
