"""What today's code asks of Temporal while it replays a history, in the words of `fingerprints`."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.worker._workflow_instance import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

import worker
from settings import Settings
from tests.workflows.fingerprints import Command, Said, command, decided, options


@dataclass(frozen=True)
class Listening(SandboxedWorkflowRunner):
    """The sandbox, which writes down what the workflow in it asks for."""

    heard: list[Command] = field(default_factory=list)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = super().create_instance(det)
        activate = instance.activate

        def overheard(act: WorkflowActivation) -> WorkflowActivationCompletion:
            done = activate(act)
            self.heard.extend(_commands(act.history_length, done))
            return done

        instance.activate = overheard  # type: ignore[method-assign]
        return instance


def _commands(task: int, done: WorkflowActivationCompletion) -> Iterator[Command]:
    for each in done.successful.commands:
        kind = each.WhichOneof("variant") or ""
        said = MessageToDict(getattr(each, kind))
        if kind != "update_response":
            summary = MessageToDict(each.user_metadata).get("summary")
            yield command(task, *_READ[kind](said), summary=summary)
        elif "completed" in said:
            yield command(task, "answer_update", {"answer": [said["completed"]]})


def _activity(said: Said) -> tuple[str, Said]:
    what = f"schedule_activity {said['activityId']} {said['activityType']}"
    return what, {**options(said), "arguments": said["arguments"]}


_READ: Mapping[str, Callable[[Said], tuple[str, Said]]] = {
    "start_timer": lambda said: (f"start_timer {said['seq']}", {"after": said["startToFireTimeout"]}),
    "cancel_timer": lambda said: (f"cancel_timer {said['seq']}", {}),
    "schedule_activity": _activity,
    "upsert_workflow_search_attributes": lambda said: ("show", dict(said["searchAttributes"]["indexedFields"])),
    "complete_workflow_execution": lambda said: ("complete", {"result": [said["result"]]}),
    "continue_as_new_workflow_execution": lambda said: ("continue_as_new", {"with": said["arguments"]}),
    "set_patch_marker": lambda said: (
        "mark_patch",
        {"patch": {"id": said["patchId"], "deprecated": said.get("deprecated", False)}},
    ),
}


async def of_today(*histories: WorkflowHistory) -> list[list[Command]]:
    """For each, what today's code asks for while it is replayed. The outlets are never called."""
    found = []
    with tempfile.TemporaryDirectory() as home:
        async with worker.outlets(Settings(home=Path(home), secret_key="replay" * 8)) as outlets:
            for history in histories:
                listening = Listening()
                plugin = worker.complaint_plugin(outlets)
                replayer = Replayer(workflows=[], plugins=[plugin], workflow_runner=listening)
                await replayer.replay_workflow(history)
                found.append([each for each in listening.heard if each.task <= decided(history)])
    return found
