"""A letter as it came, read: the customer's own words, who they are, what they attached; or why it is no complaint."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from typing import NamedTuple

from domain import vin
from domain.ticket import Customer, Ticket, Vehicle

MAX_WORDS = 19_000
_OLDEST = timedelta(days=7)  # what a letter says of its date is the sender's to say: no older than this is believed
_HAN = re.compile(r"[\u4e00-\u9fff]")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")
# What mail programs write above the letter that is answered: it is left out where somebody wrote above it.
_QUOTED = re.compile(
    r"^(-{2,}\s*(original message|原始邮件)\s*-{2,}.*|on\b.{5,200}\bwrote:|.{0,200}写道[：:])$", re.IGNORECASE
)


class Attachment(NamedTuple):
    """`media` is what it says it is, "image" or the like; what it is the store sees."""

    name: str
    media: str
    data: bytes


class Letter(NamedTuple):
    """`aside` says why it is no complaint: "automatic", "bounce", "list" or "ours"; "" where it may be one.

    `named` are the words of its subject that may be ticket numbers; `whole` is all that it says where that was cut.
    """

    ticket: Ticket
    sender: str
    aside: str
    named: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    whole: str = ""


def read(raw: bytes, *, received_at: datetime, ours: str) -> Letter:
    """`ours` is the address that our own letters come from. Whatever the bytes are, a letter comes of it."""
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    name, sender = parseaddr(_header(message, "From"))
    subject = _header(message, "Subject").strip()
    said = _own_words(_body(message))
    words = "\n\n".join(each for each in (subject, said) if each)
    is_cut = len(words) > MAX_WORDS
    ticket = Ticket(
        ticket_no=f"MAIL-{_digest(message, raw)}",
        created_at=_sent_at(message, received_at),
        channel="email",
        words=f"{words[:MAX_WORDS]}\n…" if is_cut else words,
        customer=_customer(name, sender, words),
        vehicle=Vehicle(vin=vin.only_one_in(words)),
    )
    named = tuple(dict.fromkeys(_TICKET.findall(subject)))[:20]
    return Letter(
        ticket, sender.lower(), _aside(message, sender, ours), named, tuple(_attached(message)), words if is_cut else ""
    )


def _digest(message: EmailMessage, raw: bytes) -> str:
    """The same for the same letter, however often it is read."""
    told = _header(message, "Message-ID").strip().encode() or raw
    return hashlib.sha256(told).hexdigest()[:20]


def _customer(name: str, sender: str, words: str) -> Customer:
    phones = set(_PHONE.findall(words))
    return Customer(
        name=_plain(name)[:200],
        email=sender[:254] if _ADDRESS.fullmatch(sender) else "",
        phone=phones.pop() if len(phones) == 1 else "",
        language="zh" if _HAN.search(words) else "en",
    )


def _aside(message: EmailMessage, sender: str, ours: str) -> str:
    if ours and sender.lower() == parseaddr(ours)[1].lower():
        return "ours"
    if message.get_content_type() == "multipart/report" or _header(message, "Return-Path").strip() == "<>":
        return "bounce"
    if _header(message, "Auto-Submitted").strip().lower() not in ("", "no") or "X-Autoreply" in message:
        return "automatic"
    is_list = "List-Id" in message or _header(message, "Precedence").strip().lower() in ("bulk", "junk", "list")
    return "list" if is_list else ""


def _sent_at(message: EmailMessage, received_at: datetime) -> datetime:
    try:
        said = parsedate_to_datetime(_header(message, "Date"))
        said = said.replace(tzinfo=said.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return received_at
    return said if received_at - _OLDEST <= said <= received_at else received_at


def _header(message: EmailMessage, name: str) -> str:
    """ "" where there is none, or it cannot be read."""
    try:
        return _plain(str(message.get(name, "")))
    except Exception:  # noqa: BLE001 - the parser fails in many ways on what is no header at all
        return ""


def _body(message: EmailMessage) -> str:
    """The plain text; of a letter that has none, its HTML without the marks."""
    try:
        part = message.get_body(("plain", "html"))
    except Exception:  # noqa: BLE001 - as in `_header`
        part = None
    if part is None:
        return ""
    text = _decoded(part)
    return _without_marks(text) if part.get_content_type() == "text/html" else text


def _decoded(part: MIMEPart) -> str:
    """By the charset it names, else by those that Chinese letters have; what cannot be read stands as a mark."""
    try:
        data = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - as in `_header`
        return ""
    if not isinstance(data, bytes):
        return ""
    named = (part.get_content_charset() or "").lower()
    # What says GB 2312 or GBK has signs of GB 18030 as often as not.
    for charset in ("gb18030" if named.startswith("gb") else named or "utf-8", "utf-8", "gb18030"):
        try:
            return _plain(data.decode(charset))
        except (ValueError, LookupError):  # a charset may be named anything
            continue
    return _plain(data.decode("utf-8", "replace"))


def _own_words(text: str) -> str:
    """Without the letter that is answered, where somebody wrote above it."""
    own: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if _QUOTED.match(line.strip()) and any(each.strip() for each in own):
            break
        if not line.startswith(">"):
            own.append(line.rstrip())
    said = re.sub(r"\n{3,}", "\n\n", "\n".join(own)).strip()
    return said or text.strip()


def _attached(message: EmailMessage) -> Iterator[Attachment]:
    try:
        parts = list(message.iter_attachments())
    except Exception:  # noqa: BLE001 - as in `_header`
        return
    for part in parts:
        data = part.get_payload(decode=True) if not part.is_multipart() else None
        if isinstance(data, bytes) and data:
            yield Attachment(_plain(part.get_filename() or "")[:200], part.get_content_maintype(), data)


def _plain(text: str) -> str:
    """Without what no ledger keeps: NULs and halves of signs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _without_marks(text: str) -> str:
    reader = _Words()
    reader.feed(text)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.said).split("\n"))
    return "\n".join(lines).strip()


class _Words(HTMLParser):
    """What a reader of the page would read."""

    _BLOCKS = frozenset(("p", "div", "br", "li", "tr", "h1", "h2", "h3", "blockquote", "table"))
    _UNSEEN = frozenset(("script", "style", "head", "title"))

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        self._unseen += tag in self._UNSEEN
        if tag in self._BLOCKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in self._UNSEEN))
        if tag in self._BLOCKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.said.append(data)
