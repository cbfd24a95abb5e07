"""The hash chain: each event's row carries a hash over its own content and the row before it, per complaint.

Whoever changes, removes or reorders a row breaks the chain from there on. The chain is made where the row is written.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from domain.events import Event

GENESIS = hashlib.sha256(b"vocloop ledger, before the first event").hexdigest()

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
_HASHED = ("ticket_no", "seq", "kind", "at", "noticed_at", "recorded_at", "body")


def linked(events: Iterable[Event], *, ticket_no: str, after: str, recorded_at: datetime) -> Iterator[dict[str, Any]]:
    """The rows of `events`, chained to the row whose hash is `after`."""
    for event in events:
        row = {
            "ticket_no": ticket_no,
            "seq": event.seq,
            "kind": event.kind,
            "at": event.at,
            "noticed_at": event.noticed_at,
            "recorded_at": recorded_at,
            "body": event.model_dump_json(),
            "prev_hash": after,
        }
        after = row["hash"] = digest(row)
        yield row


def digest(row: Mapping[str, Any]) -> str:
    """The hash that `row` must carry, over its `prev_hash` and its content."""
    content = {name: _plain(row[name]) for name in _HASHED}
    return hashlib.sha256(f"{row['prev_hash']}{_encode(content)}".encode()).hexdigest()


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value
