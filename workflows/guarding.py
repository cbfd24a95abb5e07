"""The guard at a workflow's handlers: an error there becomes a recorded refusal.

Left alone, an error in a handler fails the complaint, or fails its workflow task for ever; while that
lasts no deadline is handled. `run` is not guarded: an error there is a bug of ours and must stay visible.
"""

from typing import Any, Protocol

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.worker import (
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

REFUSAL = "HandlerRefused"
_LONGEST_NAME = 64


class RecordsRefusals(Protocol):
    """What a workflow offers so that a message its handler broke on leaves a trace in its events."""

    def record_refusal(self, name: str, *, code: str) -> None:
        """`name` is the message's, at most 64 characters; `code` the error's class. Must not raise."""


class Guard(Interceptor):
    """Guards every workflow of the worker that `RecordsRefusals`; another team's stay as they are."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - the SDK's signature
    ) -> type[WorkflowInboundInterceptor]:
        return _GuardedHandlers


class _GuardedHandlers(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002 - the SDK's name
        try:
            await self.next.handle_signal(input)
        except Exception as error:  # the edge of a message: nobody above could answer it
            if not _is_guarded():
                raise
            _refuse(input.signal, error)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002 - the SDK's name
        try:
            return await self.next.handle_update_handler(input)
        except FailureError:
            raise  # it is an answer to the caller already
        except Exception as error:  # the edge of a message: the caller gets an answer in its place
            if not _is_guarded():
                raise
            _refuse(input.update, error)
            # The cause stays out: its text may quote the message, and the message may be personal.
            raise ApplicationError("the message was refused", type=REFUSAL, non_retryable=True) from None


def _is_guarded() -> bool:
    return hasattr(workflow.instance(), RecordsRefusals.record_refusal.__name__)


def _refuse(name: str, error: Exception) -> None:
    """Log by class alone, for the text may be personal, and leave a trace."""
    code = type(error).__name__
    workflow.logger.error("refused %s: %s", name[:_LONGEST_NAME], code)
    guarded: RecordsRefusals = workflow.instance()
    guarded.record_refusal(name[:_LONGEST_NAME], code=code)
