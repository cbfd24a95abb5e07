"""Personal data as the API shows it before there is a sign-in: enough to tell cases apart, not to reach anybody."""

import re

from domain.ticket import Ticket

_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1\d{2}[- ]?\d{4}[- ]?\d{4}(?!\d)")
_VIN = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-HJ-NPR-Za-hj-npr-z0-9]{17}(?![A-Za-z0-9])")
_CUSTOMER_LINK = re.compile(r"(?<=/c/)[A-Za-z0-9_-]{22}")  # whoever holds it speaks for the customer
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


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
    """Free text without the phones, VINs, addresses and links somebody wrote into it."""
    without_link = _CUSTOMER_LINK.sub("***", value)
    without_mail = _EMAIL.sub(lambda found: email(found[0]), without_link)
    without_vin = _VIN.sub(lambda found: vin(found[0]), without_mail)
    return _PHONE.sub(lambda found: phone(found[0]), without_vin)


def told(value: str, ticket: Ticket | None) -> str:
    """Free text about a ticket, without that customer's own name either."""
    return of_customer(value, ticket.customer.name if ticket else "")


def of_customer(value: str, customer: str) -> str:
    """As `told`, of a customer with this name."""
    masked = text(value)
    return masked.replace(customer, name(customer)) if len(customer) > 1 else masked
