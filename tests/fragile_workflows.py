"""Workflows whose handlers and activities break; in a file of their own, as the sandbox loads it anew for each run."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError


@workflow.defn
class Fragile:
    """Every handler breaks, each in its own way."""

    def __init__(self) -> None:
        self.recorded: list[str] = []
        self.is_over = False

    @workflow.run
    async def run(self) -> list[str]:
        await workflow.wait_condition(lambda: self.is_over)
        return self.recorded

    @workflow.signal
    def raise_value_error(self) -> None:
        raise ValueError("13800138000")

    @workflow.signal
    def raise_application_error(self) -> None:
        raise ApplicationError("would fail the workflow")

    @workflow.signal
    def take_one(self, one: str) -> None:
        """Called without its argument."""

    @workflow.update
    def divide(self) -> float:
        return 1 / 0

    @workflow.update
    def answer(self) -> None:
        raise ApplicationError("an answer", type="Answer")

    @workflow.signal
    def end(self) -> None:
        self.is_over = True

    def record_refusal(self, name: str, *, code: str) -> None:
        self.recorded.append(f"{name}:{code}")


attempts = 0


@activity.defn
async def succeed_at_the_twelfth() -> None:
    global attempts
    attempts += 1
    if attempts < 12:
        raise ConnectionError("13800138000")


@workflow.defn
class Persistent:
    @workflow.run
    async def run(self) -> None:
        often = RetryPolicy(initial_interval=timedelta(milliseconds=1), backoff_coefficient=1.0)
        await workflow.execute_activity(
            succeed_at_the_twelfth, start_to_close_timeout=timedelta(seconds=5), retry_policy=often
        )
