"""The canary's complaint leaves no trace among the customers': what it sends goes nowhere, except its figure.

It is known by its workflow's id, which no ticket can have.
"""

from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.ports import CANARY_PREFIX
from domain.events import EscalationRaised
from domain.outlets import CrmBatch, Delivered, LedgerBatch, Load, NoticeBatch

FIRED, LATENESS = "vocloop_canary_fired", "vocloop_canary_lateness"  # counter; gauge in milliseconds


class CanaryAside(Interceptor):
    """Answers a canary's activities in the outlets' place."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Aside(next)


class _Aside(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        if not (activity.info().workflow_id or "").startswith(CANARY_PREFIX):
            return await self.next.execute_activity(input)
        return _answer(input.args[0])


def _answer(batch: Any) -> Any:
    """What the outlet would say."""
    match batch:
        case Load():
            parts = {name: part for name, part in batch if part is not None}
            for part in parts.values():
                _answer(part)
            return Delivered(took=tuple(parts))
        case LedgerBatch(events=events):
            for event in events:
                if isinstance(event, EscalationRaised):
                    _measure(event)
            return events[-1].seq
        case CrmBatch(writes=writes):
            return len(writes)
        case NoticeBatch():
            return ()
    return None


def _measure(event: EscalationRaised) -> None:
    late = round((event.noticed_at - event.due_at).total_seconds() * 1000)
    meter = activity.metric_meter()
    meter.create_counter(FIRED, "Deadlines of the canary that fired").add(1)
    meter.create_gauge(LATENESS, "How late the canary's last deadline fired", "ms").set(max(late, 0))
