"""What someone may ask of a complaint, in the imperative.

Every command carries who asks (`actor`), an id that makes it safe to send twice, and the instant our door took it.
Free text never travels here: `note_id` points to a note in our database. Evidence is named by its content hash.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from domain.case import CaseFacts
from domain.command_values import NOTE_ID as NOTE_ID
from domain.command_values import Actor as Actor
from domain.command_values import Answer as Answer
from domain.command_values import CallOutcome as CallOutcome
from domain.command_values import Department as Department
from domain.command_values import Evidence as Evidence
from domain.command_values import EvidenceKind as EvidenceKind
from domain.command_values import Note as Note
from domain.command_values import Proof as Proof
from domain.command_values import Ratings as Ratings
from domain.command_values import Role as Role
from domain.command_values import RootCause as RootCause
from domain.command_values import Said
from domain.demands import DemandDecision, LegalTerms, Remedy
from domain.instants import Instant
from domain.motions import Motion
from domain.policy import EscalationLevel, Policy
from domain.ticket import TICKET_NO
from domain.values import TAG


class _Command(Said):
    command_id: str = Field(min_length=1, max_length=128)
    received_at: Instant
    actor: Actor


class Accept(_Command):
    """The owner takes the complaint on."""

    kind: Literal["accept"] = "accept"


class Transfer(_Command):
    """The owner says it is another's, with proof. `clause` is the matrix tag relied on."""

    kind: Literal["transfer"] = "transfer"
    to: Department
    evidence: Proof = ()
    note_id: Note | None = None
    clause: str = Field(default="", max_length=64)


class Contest(_Command):
    """The owner disputes before the arbiter that the complaint is its own."""

    kind: Literal["contest"] = "contest"
    evidence: Proof = ()
    note_id: Note | None = None


class Arbitrate(_Command):
    """The arbiter rules who owns it. Final."""

    kind: Literal["arbitrate"] = "arbitrate"
    owner: Department
    note_id: Note | None = None


class RequestSupport(_Command):
    """The lead calls another department in; it keeps the lead."""

    kind: Literal["request_support"] = "request_support"
    department: Department
    note_id: Note | None = None


class PostProgress(_Command):
    """News for the customer from those who work on it."""

    kind: Literal["post_progress"] = "post_progress"
    note_id: Note


class Claim(_Command):
    """The owner says that it is resolved: what was done, and why it had happened."""

    kind: Literal["claim"] = "claim"
    note_id: Note
    root_cause: RootCause
    evidence: Proof = ()


class CustomerReply(_Command):
    """The customer's word on one claim. `round` is the claim's number."""

    kind: Literal["customer_reply"] = "customer_reply"
    answer: Answer
    round: int = Field(ge=1)
    ratings: Ratings = Ratings()
    note_id: Note | None = None


class RecordVerificationCall(_Command):
    """CX called the customer. `evidence` is the recording; a call that reached nobody is an attempt."""

    kind: Literal["record_verification_call"] = "record_verification_call"
    outcome: CallOutcome
    ratings: Ratings = Ratings()
    evidence: Proof = ()
    note_id: Note | None = None


class CloseUnreachable(_Command):
    """CX closes after enough attempts that reached nobody."""

    kind: Literal["close_unreachable"] = "close_unreachable"
    note_id: Note | None = None


class Escalate(_Command):
    """It cannot be coordinated at this level."""

    kind: Literal["escalate"] = "escalate"
    note_id: Note | None = None


class Acknowledge(_Command):
    """Whoever an escalation was addressed to has seen it."""

    kind: Literal["acknowledge"] = "acknowledge"
    level: EscalationLevel


class Reclassify(_Command):
    """CX corrects tags, risk or complexity. None leaves a thing as it is."""

    kind: Literal["reclassify"] = "reclassify"
    tags: tuple[Annotated[str, Field(pattern=TAG)], ...] | None = Field(default=None, max_length=20)
    risk_level: int | None = Field(default=None, ge=1, le=5)
    is_complex: bool | None = None
    note_id: Note | None = None


class ReportFacts(_Command, CaseFacts):
    """What somebody has learnt of the case; what it says nothing of stays as it is known."""

    kind: Literal["report_facts"] = "report_facts"
    note_id: Note | None = None

    @property
    def case(self) -> CaseFacts:
        return CaseFacts.model_validate({name: getattr(self, name) for name in CaseFacts.model_fields})


class Propose(_Command):
    """CX asks for a second person's agreement."""

    kind: Literal["propose"] = "propose"
    motion: Motion
    note_id: Note
    evidence: Proof = ()


class DecideProposal(_Command):
    """The second person's word."""

    kind: Literal["decide_proposal"] = "decide_proposal"
    agrees: bool
    note_id: Note | None = None


class RecordDemand(_Command):
    """The customer demands a replacement or a refund under the three guarantees; the law's clocks begin."""

    kind: Literal["record_demand"] = "record_demand"
    remedy: Remedy
    demanded_on: date | None = None  # as people tell it; the door makes the terms of it
    terms: LegalTerms
    evidence: Proof = ()
    note_id: Note | None = None


class DecideDemand(_Command):
    """The demand is answered, carried out, or no longer made."""

    kind: Literal["decide_demand"] = "decide_demand"
    decision: DemandDecision
    evidence: Proof = ()
    note_id: Note | None = None


class Withdraw(_Command):
    """The customer takes the complaint back."""

    kind: Literal["withdraw"] = "withdraw"
    note_id: Note | None = None


class MergeInto(_Command):
    """It is the same report as another ticket's; that one goes on."""

    kind: Literal["merge_into"] = "merge_into"
    ticket_no: str = Field(pattern=TICKET_NO)
    note_id: Note | None = None


class AdoptPolicy(_Command):
    """Live under another version of the rules from here on."""

    kind: Literal["adopt_policy"] = "adopt_policy"
    policy: Policy


Command = Annotated[
    Accept
    | Transfer
    | Contest
    | Arbitrate
    | RequestSupport
    | PostProgress
    | Claim
    | CustomerReply
    | RecordVerificationCall
    | CloseUnreachable
    | Escalate
    | Acknowledge
    | Reclassify
    | ReportFacts
    | Propose
    | DecideProposal
    | RecordDemand
    | DecideDemand
    | Withdraw
    | MergeInto
    | AdoptPolicy,
    Field(discriminator="kind"),
]
