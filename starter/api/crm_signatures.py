"""Who may send signed events: connections and their secrets, and whether a message is one of theirs. Standard Webhooks.

A connection has as many secrets as it is given, so that one can follow another without a message being refused.
"""

import binascii
import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.webhooks import signature
from starter.stopping import CannotGoOn

WINDOW = timedelta(minutes=5)  # how far the sender's clock may be from ours, and how long a message may be sent again
_MIN_BYTES = 24  # as the standard has it
_MAX_SIGNATURES = 10  # a header of thousands would have us compute for long


def secrets_in(setting: str) -> dict[str, tuple[str, ...]]:
    """VOCLOOP_CRM_SIGNING, as "hotline=whsec_new,hotline=whsec_old": each connection's secrets. Raises CannotGoOn."""
    found: dict[str, tuple[str, ...]] = {}
    for number, part in enumerate(filter(None, map(str.strip, setting.split(","))), start=1):
        name, _, secret = part.partition("=")
        if not (name and _is_secret(secret)):
            how = "write connection=whsec_ and at least 24 bytes in base64"
            raise CannotGoOn(f"Part {number} of VOCLOOP_CRM_SIGNING is no connection with its secret: {how}.")
        found[name] = (*found.get(name, ()), secret)
    return found


def channels_in(setting: str) -> dict[str, frozenset[str]]:
    """VOCLOOP_CRM_CHANNELS, as "app=app+qr,cars=telematics+nev": what each connection may speak for; one that is not
    named may speak for all. Raises CannotGoOn.
    """
    found: dict[str, frozenset[str]] = {}
    for number, part in enumerate(filter(None, map(str.strip, setting.split(","))), start=1):
        name, _, channels = part.partition("=")
        if not (name and channels):
            raise CannotGoOn(
                f"Part {number} of VOCLOOP_CRM_CHANNELS is no connection with its channels: write app=app+qr."
            )
        found[name] = frozenset(channels.split("+"))
    return found


def is_signed(headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], at: datetime) -> bool:
    """Whether one of the secrets signed these very bytes within the window around `at`.

    Every signature is compared with every secret's, each in constant time, so that nothing is learnt from how long it
    takes.
    """
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (message_id and stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
        return False
    sent_at = datetime.fromtimestamp(int(stamp), tz=at.tzinfo)
    given = headers.get("webhook-signature", "").split(" ")[:_MAX_SIGNATURES]
    right = [signature(secret, message_id=message_id, at=sent_at, body=body) for secret in secrets]
    matches = [hmac.compare_digest(mine.encode(), theirs.encode()) for mine in right for theirs in given]
    return any(matches) and abs(at - sent_at) <= WINDOW


def _is_secret(text: str) -> bool:
    try:
        return text.startswith("whsec_") and len(b64decode(text[6:], validate=True)) >= _MIN_BYTES
    except (binascii.Error, ValueError):
        return False
