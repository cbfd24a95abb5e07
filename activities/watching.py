"""What is seen of the activities: their failures in the log, their work in figures, both without anything personal.

The figures leave by the SDK's own exporter (VOCLOOP_METRICS_ADDRESS), beside Temporal's.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.events import ClockBreached, CommandRefused, EscalationRaised, Event, MessageRejected
from domain.outlets import Delivered, LedgerBatch, Load

LATENESS, AGE = "vocloop_deadline_lateness", "vocloop_outlet_age"  # histograms, in milliseconds
REFUSALS, ATTEMPTS = "vocloop_refusals", "vocloop_outlet_attempts"  # counters

_ACTIVITIES = {  # an outlet's own, by the outlet
    "ledger": "append_to_ledger",
    "crm": "write_back_to_crm",
    "notices": "send_notices",
    "survey": "invite_to_survey",
}

_log = logging.getLogger("vocloop.worker")


class FailureLog(Interceptor):
    """One line for an activity's first, tenth, hundredth … failure: retried for ever is not to be unseen for ever."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _FailuresLogged(next)


class Measures(Interceptor):
    """`clock` gives the present instant, as aware UTC."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Measured(next, self._clock)


class _FailuresLogged(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        try:
            return await self.next.execute_activity(input)
        except Exception as error:  # whatever it is: it is counted here and raised again
            info = activity.info()
            if is_power_of_ten(info.attempt):
                # By class alone: an error's text may quote what is personal.
                _log.warning(
                    "%s failed for %s, attempt %d: %s",
                    *(info.activity_type, info.workflow_id, info.attempt, type(error).__name__),
                )
            raise


class _Measured(ActivityInboundInterceptor):
    def __init__(self, next_: ActivityInboundInterceptor, clock: Callable[[], datetime]) -> None:
        super().__init__(next_)
        self._clock = clock

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        try:
            result = await self.next.execute_activity(input)
        except Exception:  # whatever it is: it is counted here and raised again
            self._count(activity.info().activity_type, "failed")
            raise
        self._count(activity.info().activity_type, "done")
        for batch in input.args:
            if isinstance(batch, LedgerBatch):
                measure(batch.events)
            elif isinstance(batch, Load):
                self._look_into(batch, result)
        return result

    def _look_into(self, load: Load, delivered: Delivered) -> None:
        """Each outlet is counted as if it had been asked alone."""
        for outlet, part in load:
            if part is not None:
                self._count(_ACTIVITIES[outlet], "done" if outlet in delivered.took else "failed")
        if load.ledger and "ledger" in delivered.took:
            measure(load.ledger.events)

    def _count(self, name: str, outcome: str) -> None:
        info = activity.info()
        meter = activity.metric_meter().with_additional_attributes({"activity": name})
        meter.create_counter(ATTEMPTS, "Attempts to bring something to an outlet").add(1, {"outcome": outcome})
        age = self._clock() - info.scheduled_time
        histogram = meter.create_histogram_timedelta(AGE, "How long what was brought had waited to leave", "ms")
        histogram.record(max(age, timedelta()))


def measure(events: tuple[Event, ...]) -> None:
    """How late deadlines were noticed, and what was refused. From within an activity."""
    meter = activity.metric_meter()
    lateness = meter.create_histogram_timedelta(LATENESS, "From a deadline's due instant to when it was noticed", "ms")
    refusals = meter.create_counter(REFUSALS, "Commands and messages that were refused")
    for event in events:
        match event:
            case ClockBreached() | EscalationRaised() if event.at == event.due_at:
                lateness.record(event.noticed_at - event.due_at, {"kind": event.kind})
            case CommandRefused() | MessageRejected():
                refusals.add(1, {"code": event.code.partition(":")[0]})


def is_power_of_ten(attempt: int) -> bool:
    return str(attempt).strip("0") == "1"
