"""What a workflow asked of Temporal, command by command, with all that it said: timers' lengths, activities' inputs and
options, attributes, answers. Replay compares none of that.

Asked in the real run: read from its history. Asked by today's code: heard while it replays that history.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from temporalio.client import WorkflowHistory

from domain.packing import unpacked

Said = Mapping[str, Any]


class Command(NamedTuple):
    """`does` is what replay compares, `says` what it does not, decoded. `task` is the history's length by then."""

    task: int
    does: str
    says: Said

    def __str__(self) -> str:
        """A line: what it does, and a digest of what it says."""
        said = json.dumps(self.says, sort_keys=True, ensure_ascii=False).encode()
        return f"{self.does:<44} {hashlib.sha256(said).hexdigest()[:16]}"


def fingerprint(commands: Sequence[Command]) -> str:
    return "".join(f"{command}\n" for command in commands)


def difference(was: Sequence[Command], now: Sequence[Command]) -> str:
    """The first command that is not the same, and in what, in words; nothing where they are the same."""
    for number, (before, today) in enumerate(zip_longest(was, now), start=1):
        if before is None:
            return f"command {number}: today's code asks for {today.does} besides"
        if today is None:
            return f"command {number}: today's code no longer asks for {before.does}"
        if before.does != today.does:
            return f"command {number}: it asked for {before.does}, today's code for {today.does}"
        if before.says != today.says:
            return f"command {number}, {before.does}: {'; '.join(_changed(before.says, today.says))}"
    return ""


def _changed(was: Any, now: Any, at: str = "") -> Iterator[str]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted(was.keys() | now.keys()):
            yield from _changed(was.get(key), now.get(key), f"{at}.{key}" if at else key)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for number, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _changed(one, other, f"{at}[{number}]")
    elif was != now:
        yield f"{at} was {_short(was)}, is {_short(now)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"


# The server's own, though they stand behind a workflow task.
_NO_COMMAND = {"WORKFLOW_EXECUTION_UPDATE_ACCEPTED"}


def of_run(history: WorkflowHistory) -> list[Command]:
    """What the run asked for, as the server wrote it down. Raises KeyError for a kind of command that is not known."""
    asked: list[Command] = []
    task = 0
    for event in history.to_json_dict().get("events", []):
        kind = event["eventType"].removeprefix("EVENT_TYPE_")
        if kind == "WORKFLOW_TASK_STARTED":
            task = int(event["eventId"])
        said: Said = next((event[name] for name in event if name.endswith("EventAttributes")), {})
        if "workflowTaskCompletedEventId" in said and kind not in _NO_COMMAND:
            asked.append(command(task, *_EVENTS[kind](said), summary=_summary(event)))
        elif kind == "WORKFLOW_EXECUTION_UPDATE_COMPLETED":
            asked.append(command(task, "answer_update", {"answer": said["outcome"]["success"]["payloads"]}))
    return asked


def _activity(said: Said) -> tuple[str, Said]:
    what = f"schedule_activity {said['activityId']} {said['activityType']['name']}"
    return what, {**options(said), "arguments": said["input"]["payloads"]}


def options(said: Said) -> Said:
    """Of an activity: how long it may take, and how it is tried again."""
    again = said.get("retryPolicy", {})
    return {
        **{name: said.get(name) for name in ("scheduleToCloseTimeout", "startToCloseTimeout", "heartbeatTimeout")},
        "retryPolicy": {name: again.get(name) for name in ("initialInterval", "maximumInterval", "maximumAttempts")},
    }


_EVENTS: Mapping[str, Callable[[Said], tuple[str, Said]]] = {
    "TIMER_STARTED": lambda said: (f"start_timer {said['timerId']}", {"after": said["startToFireTimeout"]}),
    "TIMER_CANCELED": lambda said: (f"cancel_timer {said['timerId']}", {}),
    "ACTIVITY_TASK_SCHEDULED": _activity,
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": lambda said: ("show", dict(said["searchAttributes"]["indexedFields"])),
    "WORKFLOW_EXECUTION_COMPLETED": lambda said: ("complete", {"result": said["result"]["payloads"]}),
    "WORKFLOW_EXECUTION_CONTINUED_AS_NEW": lambda said: ("continue_as_new", {"with": said["input"]["payloads"]}),
    "MARKER_RECORDED": lambda said: ("mark_patch", {"patch": said["details"]["patch-data"]["payloads"][0]}),
}


def decided(history: WorkflowHistory) -> int:
    """The history's length at its last workflow task that was completed: what was asked later does not stand in it."""
    done = [event.workflow_task_completed_event_attributes.started_event_id for event in history.events]
    return max(done, default=0)


def command(task: int, does: str, says: Said, *, summary: object = None) -> Command:
    """`summary` is what the Temporal UI shows of it; the server gives that of a timer to its end as well."""
    return Command(task, does, _plain({**says, "summary": None if does.startswith("cancel_timer") else summary}))


def _summary(event: Said) -> object:
    return event.get("userMetadata", {}).get("summary")


def _plain(value: Any) -> Any:
    """Payloads read, what was packed unpacked, and what says nothing left out."""
    if isinstance(value, dict) and "encoding" in value.get("metadata", {}):
        return _read(value) if "data" in value else "(unset)"
    if isinstance(value, dict):
        read = {key: _plain(each) for key, each in value.items()}
        return {key: each for key, each in read.items() if each not in (None, "", "0s", {}, [])}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _read(payload: Said) -> Any:
    said = json.loads(base64.b64decode(payload["data"]))
    try:
        return unpacked(said)
    except ValueError:
        return said
