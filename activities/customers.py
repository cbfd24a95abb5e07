"""How customers are reached: by mail and by text message, in the policy's order, and what a text message tells them."""

import re
import unicodedata
from typing import NamedTuple

from activities.channels.page import CUSTOMER_SMS, Said
from activities.delivery import IN_APP, Delivery, is_address
from domain.outlets import Notice
from domain.ticket import Ticket
from domain.wording import Language

_BETWEEN = re.compile(r"[\s()./\-]")
_CHINESE_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_ABROAD = re.compile(r"\+(?!86)[1-9][0-9]{7,14}")  # nobody can tell there what is a mobile


class Reached(NamedTuple):
    """Under which address a customer's notice stands, and the ways to try; none leaves it to the notice centre."""

    address: str
    ways: tuple[str, ...]


def reached(ticket: Ticket | None, *, order: tuple[str, ...], delivery: Delivery) -> Reached:
    """`order` is of "mail" and "sms", the preferred one first."""
    email, phone = (ticket.customer.email, mobile(ticket.customer.phone)) if ticket else ("", "")
    found = {
        "mail": "mail" if is_address(email) else "",
        "sms": f"{CUSTOMER_SMS}:{phone}" if phone and delivery.takes(CUSTOMER_SMS) else "",
    }
    ways = tuple(found[way] for way in order if found[way])
    if found["mail"] and (delivery.takes("mail") or not found["sms"] or "sms" not in order):
        return Reached(email, ways)
    return Reached(phone if ways else IN_APP, ways)


def mobile(phone: str) -> str:
    """The number in E.164, +8613800000000; "" for what is no mobile, as far as that can be told."""
    signs = _BETWEEN.sub("", unicodedata.normalize("NFKC", phone))
    signs = f"+{signs[2:]}" if signs.startswith("00") else signs
    if chinese := _CHINESE_MOBILE.fullmatch(signs):
        return f"+86{chinese[1]}"
    return signs if _ABROAD.fullmatch(signs) else ""


def language_of(ticket: Ticket | None) -> Language:
    return "en" if ticket and ticket.customer.language == "en" else "zh"


def text_message(notice: Notice, ticket_no: str, *, subject: str, link: str, language: Language) -> Said:
    """What fills the vendor's template: the subject, and the link's last part, for the template holds its beginning.

    The link is the customer's own, so nothing else of theirs has to stand in it.
    """
    facts = {"ticket_no": ticket_no, "kind": notice.kind.value, "link_code": link.rpartition("/")[2]}
    return Said(key=notice.key, subject=subject, text="", facts=facts, language=language)
