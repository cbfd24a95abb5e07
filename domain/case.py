"""What is known of a case beside its ticket: the facts that its risk is graded by. No personal data."""

from enum import StrEnum
from typing import Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from domain.statute import StatutePack
from domain.values import Value
from domain.vehicle import VehicleFacts


class LifeCycle(StrEnum):
    """Where the model stands: what is found at launch is found in every car that follows."""

    TRIAL = "trial"
    LAUNCH = "launch"
    MATURE = "mature"
    RUN_OUT = "run_out"


class Voice(StrEnum):
    """How far a customer's voice carries, beside the tier that the ticket says."""

    PRIVATE = "private"
    FLEET = "fleet"
    PUBLIC = "public"  # an opinion leader, somebody of the media or of the law


class ThirdParty(StrEnum):
    """Who else has been brought in; the weightiest counts."""

    NONE = "none"
    FORUM = "forum"
    HOTLINE = "hotline"  # the authorities' complaint lines: 12315, 12345
    LETTER = "letter"  # of a lawyer or of a regulator
    MEDIA = "media"  # or a court


class CaseKind(StrEnum):
    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"
    REPAIR = "repair"
    RESCUE = "rescue"


class ReportedFacts(Value):
    """What people and other systems report of a case. None is not known, and weighs nothing.

    `cost_fen` is what the repairs of this fault have cost so far.
    """

    case_kind: CaseKind | None = None
    period: LifeCycle | None = None
    standing: Voice | None = None
    third_party: ThirdParty | None = None
    cost_fen: int | None = Field(default=None, ge=0, le=10**12)

    def known(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if value is not None}

    @model_serializer(mode="wrap")
    def _what_is_known(self, rest: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in rest(self).items() if value is not None}


class CaseFacts(ReportedFacts):
    """With what the ledger knows of the vehicle and the statute it is held against, as they were when told; and the
    matters that the customer's words told of as they came in, by their codes.
    """

    red_line_words: tuple[str, ...] | None = None
    vehicle: VehicleFacts | None = None
    statute: StatutePack | None = None

    def merged(self, news: "CaseFacts") -> "CaseFacts":
        """These facts with what `news` knows put over them."""
        return self.model_copy(update=news.known())
