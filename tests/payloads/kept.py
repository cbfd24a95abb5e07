"""What was kept of earlier releases: files of our own, and all that travelled in the recorded histories."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from domain.packing import unpacked
from tests.payloads.kinds import KEPT, KINDS, STARTS, Call, calls
from tests.workflows.recording import HISTORIES


class Payload(NamedTuple):
    """`said` is what was written then, as JSON has it; `kind` is the type that reads it today."""

    where: str
    kind: Any
    said: Any

    def read(self) -> Any:
        """Raises ValidationError for what today's code does not understand."""
        return TypeAdapter(self.kind).validate_json(json.dumps(self.said))

    def again(self) -> Any:
        """As today's code would write it."""
        return TypeAdapter(self.kind).dump_python(self.read(), mode="json")


def of_files(folder: Path = KEPT) -> Iterator[Payload]:
    for path in sorted(folder.glob("*/*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield Payload(f"{path.relative_to(folder)}:{number}", KINDS[path.stem], json.loads(line))


def of_histories() -> Iterator[Payload]:
    for path in sorted(HISTORIES.rglob("*.json")):
        yield from _of_history(path.stem, json.loads(path.read_text(encoding="utf-8"))["events"])


def _of_history(name: str, events: list[Mapping[str, Any]]) -> Iterator[Payload]:
    known, asked = calls(), dict[str, Call]()
    for event in events:
        said: Mapping[str, Any] = next((event[key] for key in event if key.endswith("EventAttributes")), {})
        where, kind = f"{name}, event {event['eventId']}", event["eventType"].removeprefix("EVENT_TYPE_")
        if kind in ("WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"):
            yield Payload(where, STARTS[said["workflowType"]["name"]], _first(said["input"]))
        elif kind == "ACTIVITY_TASK_SCHEDULED":
            asked[event["eventId"]] = known[said["activityType"]["name"]]
            yield Payload(where, asked[event["eventId"]].given, _first(said["input"]))
        elif kind == "ACTIVITY_TASK_COMPLETED":
            yield Payload(where, asked[said["scheduledEventId"]].answers, _first(said.get("result", {})))


def _first(payloads: Mapping[str, Any]) -> Any:
    (payload, *_) = payloads.get("payloads", [{}])
    return json.loads(base64.b64decode(payload["data"])) if "data" in payload else None


def lost(was: Any, now: Any, at: str = "") -> Iterator[str]:
    """What was said and is not any more, or is said otherwise. What is said besides is no loss."""
    was, now = _plain(was), _plain(now)
    if isinstance(was, dict) and isinstance(now, dict):
        for key, said in was.items():
            yield from lost(said, now.get(key), f"{at}.{key}" if at else key)
    elif isinstance(was, list) and isinstance(now, list) and len(was) <= len(now):
        for number, said in enumerate(was):
            yield from lost(said, now[number], f"{at}[{number}]")
    elif was != now:
        yield f"{at}: {was!r} became {now!r}"


def _plain(value: Any) -> Any:
    try:
        return unpacked(value)
    except ValueError:
        return value
