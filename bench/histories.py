"""What one workflow's history says about its cost: its events, its bytes, what Temporal Cloud would bill, and the
script of a bare workflow that asks the server for the same things.

Billing follows Temporal Cloud's published list (https://docs.temporal.io/cloud/actions, read 2026-11-23): starting a
workflow, each attempt of an activity, a timer, a signal, an update and an upsert of search attributes are one action
each, workflow options that are updated as well; an upsert of TemporalChangeVersion is none. Queries are billed too but
leave no event, so they are not in this figure.
"""

from collections import Counter
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

_BILLED = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    }
)
_VERSIONS = "TemporalChangeVersion"


@dataclass(frozen=True)
class Script:
    """What a workflow asked of the server, by beat: beat 0 is its start, and each update that is let in begins one."""

    outlets: dict[str, list[int]]  # the beats of each activity's calls, in order; one at a time for each name
    upserts: list[int]
    timers: list[int]
    patches: list[int]

    @property
    def beats(self) -> int:
        return len(self.upserts)


def script_of(history: WorkflowHistory) -> Script:
    found = Script(outlets={}, upserts=[0], timers=[0], patches=[0])
    for event in history.events:
        if event.HasField("workflow_execution_update_accepted_event_attributes"):
            for counts in (found.upserts, found.timers, found.patches):
                counts.append(0)
        elif event.HasField("activity_task_scheduled_event_attributes"):
            name = event.activity_task_scheduled_event_attributes.activity_type.name
            found.outlets.setdefault(name, []).append(found.beats - 1)
        found.upserts[-1] += _is_upsert(event)
        found.timers[-1] += event.HasField("timer_started_event_attributes")
        found.patches[-1] += event.HasField("marker_recorded_event_attributes")
    return found


def billable_actions(history: WorkflowHistory) -> int:
    return sum(_actions(event) for event in history.events)


def size(history: WorkflowHistory) -> int:
    """Bytes, each event as the server stores it: protobuf, before compression."""
    return sum(event.ByteSize() for event in history.events)


def kinds(history: WorkflowHistory) -> dict[str, int]:
    """How many events of each type, the most frequent first."""
    names = (EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)
    return dict(Counter(names).most_common())


def sizes(history: WorkflowHistory) -> dict[str, int]:
    """Bytes by type of event, the largest first."""
    found: Counter[str] = Counter()
    for event in history.events:
        found[EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")] += event.ByteSize()
    return dict(found.most_common())


def _actions(event: HistoryEvent) -> int:
    if event.HasField("activity_task_started_event_attributes"):
        return event.activity_task_started_event_attributes.attempt
    return int(event.event_type in _BILLED or _is_upsert(event))


def _is_upsert(event: HistoryEvent) -> bool:
    if not event.HasField("upsert_workflow_search_attributes_event_attributes"):
        return False
    fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    return set(fields) != {_VERSIONS}
