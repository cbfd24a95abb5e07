"""How the SDK runs our workflows: what they share with everything else, and in which order they hear what came."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from temporalio.plugin import SimplePlugin
from temporalio.worker import Worker, WorkflowRunner
from temporalio.worker._workflow_instance import _WorkflowLogicFlag
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import SandboxImportNotificationPolicy

# Imported once for all workflows: pure, or contracts. Only the workflow's own module is made anew for each.
PASSED_THROUGH = (
    "domain",
    "activities",
    "workflows.carrying",
    "workflows.departures",
    "workflows.intake",
    "workflows.names",
    "workflows.outbox",
    "workflows.reading",
    "workflows.sending",
)


def sandboxed(given: WorkflowRunner | None, *, is_strict: bool) -> WorkflowRunner:
    """The given sandbox, with our modules passed through. Who runs without one has chosen to.

    `is_strict` refuses a workflow whose imports are neither made anew nor meant to be passed through.
    """
    if given is not None and not isinstance(given, SandboxedWorkflowRunner):
        return given
    around = given or SandboxedWorkflowRunner()
    restrictions = around.restrictions.with_passthrough_modules(*PASSED_THROUGH)
    if is_strict:
        restrictions = restrictions.with_import_notification_policy(
            SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        )
    return replace(around, restrictions=restrictions)


class InOneBatch(SimplePlugin):
    """A worker that applies all that came with a workflow task before any of the workflow's coroutines goes on.

    Left to itself the SDK lets them go on after the messages and again after the outlets' answers. Which of those come
    together is not the same for whoever takes over a task that was given up and for whoever replays the history later
    (docs/adr/0015-all-of-a-task-in-one-batch.md). The flag stands in the history, so that runs begun without it go on
    without it; the SDK means to make it the default, and this class goes then.
    """

    async def run_worker(self, worker: Worker, next: Callable[[Worker], Awaitable[None]]) -> None:  # noqa: A002
        batch = _WorkflowLogicFlag.PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH
        worker._set_default_workflow_logic_flag(batch, enabled=True)  # private, but the SDK is pinned
        await super().run_worker(worker, next)
