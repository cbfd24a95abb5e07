"""Events for other systems: what they say, who wants them, where they may go, how they are signed and how often tried.

The envelope is CloudEvents 1.0 in structured JSON, the signature Standard Webhooks. Nothing personal leaves this way:
an event's fields hold codes, ids and instants, and of who acted only the role and the department.
"""

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlsplit

from domain.clocks import governing, light
from domain.complaint import Complaint
from domain.events import Event, PolicyAdopted
from domain.policy import Value
from domain.wording import Both

KINDS: tuple[str, ...] = tuple(
    event.model_fields["kind"].default for event in get_args(get_args(Event)[0]) if event.model_fields["kind"].default
)
PING = "ping"  # sent when an operator asks for it; belongs to no complaint
ROTATION = timedelta(hours=24)  # how long the secret before the last one still signs
MAX_URL = 2000


class Patience(Value):
    """How long a subscriber is waited for. A delivery is given up `give_up_after` it was queued.

    A subscriber that answers nothing well is asked less and less often, `probe_every` at the longest, so that another
    ticket's event soon finds it well again; after `disable_after` without one success it is disabled.
    """

    answer_within: timedelta = timedelta(seconds=10)
    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)
    longest_asked: timedelta = timedelta(hours=24)  # of a Retry-After
    give_up_after: timedelta = timedelta(days=3)
    probe_after: int = 3  # rounds in a row that all failed; then one delivery at a time
    probe_every: timedelta = timedelta(minutes=1)
    disable_after: timedelta = timedelta(days=3)


def delay(tries: int, *, patience: Patience, dice: float) -> timedelta:
    """How long to wait after `tries` failures: doubling to a cap, 20 % to either side by `dice` (0 to 1)."""
    doubled = patience.first * (1 << min(max(tries - 1, 0), 30))
    return min(doubled, patience.longest) * (0.8 + 0.4 * dice)


def pause(failures: int, *, patience: Patience) -> timedelta:
    """How long a subscriber is left alone after `failures` rounds in a row that all failed."""
    return min(patience.first * (1 << min(max(failures - 1, 0), 30)), patience.probe_every)


def type_of(kind: str) -> str:
    """The CloudEvents type, as `com.vocloop.complaint.dispatched.v1`."""
    return "com.vocloop.ping.v1" if kind == PING else f"com.vocloop.complaint.{kind}.v1"


def told(event: Event, after: Complaint) -> dict[str, Any]:
    """An event's `data`: its own fields, and how the complaint stands right after it."""
    said = event.model_dump(mode="json", exclude={"policy": True, "actor": {"id"}})
    if isinstance(event, PolicyAdopted):
        said["policy_version"] = event.policy.version  # the policy itself is a book, not a line
    clock = governing(after)
    return {
        "event": said,
        "after": {
            "stage": after.stage,
            "owner": after.owner,
            "light": light(after, at=event.at),
            "clock": clock.kind if clock else "",
            "due_at": clock.due_at.isoformat() if clock else None,
        },
    }


def departments_of(event: Event, before: Complaint | None, after: Complaint) -> frozenset[str]:
    """Whose business an event is: who owned the complaint before or after it, supports it, or is named by it."""
    named = {getattr(event, field, "") for field in ("department", "to", "holder", "arbiter", "proposed")}
    owners = {before.owner if before else "", after.owner}
    supporters = after.hop.supporters if after.hop else ()
    return frozenset((named | owners | {*supporters}) - {""})


def wants(*, kinds: Sequence[str], departments: Sequence[str], kind: str, concerned: Collection[str]) -> bool:
    """Whether a subscription of these filters gets the event. An empty filter lets everything through."""
    return (not kinds or kind in kinds) and (not departments or not set(departments).isdisjoint(concerned))


def envelope(
    *, source: str, event_id: str, kind: str, subject: str, at: datetime, data: Mapping[str, Any]
) -> dict[str, Any]:
    """A CloudEvent 1.0 as a mapping. `source` and `event_id` together name the event for ever."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": type_of(kind),
        **({"subject": subject} if subject else {}),
        "time": at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": dict(data),
    }


def secret_of(key: str, webhook_id: str, generation: int) -> str:
    """The subscription's secret as its receiver keeps it. It is made from our key and stands in no database."""
    derived = hmac.new(key.encode(), f"webhook:{webhook_id}:{generation}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(derived).decode()}"


def signature(secret: str, *, message_id: str, at: datetime, body: bytes) -> str:
    """One Standard Webhooks signature, `v1,…`."""
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def url_fault(url: str, *, allowed: Collection[str]) -> Both | None:
    """Why nothing may be sent there, as far as the text of the URL says; None when it may.

    `allowed` are hosts that may be inside and may speak plain HTTP. What a name resolves to is judged when sending.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return _NO_URL
    if not (url.isascii() and url.isprintable() and len(url) <= MAX_URL and host and port != 0) or " " in url:
        return _NO_URL
    if parts.username is not None or parts.fragment:
        return _TOO_MUCH
    if parts.scheme != "https" and not (parts.scheme == "http" and host in allowed):
        return _NOT_HTTPS
    return _INSIDE if host not in allowed and is_inside(host) else None


def is_inside(host: str) -> bool:
    """Whether it is an address literal, or a name, that never is a public host."""
    name = host.rstrip(".")
    try:
        return not is_public(name)
    except ValueError:
        is_number = bool(_NUMBER.fullmatch(name.rpartition(".")[2]))
        return is_number or name in ("", "localhost") or name.endswith((".localhost", ".local", ".internal"))


def is_public(address: str) -> bool:
    """Whether the IP address is of the public internet, looking through the ways to write IPv4 in IPv6.

    Raises ValueError when it is no address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.teredo or ip in _LOCAL_NAT64 or ip in _COMPATIBLE:
            return False
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


_NAT64, _LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48")
# A last label that makes the whole an IPv4 address, however it is written: 2130706433, 0x7f.1, 127.1.
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
_COMPATIBLE = ipaddress.IPv6Network("::/96")

_NO_URL: Both = ("这不是完整的网址", "It is no whole URL in ASCII")
_TOO_MUCH: Both = ("网址中不能带用户名、密码或 # 片段", "Leave out user name, password and #fragment")
_NOT_HTTPS: Both = (
    "只能用 https；内部主机请先列入 VOCLOOP_WEBHOOK_ALLOW",
    "Use https; list an inside host in VOCLOOP_WEBHOOK_ALLOW first",
)
_INSIDE: Both = (
    "这是内部地址；请先把主机列入 VOCLOOP_WEBHOOK_ALLOW",
    "This address is inside; list its host in VOCLOOP_WEBHOOK_ALLOW first",
)
