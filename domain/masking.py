"""What of personal data is shown to whoever may not see it whole: enough to tell cases apart, not to reach anybody."""

import re
import unicodedata
from collections.abc import Callable, Iterator

from domain.ticket import Ticket

# However people group its digits, also those of a Chinese keyboard; and one with an area code.
_PHONE = re.compile(r"(?<!\d)(?:\+?86[-. ]?)?[1１][3-9３-９](?:[-. ·—－_/()（）]{0,2}\d){9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)[0０]\d{2,3}[)）]?[-. —－]?\d{3,4}[-. —－]?\d{4}(?!\d)")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]"
    r"[·•. -]?[A-Za-z][·•. -]?[A-Za-z0-9]{4,5}[A-Za-z0-9挂学警港澳](?![A-Za-z0-9])"
)
_VIN = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-HJ-NPR-Za-hj-npr-z0-9]{17}(?![A-Za-z0-9])")
_CUSTOMER_LINK = re.compile(r"(?<=/c/)[A-Za-z0-9_-]{22}")  # whoever holds it speaks for the customer
# It begins where such signs do: else a long run of them would be read again from each of its signs.
_EMAIL = re.compile(r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def phone(value: str) -> str:
    """138****8000."""
    digits = re.sub(r"\D", "", value)
    return f"{digits[-11:-8]}****{digits[-4:]}" if len(digits) >= 11 else "*" * len(digits)


def vin(value: str) -> str:
    """The last six alone."""
    return f"***{value[-6:]}" if len(value) > 6 else "*" * len(value)


def name(value: str) -> str:
    """The first sign alone: 王**."""
    return value[:1] + "**" if value else ""


def plate(value: str) -> str:
    return f"{value[:2]}***{value[-2:]}" if len(value) > 4 else "*" * len(value)


def email(value: str) -> str:
    local, at, domain = value.partition("@")
    return f"{local[:1]}***{at}{domain}" if value else ""


def text(value: str) -> str:
    """Free text without the phones, VINs, plates, addresses and links somebody wrote into it."""
    return _masked(value, _OF_ANYBODY)


def told(value: str, ticket: Ticket | None) -> str:
    """Free text about a ticket, without that customer's own data either, however its signs are grouped."""
    return _masked(value, _hidden_in(value, ticket))


def of_customer(value: str, customer: str) -> str:
    """As `text`, and without the name of the customer."""
    return _masked(value, (*_OF_ANYBODY, *_own(value, customer, name, least=2)))


def parted(value: str, ticket: Ticket | None) -> tuple[str, tuple[str, ...]]:
    """The text with a gap where `told` would hide something, and what stands in the gaps."""
    hidden: list[str] = []

    def gap(found: re.Match[str]) -> str:
        hidden.append(found[0])
        return _GAP

    for pattern, _ in _hidden_in(value, ticket):
        value = pattern.sub(gap, value)
    return value, tuple(hidden)


def squeezed(value: str) -> str:
    """Its letters and digits alone, in lower case and one width: the same however they are grouped."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", value).casefold() if sign.isalnum())


_Rule = tuple[re.Pattern[str], Callable[[str], str]]

_GAP, _NOTHING = "\n", r"(?!)"
_OF_ANYBODY: tuple[_Rule, ...] = (
    (_CUSTOMER_LINK, lambda _: "***"),
    (_EMAIL, email),
    (_VIN, vin),
    (_PLATE, plate),
    (_LANDLINE, phone),
    (_PHONE, phone),
)
_BETWEEN, _WITHIN_A_NAME = r"[\W_]{0,3}", r"[ \u3000\t·•._-]{0,3}"


def _masked(value: str, rules: tuple[_Rule, ...]) -> str:
    for pattern, mask in rules:
        value = pattern.sub(lambda found, mask=mask: mask(found[0]), value)  # type: ignore[misc]
    return value


def _hidden_in(value: str, ticket: Ticket | None) -> tuple[_Rule, ...]:
    """In the order in which they are to be hidden: what a mask leaves is no sign of something else."""
    if ticket is None:
        return _OF_ANYBODY
    who, car = ticket.customer, ticket.vehicle
    facts = (
        *_own(value, car.vin, lambda found: vin(_joined(found)), least=8),
        *_own(value, car.plate, lambda found: plate(_joined(found)), least=5),
        *_own(value, re.sub(r"\D", "", who.phone)[-11:], phone, least=7),
    )
    return (*facts, *_OF_ANYBODY, *_own(value, who.name, name, least=2))


def _own(value: str, fact: str, mask: Callable[[str], str], *, least: int) -> Iterator[_Rule]:
    """How to find the fact in this text, if it stands there; one of fewer signs than `least` is too common."""
    signs = squeezed(fact)
    if len(signs) < least or signs not in squeezed(value):
        return
    between = _WITHIN_A_NAME if mask is name else _BETWEEN
    spelt = between.join(_in_any_width(sign) for sign in signs)
    # No part of a longer word or number; Chinese puts no space before and after either.
    yield re.compile(f"(?<!{_next_to(signs[0])}){spelt}(?!{_next_to(signs[-1])})", re.IGNORECASE), mask


def _in_any_width(sign: str) -> str:
    return f"[{sign}{chr(ord(sign) + 0xFEE0)}]" if sign.isascii() else re.escape(sign)


def _next_to(sign: str) -> str:
    if sign.isdecimal():
        return r"\d"
    return "[A-Za-z]" if sign.isascii() else _NOTHING


def _joined(value: str) -> str:
    return "".join(sign for sign in value if sign.isalnum())
