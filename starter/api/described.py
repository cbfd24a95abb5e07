"""What our OpenAPI description says beyond what the routes declare: examples, tags, and when to ask again.

The examples are answers of a running API (examples.json); a test holds each to its schema.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_TAGS = {
    "tickets": "The CRM's door: a ticket is taken for good, also while Temporal is away.",
    "commands": "What somebody does about a complaint. Each is decided by rule, once for each `Idempotency-Key`.",
    "complaints": "What the ledger tells. Answers carry an `ETag`; ask again with `If-None-Match`.",
    "notices": "What was told to whom.",
    "exports": "The lists as CSV and Excel.",
    "evidence": "Files as proof and free text, which commands name and never carry.",
    "personal data": "A complaint's personal data, and the record of who was shown any.",
    "customer's page": "The customer's link, in CX's hands.",
    "vehicles": "A vehicle's facts and repairs, and how it stands towards the three guarantees.",
    "goodwill": "What a region gives beyond what is owed, and the special-claims desk.",
    "red lines": "Matters of safety: who was called, what was decided, and drills.",
    "seats": "The seats of CX: who looks after what, and how much each has in hand.",
    "webhooks": "Events sent to other systems: subscriptions, the log, sending again.",
    "health": "For supervisors and load balancers, who need no key, and for Prometheus, which does.",
}
_RETRY_AFTER = {"Retry-After": {"description": "In seconds.", "schema": {"type": "integer", "minimum": 0}}}
_JSON, _FORM, _CSV = "application/json", "multipart/form-data", "text/csv; charset=utf-8"
_PLAIN = "text/plain"


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """The document, completed."""
    schema["tags"] = [{"name": name, "description": about} for name, about in _TAGS.items()]
    for said in _operations(schema):
        _show_request(said)
        for status, answer in said["responses"].items():
            _show_answer(said, status, answer)
            if status in ("429", "503"):
                answer.setdefault("headers", {}).update(_RETRY_AFTER)
    return schema


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in schema["paths"].values():
        yield from methods.values()


def _show_request(said: dict[str, Any]) -> None:
    example = _examples()["requests"].get(said["operationId"])
    for kind, content in said.get("requestBody", {}).get("content", {}).items():
        if example and kind in (_JSON, _FORM):
            content["example"] = example


def _show_answer(said: dict[str, Any], status: str, answer: dict[str, Any]) -> None:
    called = "command" if "commands" in said["tags"] else said["operationId"]
    example = _examples()["answers"].get(called, {}).get(status)
    for kind, content in answer.get("content", {}).items():
        if example is not None and kind in (_JSON, _CSV, _PLAIN):
            content["example"] = example


@cache
def _examples() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((Path(__file__).parent / "examples.json").read_text(encoding="utf-8"))
    return read
