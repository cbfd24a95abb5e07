"""The shape of each policy file. Keys they do not know are refused."""

import re
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from domain.durations import Duration
from domain.policy import NOTICE_LIFE, ClockKind, Clocks, EscalationRung, Verification
from domain.values import TAG

Item = TypeVar("Item")

_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_PHONE = re.compile(r"\+?[0-9](?:[ -]?[0-9]){2,18}")
_STRICT = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Strict(BaseModel):
    model_config = _STRICT


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError(f"{value!r} is not an e-mail address; write one that somebody reads")
    return value


def _phone(value: str) -> str:
    if value and not _PHONE.fullmatch(value):
        raise ValueError(f'{value!r} is no phone number; write one as it is dialled, like "400-000-0000"')
    return value


def _some(values: tuple[Item, ...]) -> tuple[Item, ...]:
    if not values:
        raise ValueError("it is empty; name at least one")
    return values


# Not min_length: that would call a list empty whose items are only faulty.
Some = Annotated[tuple[Item, ...], AfterValidator(_some)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Position(StrEnum):
    RESPONDERS = "responders"
    MANAGER = "manager"
    DIRECTOR = "director"
    VP = "vp"


# How a notice reaches somebody: by mail, a robot or webhook by name, or a text message to a phone of the company's.
Way = Annotated[str, Field(pattern=r"^(mail|(robot|hook):[a-z0-9_-]{1,32}|sms:\+[1-9]\d{6,14})$")]


def _quiet(value: str) -> str:
    found = _SPAN.fullmatch(value)
    if value and not (found and found[1] != found[2]):
        raise ValueError(f'{value!r} is no span of the night; write one like "22:00-07:00", or "" for none')
    return value


_SPAN = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d)")
# When only mail goes, which rings nobody, on the company's wall clock; it may run over midnight. "" is never.
Quiet = Annotated[str, AfterValidator(_quiet)]


class Person(Strict):
    """A post, not a private person: whoever holds it reads the mail. `ways` are tried in order; the first that takes a
    notice is enough.
    """

    zh: Name
    en: Name
    email: Annotated[str, AfterValidator(_address)]
    ways: Some[Way] = ("mail",)
    quiet: Quiet | None = None  # None is as everybody's


class DepartmentEntry(Strict):
    zh: Name
    en: Name
    responders: Some[Person]
    manager: Person
    director: Person
    vp: Person
    calendar: Id | None = None  # one that calendar.toml names; None is the company's


class DeskEntry(Strict):
    zh: Name
    en: Name
    people: Some[Person]


class Desks(Strict):
    management_office: DeskEntry
    leadership: DeskEntry
    regional_manager: DeskEntry


class DepartmentsTable(Strict):
    """departments.toml"""

    department: dict[Id, DepartmentEntry]
    desk: Desks
    customer_phone: Annotated[str, AfterValidator(_phone)] = ""
    customer_ways: tuple[Literal["mail", "sms"], ...] = ("mail", "sms")
    quiet: Quiet = ""


class TagRow(Strict):
    """Who owns a fault tag in a period of days, [from, until). A tag that moved has one row for each owner."""

    code: str = Field(pattern=TAG)
    zh: Name
    en: Name
    owner: str
    from_: date = Field(alias="from")
    until: date | None = None
    grey: bool = False
    supporters: tuple[str, ...] = ()
    complex: bool = False
    red_line: bool = False

    def covers(self, day: date) -> bool:
        return self.from_ <= day and (self.until is None or day < self.until)


class SystemEntry(Strict):
    id: Id
    zh: Name
    en: Name
    tags: Some[TagRow]


class MatrixTable(Strict):
    """matrix.toml"""

    system: Some[SystemEntry]


class ClocksEntry(Clocks):
    model_config = _STRICT


class VerificationEntry(Verification):
    model_config = _STRICT


class EscalationEntry(EscalationRung):
    model_config = _STRICT


class RulesVersion(Strict):
    """One version of the rules, in force from the first moment of its day until the next one's."""

    id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")
    from_: date = Field(alias="from")
    triage_desk: str
    arbiter: str
    arbiter_when_party: str
    yellow_share: str
    hop_limit: int = Field(gt=0)
    lead_share: int = Field(gt=0, le=10_000)
    vp_copied_on: tuple[ClockKind, ...]
    warned_on: tuple[ClockKind, ...]
    notice_life: Duration = NOTICE_LIFE
    clocks: ClocksEntry
    verification: VerificationEntry
    escalation: tuple[EscalationEntry, ...]

    @field_validator("yellow_share")
    @classmethod
    def _is_a_share(cls, value: str) -> str:
        try:
            share = Fraction(value)
        except (ValueError, ZeroDivisionError):
            share = Fraction(0)
        if not 0 < share < 1:
            raise ValueError(f'{value!r} is no share between 0 and 1; write one like "1/3"')
        return value

    @property
    def counts_working_time(self) -> bool:
        lengths = [
            *(length for _, length in self.clocks),
            *self.verification.lengths(),
            self.notice_life,
            *(rung.after for rung in self.escalation if rung.after),
        ]
        return any(length.unit.is_working for length in lengths)


class RulesTable(Strict):
    """rules.toml"""

    version: Some[RulesVersion]
