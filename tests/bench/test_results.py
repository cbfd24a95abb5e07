"""What the bench reads off a history is what the history says, and its table leaves no target out."""

from pathlib import Path

from temporalio.client import WorkflowHistory

from bench import histories
from bench.results import TARGETS, table

HAPPY = Path(__file__).parents[1] / "histories" / "happy.2.json"


def happy() -> WorkflowHistory:
    return WorkflowHistory.from_json("complaint-happy", HAPPY.read_text(encoding="utf-8"))


def test_the_skeleton_asks_for_what_the_complaint_asked_for() -> None:
    history = happy()
    script, kinds = histories.script_of(history), histories.kinds(history)
    assert sum(map(len, script.outlets.values())) == kinds["ACTIVITY_TASK_SCHEDULED"]
    assert sum(script.timers) == kinds["TIMER_STARTED"]
    assert script.beats == 1 + kinds["WORKFLOW_EXECUTION_UPDATE_ACCEPTED"]


def test_what_the_cloud_would_bill_is_counted_by_its_list() -> None:
    kinds = histories.kinds(happy())
    updated = ("WORKFLOW_EXECUTION_UPDATE_ACCEPTED", "WORKFLOW_EXECUTION_OPTIONS_UPDATED")
    billed = ("ACTIVITY_TASK_SCHEDULED", "TIMER_STARTED", *updated)
    versions = kinds.get("MARKER_RECORDED", 0)  # each has an upsert of its own, which is free
    upserts = kinds["UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"] - versions
    assert histories.billable_actions(happy()) == 1 + upserts + sum(kinds[kind] for kind in billed)


def test_a_target_that_is_missed_or_was_not_measured_says_so() -> None:
    shown = table({"history_events": 95, "billable_actions": 24, "history_bytes": None, "storm_to_noop_rate": 0.5})
    lines = dict(zip([target.key for target in TARGETS], shown.splitlines()[2:], strict=True))
    assert lines["history_events"].endswith("| 95 | **not met** |")
    assert lines["billable_actions"].endswith("| 24 | met |")
    assert lines["history_bytes"].endswith("| not measured |  |")
    assert lines["storm_to_noop_rate"].endswith("| ≥ 0.40 | 0.50 | met |")
