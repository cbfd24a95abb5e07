"""What leaves for the ledger, the CRM, the people and the survey. Values only; activities send them."""

from enum import StrEnum

from pydantic import AwareDatetime, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic_core import to_json

from domain.events import Event
from domain.lights import Light
from domain.messages import Message
from domain.packing import packed, unpacked
from domain.policy import Value


class LedgerBatch(Value):
    """Consecutive events of one complaint, and the messages that led to them."""

    ticket_no: str
    policy_version: str
    events: tuple[Event, ...]
    messages: tuple[Message, ...] = ()


class CrmNote(Value):
    """What one of ours wrote with event `seq`, for the CRM's ticket: the text is read by `note_id` when it is sent."""

    key: str  # "<ticket>:<seq>:note"
    seq: int
    at: AwareDatetime
    kind: str  # the event's
    by: str  # a department, else a role
    note_id: str


class CrmWrite(Value):
    """The complaint's state after event `seq`, for the CRM's ticket, and what was written on the way there. `key` makes
    it safe to send twice.
    """

    key: str  # "<ticket>:<seq>:crm"
    ticket_no: str
    seq: int
    at: AwareDatetime
    stage: str
    owner: str
    light: Light
    clock: str = ""  # the governing clock's kind
    due_at: AwareDatetime | None = None
    closing: str = ""
    notes: tuple[CrmNote, ...] = ()

    def says_the_same_as(self, other: "CrmWrite | None") -> bool:
        """Whether the CRM would learn of no other state from this than from `other`."""
        apart = {"key", "seq", "at", "notes"}
        return other is not None and self.model_dump(exclude=apart) == other.model_dump(exclude=apart)


class CrmBatch(Value):
    """Writes for one ticket, in order."""

    ticket_no: str
    writes: tuple[CrmWrite, ...]


class Audience(StrEnum):
    """Whom a notice is for. The roster turns it into addresses, within the notice's department where there is one."""

    RESPONDERS = "responders"
    MANAGER = "manager"
    VP = "vp"
    MANAGEMENT_OFFICE = "management_office"
    CX = "cx"
    LEADERSHIP = "leadership"
    REGIONAL_MANAGER = "regional_manager"
    CUSTOMER = "customer"


class NoticeKind(StrEnum):
    WORK_ORDER = "work_order"
    TRIAGE = "triage"
    WARNING = "warning"
    BREACH = "breach"
    VP_COPY = "vp_copy"
    ESCALATION = "escalation"
    PROPOSAL = "proposal"
    RISK_REPORT = "risk_report"
    ARBITRATION = "arbitration"
    RULING = "ruling"
    SUPPORT = "support"
    CLAIM_TO_VERIFY = "claim_to_verify"
    CALL_DUE = "call_due"
    CLAIM_REJECTED = "claim_rejected"
    CLOSED = "closed"
    DIGEST = "digest"
    RED_LINE = "red_line"
    GOODWILL = "goodwill"
    CUSTOMER_RECEIVED = "customer_received"
    CUSTOMER_PROGRESS = "customer_progress"
    CUSTOMER_SURVEY = "customer_survey"
    CUSTOMER_REMINDER = "customer_reminder"
    CUSTOMER_CLOSED = "customer_closed"
    CUSTOMER_STOP_DRIVE = "customer_stop_drive"


# What may ring at night: a first red and its copies, and what calls for somebody above.
RINGING = frozenset(
    {NoticeKind.BREACH, NoticeKind.VP_COPY, NoticeKind.ESCALATION, NoticeKind.RISK_REPORT, NoticeKind.RED_LINE}
)


class Notice(Value):
    """One message to one audience. `facts` are codes, ids and ISO instants; the template makes sentences of them."""

    key: str  # "<ticket>:<seq>:<n>"
    kind: NoticeKind
    audience: Audience
    department: str = ""
    facts: dict[str, str] = {}

    @property
    def rings(self) -> bool:
        """Whether it may not wait for the morning: a red line's notices never do."""
        return self.kind in RINGING or self.facts.get("red_line") == "yes"


class NoticeBatch(Value):
    ticket_no: str
    notices: tuple[Notice, ...]


class Invitation(Value):
    """Ask the customer about claim `round`."""

    key: str  # "<ticket>:<seq>:survey"
    ticket_no: str
    round: int
    claimed_at: AwareDatetime


class Load(Value):
    """What waits for all outlets, taken out in one go: for each that has something a batch, as it would get alone.

    It goes packed. What is stuck is never a load but one outlet's batch, which can be read in the Temporal UI.
    """

    ledger: LedgerBatch | None = None
    crm: CrmBatch | None = None
    notices: NoticeBatch | None = None
    survey: Invitation | None = None

    @model_validator(mode="before")
    @classmethod
    def _unpacked(cls, value: object) -> object:
        return unpacked(value)

    @model_serializer(mode="wrap", when_used="json")
    def _packed(self, rest: SerializerFunctionWrapHandler) -> str:
        return packed(to_json(rest(self)))


class Delivered(Value):
    """The outlets that took their part of a load, and the keys of the notices that nobody can be told."""

    took: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()


class DutyCall(Value):
    """Something to be done for all complaints, now and then: the name of it, and the instant it was due."""

    duty: str
    due_at: AwareDatetime
