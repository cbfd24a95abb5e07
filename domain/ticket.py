"""The CRM's ticket: whole, as it is kept in our database, and the facts of it that the rules need.

Only `TicketFacts` ever reach Temporal. The customer's name, phone, VIN and words stay with `Ticket`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from domain.case import CaseFacts, ReportedFacts
from domain.instants import Instant
from domain.ownership import Matrix

TICKET_NO = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
CHANNEL = r"^[a-z][a-z0-9_-]{0,31}$"

Tag = Annotated[str, Field(min_length=1, max_length=64)]


class Tier(StrEnum):
    ORDINARY = "ordinary"
    KEY = "key"
    VIP = "vip"


class TicketFacts(BaseModel):
    """`created_at` is when the CRM created the ticket: the customer's clock starts there and never resets.

    `received_at` is when our door took it. Both are aware UTC.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    ticket_no: str = Field(pattern=TICKET_NO)
    created_at: Instant
    received_at: Instant
    tags: tuple[str, ...] = Field(default=(), max_length=20)
    tier: Tier = Tier.ORDINARY
    risk_level: int = Field(default=1, ge=1, le=5)
    channel: str = Field(default="hotline", max_length=32)
    is_complex: bool = False  # CX may say so; a complex tag says so too
    case: CaseFacts = CaseFacts()

    @model_serializer(mode="wrap")
    def _as_it_always_was(self, rest: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without a case of which nothing is known: a ticket that was taken before there were cases reads the same."""
        said = rest(self)
        return said if said["case"] else {key: value for key, value in said.items() if key != "case"}


class _Strict(BaseModel):
    # A door refuses what it does not know: a misspelt field must not be lost in silence.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Customer(_Strict):
    """Personal data. `language` is "zh" or "en"."""

    name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=40)
    email: str = Field(default="", max_length=254)
    language: str = Field(default="zh", pattern="^(zh|en)$")


class Vehicle(_Strict):
    """Personal data as well: a VIN or a plate names its owner."""

    vin: str = Field(default="", max_length=17)
    plate: str = Field(default="", max_length=16)
    brand: str = Field(default="", max_length=100)
    model: str = Field(default="", max_length=200)
    mileage_km: int | None = Field(default=None, ge=0, le=5_000_000)


class KnownCase(ReportedFacts):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Ticket(_Strict):
    """What the CRM sends when a ticket is created, and what the importer makes of a row."""

    ticket_no: str = Field(pattern=TICKET_NO)
    created_at: Instant
    tags: tuple[Tag, ...] = Field(default=(), max_length=20)
    tier: Tier = Tier.ORDINARY
    risk_level: int = Field(default=1, ge=1, le=5, strict=True)
    channel: str = Field(default="hotline", pattern=CHANNEL)  # a code: it travels where words may not
    is_complex: bool = False
    customer: Customer = Customer()
    vehicle: Vehicle = Vehicle()
    case: KnownCase = KnownCase()
    words: str = Field(default="", max_length=20_000)  # the customer's own
    files: tuple[str, ...] = Field(default=(), max_length=50)  # SHA-256 of files in the evidence store

    def facts(self, *, received_at: datetime, matrix: Matrix) -> TicketFacts:
        """What the rules need. A ticket dated in the future is taken as created when it was received.

        A tag that the matrix does not know is left out: it may be words of the customer's, and triage will read those.
        """
        return TicketFacts(
            ticket_no=self.ticket_no,
            created_at=min(self.created_at, received_at),
            received_at=received_at,
            tags=tuple(tag for tag in self.tags if matrix.owner_of(tag)),
            tier=self.tier,
            risk_level=self.risk_level,
            channel=self.channel,
            is_complex=self.is_complex,
            case=CaseFacts(**vars(self.case)),
        )
