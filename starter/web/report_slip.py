"""The slip a form of ours carries: a ticket number that we made, when, and a proof of both."""

import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from starter.campaigns import key_of

SOONEST = timedelta(seconds=3)  # nobody tells what happened in less
LONGEST = timedelta(days=1)
_SLIP = re.compile(r"([0-9a-f]{16})-(\d{1,11})-([0-9a-f]{32})")


class Slip(NamedTuple):
    """`number` is the ticket's, without its channel. `text` is what the form carries."""

    number: str
    made_at: datetime
    text: str

    def is_hasty(self, at: datetime) -> bool:
        return at - self.made_at < SOONEST

    def is_stale(self, at: datetime) -> bool:
        return at - self.made_at > LONGEST


def new(secret: str, *, at: datetime) -> Slip:
    number, made = secrets.token_hex(8), int(at.timestamp())
    return _slip(number, made, f"{number}-{made}-{_proof(secret, number, made)}")


def read(text: str, secret: str) -> Slip | None:
    """None for what we did not make: nobody chooses a ticket's number."""
    found = _SLIP.fullmatch(text)
    if found is None or not hmac.compare_digest(found[3], _proof(secret, found[1], int(found[2]))):
        return None
    return _slip(found[1], int(found[2]), text)


def _slip(number: str, made: int, text: str) -> Slip:
    return Slip(number, datetime.fromtimestamp(made, UTC), text)


def _proof(secret: str, number: str, made: int) -> str:
    return hmac.digest(key_of(secret, "report"), f"{number}-{made}".encode(), "sha256").hex()[:32]
