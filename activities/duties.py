"""What is done for all complaints now and then, by name: digests, reconciliation, sweeps."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import ports
from domain.outlets import DutyCall

Duty = Callable[[datetime], Awaitable[str]]  # the instant it was due → what came of it, in a line


class DutyTable(ports.Duties):
    """`duties` are this worker's; starter/schedules.py says when each is due."""

    def __init__(self, duties: Mapping[str, Duty]) -> None:
        self._duties = dict(duties)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._duties)

    @activity.defn(name="perform_duty")
    async def perform(self, call: DutyCall) -> str:
        """Raises "UnknownDuty", to be repeated: another worker, of a newer release, may know it."""
        duty = self._duties.get(call.duty)
        if duty is None:
            raise ApplicationError(f"no worker here knows the duty {call.duty[:64]}", type="UnknownDuty")
        return await duty(call.due_at)
