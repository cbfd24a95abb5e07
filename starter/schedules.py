"""When each duty is due: one Temporal Schedule each, made or mended when a worker starts.

Ops see them in the Temporal UI under Schedules, where each can be paused, or triggered now.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from workflows.duties import DutyWorkflow

# Up again after a weekend, the daily duty that was missed is done once, and not each that was missed. What is due every
# few minutes is not made up for: its next time is near.
_CATCH_UP = timedelta(days=3)


def daily(hour: int, minute: int = 0) -> ScheduleSpec:
    """Each day at this local time; `ensure_schedules` says where."""
    at = ScheduleCalendarSpec(hour=[ScheduleRange(hour)], minute=[ScheduleRange(minute)])
    return ScheduleSpec(calendars=[at])


def every(interval: timedelta) -> ScheduleSpec:
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)])


PLAN: Mapping[str, ScheduleSpec] = {
    "canary": every(timedelta(hours=1)),
    "digest": every(timedelta(minutes=15)),  # zones differ by quarters of an hour: 08:30 of any is one of these
    "held_texts": every(timedelta(minutes=15)),
    "crm_poll": every(timedelta(minutes=1)),
    "crm_reconcile": daily(3, 20),
    "evidence_sweep": daily(4, 10),
    "evidence_verify": daily(2, 40),
    "retention": daily(3, 50),
}


def schedule_id(duty: str, *, task_queue: str) -> str:
    return f"{task_queue}-{duty}"


async def ensure_schedules(
    client: Client, duties: Collection[str], *, task_queue: str, zone: str, plan: Mapping[str, ScheduleSpec] = PLAN
) -> None:
    """Each of `duties` is due as `plan` says, local times being those of `zone`; the plan's others never are.

    Safe to repeat, also by several workers at once. What ops have paused stays paused.
    """
    for duty, spec in plan.items():
        if duty in duties:
            await _ensure(client, duty, _local(spec, zone), task_queue=task_queue)
        else:
            await _remove(client, duty, task_queue=task_queue)


async def _ensure(client: Client, duty: str, spec: ScheduleSpec, *, task_queue: str) -> None:
    id_ = schedule_id(duty, task_queue=task_queue)
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(DutyWorkflow.run, duty, id=id_, task_queue=task_queue, static_summary=duty),
        spec=spec,
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_catch_up(spec)),
    )
    try:
        await client.create_schedule(id_, wanted)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(id_).update(lambda found: _mended(found, wanted))


def _catch_up(spec: ScheduleSpec) -> timedelta:
    return min((interval.every for interval in spec.intervals), default=_CATCH_UP)


def _mended(found: ScheduleUpdateInput, wanted: Schedule) -> ScheduleUpdate:
    wanted.state = found.description.schedule.state
    return ScheduleUpdate(schedule=wanted)


async def _remove(client: Client, duty: str, *, task_queue: str) -> None:
    try:
        await client.get_schedule_handle(schedule_id(duty, task_queue=task_queue)).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


def _local(spec: ScheduleSpec, zone: str) -> ScheduleSpec:
    return ScheduleSpec(calendars=spec.calendars, intervals=spec.intervals, time_zone_name=zone)
