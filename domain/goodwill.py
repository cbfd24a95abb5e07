"""Goodwill that is asked for: money or a warranty repair beyond what is owed. All money is whole fen.

No names and no VIN here: `matter_keys` are digests.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from domain.command_values import NOTE_ID, Actor
from domain.instants import Instant
from domain.ticket import TICKET_NO
from domain.values import Value

Fen = Annotated[int, Field(strict=True, ge=0)]
MOST_FEN = 10**11
REGION = r"^[a-z][a-z0-9_]{0,31}$"
DIGEST = r"^[0-9a-f]{32,64}$"
RequestId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]
MonthText = Annotated[str, Field(pattern=r"^2\d{3}-(0[1-9]|1[0-2])$")]


class GoodwillKind(StrEnum):
    MONEY = "money"
    WARRANTY_REPAIR = "warranty_repair"


class GoodwillState(StrEnum):
    HELD = "held"
    AT_DESK = "at_desk"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"
    REFUSED = "refused"


class GoodwillPayer(StrEnum):
    """Whose authority an amount is taken from. What the desk grants is not the region's."""

    REGION = "region"
    DESK = "desk"


class NotDone(StrEnum):
    """Why nothing was changed."""

    MALFORMED = "malformed"
    OTHER_MONTH = "other_month"
    ID_USED = "id_used"  # the same id said something else before
    UNKNOWN = "unknown"
    NOT_HELD = "not_held"  # released, expired, refused, or still at the desk
    ALREADY_COMMITTED = "already_committed"
    NOT_AT_DESK = "not_at_desk"
    MORE_THAN_ASKED = "more_than_asked"


class AuthorityTerms(Value):
    """The policy's numbers, fixed for an account when its month begins. `limit` is in fen."""

    limit: Fen
    hold_life: timedelta = Field(gt=timedelta(0))
    desk_clock: timedelta = Field(gt=timedelta(0))
    splitting_window: timedelta = Field(gt=timedelta(0))
    splitting_over: Fen  # together more than this in one matter is worth a second look
    zone: str = "Asia/Shanghai"

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise ValueError(f'{zone!r} is no time zone; write one like "Asia/Shanghai"') from None
        return zone


class Alike(Value):
    """An earlier request in the same matter, of whichever region and month."""

    request_id: RequestId
    fen: Fen


class GoodwillRequest(Value):
    """`fen` is the money, or what the warranty repair costs. `matter_keys` are digests of the customer and the vehicle;
    `alike` are the requests in the same matter that were found within the splitting window. `asked_as` is the office of
    `asked_by`; None where only the ledger's row was left of what was said.
    """

    request_id: RequestId
    ticket_no: Annotated[str, Field(pattern=TICKET_NO)]
    matter_keys: tuple[Annotated[str, Field(pattern=DIGEST)], ...] = Field(default=(), max_length=4)
    kind: GoodwillKind
    fen: Annotated[int, Field(strict=True, gt=0, le=MOST_FEN)]
    asked_by: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")]
    asked_as: Actor | None = None
    at: Instant
    alike: tuple[Alike, ...] = Field(default=(), max_length=50)

    @field_validator("matter_keys")
    @classmethod
    def _in_order(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(keys)))

    def says_the_same_as(self, other: "GoodwillRequest") -> bool:
        """Whether one is the other sent again: when, and what is known of others, may differ."""
        aside = {"at", "alike", "asked_as"}
        return self.model_dump(exclude=aside) == other.model_dump(exclude=aside)


class Word(Value):
    """Who said it, None where time alone did, and the note that says why."""

    actor: Actor | None = None
    note_id: Annotated[str, Field(pattern=rf"{NOTE_ID}|^$")] = ""


BY_TIME = Word()


class Step(Value):
    """One change of a request: how it stood from then on, for how much, and by whose word."""

    state: GoodwillState
    at: Instant
    fen: Fen
    word: Word = BY_TIME


class Entry(Value):
    """One request and where it stands. `due` is when a hold expires, or when the desk should have answered; it
    `is_overdue` when the desk did not. `steps` are how it came to stand so, the first first.
    """

    request: GoodwillRequest
    state: GoodwillState
    payer: GoodwillPayer
    fen: Fen
    due: Instant | None = None
    split_with: tuple[str, ...] = ()
    granted: Fen | None = None  # what the desk said, once it did
    is_overdue: bool = False
    steps: tuple[Step, ...] = ()

    @property
    def is_spent(self) -> bool:
        """It takes from the region's month."""
        return self.payer is GoodwillPayer.REGION and self.state in (GoodwillState.HELD, GoodwillState.COMMITTED)
