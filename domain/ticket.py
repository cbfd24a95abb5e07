"""What the rules need to know of a ticket. The customer's name, phone, VIN and words stay in our database."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

TICKET_NO = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
TAG = r"^[a-z0-9][a-z0-9_.-]{0,63}$"


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
    created_at: AwareDatetime
    received_at: AwareDatetime
    tags: tuple[str, ...] = Field(default=(), max_length=20)
    tier: Tier = Tier.ORDINARY
    risk_level: int = Field(default=1, ge=1, le=5)
    channel: str = Field(default="hotline", max_length=32)
    is_complex: bool = False  # CX may say so; a complex tag says so too
