"""What is known of one vehicle that the law on it asks for. No VIN here: these facts travel where a VIN may not."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_serializer, model_validator

from domain.instants import Instant
from domain.values import TAG, Value

REPAIR_NO = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
# "engine" is the whole assembly, "engine/cylinder_head" a main part of it.
PART = r"^[a-z][a-z_]{0,31}(/[a-z0-9][a-z0-9_.-]{0,63})?$"
MOST_REPAIRS = 60  # they travel inside every open complaint of the vehicle

PartCode = Annotated[str, Field(pattern=PART)]
Kilometres = Annotated[int, Field(ge=0, le=5_000_000)]


class _Brief(Value):
    """Stored without what is as it is by default: it travels often."""

    @model_serializer(mode="wrap")
    def _what_is_said(self, rest: Callable[[Self], dict[str, Any]]) -> dict[str, Any]:
        kept = {key for key, field in type(self).model_fields.items() if getattr(self, key) != field.default}
        return {key: value for key, value in rest(self).items() if key in kept}


class WaitingKind(StrEnum):
    """Time that the law does not count among a vehicle's repair days."""

    SPECIAL_PART_TRANSPORT = "special_part_transport"  # a part made for this VIN: anti-theft system, main harness
    BATTERY_TRANSPORT = "battery_transport"
    RESCUE_TRAVEL = "rescue_travel"


class Waiting(_Brief):
    """[begun_at, ended_at); None is still going on."""

    why: WaitingKind
    begun_at: Instant
    ended_at: Instant | None = None

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.ended_at and self.ended_at < self.begun_at:
            raise ValueError("a wait ends after it begins; correct `ended_at`")
        return self


class Repair(_Brief):
    """One repair, from the agreement on it (`begun_at`) until it is done; `ended_at` None is still going on.

    `appeared_at` is when the fault showed, where that is known to be earlier. `has_failed` says that the fault was
    still there afterwards, or a new one of its kind. `replaced` names what had to be replaced, `defective` what was
    found at fault and was not.
    """

    repair_no: str = Field(pattern=REPAIR_NO)
    begun_at: Instant
    ended_at: Instant | None = None
    appeared_at: Instant | None = None
    mileage_km: Kilometres | None = None
    fault: str = Field(default="", pattern=rf"^$|{TAG}")
    is_quality: bool = True  # False: maintenance, a crash, misuse; the law does not count it
    is_serious_safety: bool = False
    has_failed: bool = False
    replaced: tuple[PartCode, ...] = Field(default=(), max_length=20)
    defective: tuple[PartCode, ...] = Field(default=(), max_length=20)
    excluded: tuple[Waiting, ...] = Field(default=(), max_length=10)

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if self.ended_at and self.ended_at < self.begun_at:
            raise ValueError("a repair ends after it begins; correct `ended_at`")
        if self.appeared_at and self.appeared_at > self.begun_at:
            raise ValueError("a fault shows before its repair begins; correct `appeared_at`")
        return self


class VehicleFacts(_Brief):
    """`delivered_on` and `invoiced_on` are days where the vehicle was sold; `read_at` is when the odometer was read."""

    delivered_on: date | None = None
    invoiced_on: date | None = None
    mileage_km: Kilometres | None = None
    read_at: Instant | None = None
    is_household: bool = True
    repairs: tuple[Repair, ...] = Field(default=(), max_length=MOST_REPAIRS)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.mileage_km is None) != (self.read_at is None):
            raise ValueError("say `mileage_km` and `read_at` together: a reading counts from when it was taken")
        numbers = [repair.repair_no for repair in self.repairs]
        if len(set(numbers)) != len(numbers):
            raise ValueError("two repairs have the same number; give each its own")
        return self

    @property
    def started_on(self) -> date | None:
        """The day on which the warranty begins: of delivery, else of the invoice."""
        return self.delivered_on or self.invoiced_on
