"""What someone may ask of a complaint, in the imperative.

Every command carries who asks (`actor`), an id that makes it safe to send twice, and the instant our door took it.
Free text never travels here: `note_id` points to a note in our database. Evidence is named by its content hash.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.case import CaseFacts
from domain.instants import Instant
from domain.policy import EscalationLevel, Policy
from domain.ticket import TAG, TICKET_NO

NOTE_ID = r"^note-[0-9a-f]{32}$"


class Role(StrEnum):
    RESPONDER = "responder"
    MANAGER = "manager"
    DIRECTOR = "director"
    VP = "vp"
    CX = "cx"
    ARBITER = "arbiter"
    COORDINATOR = "coordinator"
    LEADERSHIP = "leadership"
    DEALER = "dealer"
    OPS = "ops"
    INTEGRATION = "integration"
    CUSTOMER = "customer"


class _Message(BaseModel):
    # Unknown keys are ignored: a message from a newer door must not be lost in an older worker.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Actor(_Message):
    """Who asks. `department` is empty for the customer, leadership and systems."""

    role: Role
    department: str = Field(default="", max_length=64)
    id: str = Field(default="", max_length=64)


class EvidenceKind(StrEnum):
    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    LOG = "log"
    TEARDOWN = "teardown"
    DRAWING = "drawing"
    SUPPLIER_REPORT = "supplier_report"
    BUILD_RECORD = "build_record"
    DOCUMENT = "document"


class Evidence(_Message):
    """Proof by content: the SHA-256 of a file in the evidence store, in hex."""

    kind: EvidenceKind
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class RootCause(StrEnum):
    DESIGN = "design"
    MANUFACTURING = "manufacturing"
    SUPPLIER_PART = "supplier_part"
    SOFTWARE = "software"
    SERVICE_WORK = "service_work"
    SALES_CONDUCT = "sales_conduct"
    LOGISTICS = "logistics"
    USAGE = "usage"
    NO_FAULT_FOUND = "no_fault_found"


class Answer(StrEnum):
    CONFIRM = "confirm"
    REJECT = "reject"


class CallOutcome(StrEnum):
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNREACHED = "unreached"


class Ratings(_Message):
    """Five factors from 1 to 5, and whether they would recommend us, 0 to 10. None is not answered."""

    attitude: int | None = Field(default=None, ge=1, le=5)
    ability: int | None = Field(default=None, ge=1, le=5)
    convenience: int | None = Field(default=None, ge=1, le=5)
    fair_charge: int | None = Field(default=None, ge=1, le=5)
    complaint_handling: int | None = Field(default=None, ge=1, le=5)
    recommend: int | None = Field(default=None, ge=0, le=10)


Proof = Annotated[tuple[Evidence, ...], Field(max_length=20)]
Note = Annotated[str, Field(pattern=NOTE_ID)]
Department = Annotated[str, Field(min_length=1, max_length=64)]


class _Command(_Message):
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
    | Withdraw
    | MergeInto
    | AdoptPolicy,
    Field(discriminator="kind"),
]
