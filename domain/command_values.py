"""What commands are made of: who asks, by which proof, and the few words they choose from."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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


class Said(BaseModel):
    """Frozen; what is wrong with it is told without what it holds."""

    # Unknown keys are ignored: a message from a newer door must not be lost in an older worker.
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Actor(Said):
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


class Evidence(Said):
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


class Ratings(Said):
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
