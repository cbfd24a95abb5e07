"""What of personal data is shown to whoever may not see it whole: enough to tell cases apart, not to reach anybody."""

import re

from domain.ticket import Ticket

# However people group its digits, also those of a Chinese keyboard; and one with an area code.
_PHONE = re.compile(r"(?<!\d)(?:\+?86[-. ]?)?[1１][3-9３-９](?:[-. ·—－]?\d){9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)[0０]\d{2,3}[)）]?[-. —－]?\d{3,4}[-. —－]?\d{4}(?!\d)")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]"
    r"[A-Za-z][·•. -]?[A-Za-z0-9]{4,5}[A-Za-z0-9挂学警港澳](?![A-Za-z0-9])"
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
    without_link = _CUSTOMER_LINK.sub("***", value)
    without_mail = _EMAIL.sub(lambda found: email(found[0]), without_link)
    without_vin = _VIN.sub(lambda found: vin(found[0]), without_mail)
    without_plate = _PLATE.sub(lambda found: plate(found[0]), without_vin)
    without_landline = _LANDLINE.sub(lambda found: phone(found[0]), without_plate)
    return _PHONE.sub(lambda found: phone(found[0]), without_landline)


def told(value: str, ticket: Ticket | None) -> str:
    """Free text about a ticket, without that customer's own name either."""
    return of_customer(value, ticket.customer.name if ticket else "")


def of_customer(value: str, customer: str) -> str:
    """As `told`, of a customer with this name."""
    masked = text(value)
    return masked.replace(customer, name(customer)) if len(customer) > 1 else masked
