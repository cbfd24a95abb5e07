"""Which modules workflows share with everything else, and which are made anew for each."""

from dataclasses import replace

from temporalio.worker import WorkflowRunner
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
