"""Duties: done when they are due, once, by a real server's Schedules."""

import secrets
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.duties import DutyTable
from starter.connecting import client_plugin
from starter.schedules import PLAN as PLANNED
from starter.schedules import daily, ensure_schedules, every, schedule_id
from tests.starter.api_server import soon
from workflows.duties import DutyWorkflow

PLAN = {"count": every(timedelta(hours=1)), "digest": daily(8, 30)}
ZONE = "Asia/Shanghai"


@pytest.fixture
async def client(temporal_address: str) -> Client:
    return await Client.connect(temporal_address, plugins=[client_plugin()])


async def _planned(client: Client, queue: str, *duties: str) -> None:
    await ensure_schedules(client, duties, task_queue=queue, zone=ZONE, plan=PLAN)


async def test_a_duty_is_told_the_instant_it_was_due_and_its_result_says_what_came_of_it(client: Client) -> None:
    queue, seen = f"duties-{secrets.token_hex(4)}", list[datetime]()

    async def count(due_at: datetime) -> str:
        seen.append(due_at)
        return f"{len(seen)} so far"

    await _planned(client, queue, "count")
    handle = client.get_schedule_handle(schedule_id("count", task_queue=queue))
    table = DutyTable({"count": count})
    async with Worker(client, task_queue=queue, workflows=[DutyWorkflow], activities=[table.perform]):
        await handle.trigger()

        async def performed() -> str | None:
            actions = (await handle.describe()).info.recent_actions
            started = [each.action for each in actions if isinstance(each.action, ScheduleActionExecutionStartWorkflow)]
            return await client.get_workflow_handle(started[0].workflow_id).result() if started else None

        assert await soon(performed) == "1 so far"
    assert abs(datetime.now(UTC) - seen[0]) < timedelta(minutes=1)


async def test_a_day_begins_where_the_company_is(client: Client) -> None:
    queue = f"duties-{secrets.token_hex(4)}"
    await _planned(client, queue, "digest")
    due = (await client.get_schedule_handle(schedule_id("digest", task_queue=queue)).describe()).info.next_action_times
    assert [(at.astimezone(UTC).hour, at.minute) for at in due[:2]] == [(0, 30)] * 2


def test_half_past_eight_is_asked_for_in_every_zone() -> None:
    (interval,) = PLANNED["digest"].intervals
    for zone in available_timezones():
        for month in (1, 7):
            offset = datetime(2026, month, 5, 8, 30, tzinfo=ZoneInfo(zone)).utcoffset()
            assert offset is not None
            assert offset % interval.every == timedelta(0), zone


async def test_what_is_due_every_few_minutes_is_not_made_up_for(client: Client) -> None:
    queue = f"duties-{secrets.token_hex(4)}"
    await _planned(client, queue, "count", "digest")
    for duty, window in {"count": timedelta(hours=1), "digest": timedelta(days=3)}.items():
        found = (await client.get_schedule_handle(schedule_id(duty, task_queue=queue)).describe()).schedule
        assert found.policy.catchup_window == window, duty


async def test_what_ops_paused_stays_paused_and_what_no_worker_does_is_not_planned(client: Client) -> None:
    queue = f"duties-{secrets.token_hex(4)}"
    await _planned(client, queue, "count", "digest")
    handle = client.get_schedule_handle(schedule_id("count", task_queue=queue))
    await handle.pause(note="the CRM is being moved")
    await _planned(client, queue, "count")
    assert (await handle.describe()).schedule.state.paused
    with pytest.raises(RPCError, match="not found"):
        await client.get_schedule_handle(schedule_id("digest", task_queue=queue)).describe()
