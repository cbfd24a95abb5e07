"""A duty: something done for all complaints now and then. A Temporal Schedule starts it (starter/schedules.py)."""

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey

with workflow.unsafe.imports_passed_through():
    from activities import ports
    from domain.outlets import DutyCall

_DUE_AT: SearchAttributeKey[datetime] = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
_ATTEMPT = timedelta(minutes=10)
_ALTOGETHER = timedelta(hours=20)  # then tomorrow's is due, and does the rest
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=10))


@workflow.defn(name="Duty")
class DutyWorkflow:
    """One performance. Its result says in a line what came of it."""

    @workflow.run
    async def run(self, duty: str) -> str:
        due_at = workflow.info().typed_search_attributes.get(_DUE_AT) or workflow.now()
        return await workflow.execute_activity_method(
            ports.Duties.perform,
            DutyCall(duty=duty, due_at=due_at),
            start_to_close_timeout=_ATTEMPT,
            schedule_to_close_timeout=_ALTOGETHER,
            retry_policy=_RETRY,
            summary=duty,
        )
