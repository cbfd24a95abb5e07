"""Another team's workflow and activity; in a file of their own, as the sandbox loads it anew for each run."""

from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError


@dataclass
class Money:
    """A type that only their own converter can carry."""

    cents: int


@activity.defn
async def double(amount: Money) -> Money:
    return Money(amount.cents * 2)


@workflow.defn
class Invoice:
    @workflow.run
    async def run(self, amount: Money) -> Money:
        await workflow.wait_condition(lambda: amount.cents != 13)
        return await workflow.execute_activity(double, amount, start_to_close_timeout=timedelta(seconds=10))

    @workflow.signal
    def refuse(self) -> None:
        raise ApplicationError("this is how they fail an invoice")
