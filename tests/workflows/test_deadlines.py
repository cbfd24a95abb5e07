"""Each breach, escalation and VP copy once, at its due instant, never early; after an outage in due order."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from domain.durations import Duration, Unit
from domain.events import ClockBreached, CustomerReminded, EscalationRaised
from ledger import notices
from settings import utc_now
from starter.demo.theatre import World
from tests.workflows.cases import Case, a_worker, begin, until

AT_ONCE = timedelta(seconds=5)  # how late a deadline may be noticed on a busy machine while the worker is up


async def test_what_falls_due_happens_once_and_at_its_instant(world: World) -> None:
    case = await begin(world)
    await case.pass_time(days=11)
    assert await case.check() == ()
    fired = [event for event in await case.events() if isinstance(event, ClockBreached | EscalationRaised)]
    assert max(Counter(event.cause for event in fired).values()) == 1
    assert all(event.at == event.due_at for event in fired)
    assert all(timedelta() <= event.noticed_at - event.due_at < AT_ONCE for event in fired)
    assert {"breach:response:1", "breach:resolution:ordinary", "escalate:service", "escalate:leadership"} <= {
        event.cause for event in fired
    }


async def test_the_vp_is_copied_once_for_each_breach_that_calls_for_it(world: World) -> None:
    case = await begin(world)
    await case.pass_time(days=4)
    copying = [event for event in await case.events_of("clock_breached") if event.copied]
    posted = await notices.of_ticket(world.engine, case.ticket_no)
    copies = [notice.key.split(":")[1] for notice in posted if notice.kind == "vp_copy"]
    assert [event.clock_kind for event in copying] == ["response", "resolution"]
    assert copies == [str(event.seq) for event in copying]


async def test_nothing_happens_just_before_it_is_due(world: World) -> None:
    case = await begin(world)
    dispatched_at = (await case.events_of("dispatched"))[0].at
    await case.pass_time_until(dispatched_at + timedelta(hours=4) - timedelta(seconds=30))
    assert await case.events_of("clock_breached") == []
    await case.pass_time(seconds=30)
    await until(case.kinds, lambda kinds: kinds[-2:] == ["clock_breached", "deemed_accepted"])


async def test_the_customer_is_reminded_twice_and_never_closed_by_silence(world: World) -> None:
    case = await begin(world)
    await case.accept()
    await case.claim()
    await case.pass_time(days=9)
    assert await case.check() == ()
    reminders = [event for event in await case.events() if isinstance(event, CustomerReminded)]
    assert [(event.round, event.reminder) for event in reminders] == [(1, 1), (1, 2)]
    assert (await case.look())["stage"] == "verification"


async def test_a_ticket_that_waited_outside_for_days_begins_with_all_that_was_due_in_due_order(world: World) -> None:
    case = await begin(world, created_at=utc_now() - timedelta(days=12))
    await case.settled()
    events = await case.events()
    fired = [event for event in events if isinstance(event, ClockBreached | EscalationRaised)]
    assert [event.due_at for event in fired] == sorted(event.due_at for event in fired)
    assert {event.noticed_at for event in fired} == {events[0].noticed_at}
    assert Counter(event.cause for event in fired)["escalate:leadership"] == 1
    assert await case.check() == ()


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (-2.0, ["accepted"]),  # received in time, though handled after the deadline
        (+2.0, ["clock_breached", "deemed_accepted", "accepted"]),  # the deadline came first
    ],
)
async def test_after_an_outage_the_instant_of_receipt_decides(world: World, off: float, expected: list[str]) -> None:
    queue = f"outage-{off}"
    async with a_worker(world, queue):
        case = await begin(world, queue=queue)
        await case.settled()
        owner = await case.owner()
        due_at = (await case.events_of("dispatched"))[0].at + timedelta(hours=4)
        await case.pass_time(hours=3, minutes=59, seconds=45)
        await case.settled()
    await case.pass_time_until(due_at)
    await _until_after(case, due_at + timedelta(seconds=3))
    await case.signal("accept", owner, at=due_at + timedelta(seconds=off))
    async with a_worker(world, queue):
        kinds = await until(case.kinds, lambda kinds: kinds[-1] == expected[-1])
        assert kinds == ["opened", "dispatched", "clock_warned", *expected]
        assert await case.check() == ()


async def test_deadlines_that_pass_while_no_worker_runs_are_settled_in_due_order_with_both_instants(
    world: World,
) -> None:
    """Two clocks run out and a rung is due at nearly the same time, so that real seconds without a worker do."""
    policy = world.files.policy_at(utc_now())
    rungs = tuple(rung.model_copy(update=_early(rung.level)) for rung in policy.escalations)
    rules = policy.model_copy(update={"escalations": rungs, "version": "outage+1"})
    created_at = utc_now() - timedelta(days=3) + timedelta(hours=4, seconds=2)  # due 2 s apart
    async with a_worker(world, "dead"):
        case = await begin(world, queue="dead", policy=rules, created_at=created_at)
        await case.pass_time(hours=3, minutes=59, seconds=45)
        await case.settled()
        before = len(await case.events())
    due_at = created_at + timedelta(days=3)
    await case.pass_time_until(due_at - timedelta(seconds=2))
    await _until_after(case, due_at + timedelta(seconds=2))
    async with a_worker(world, "dead"):
        await until(case.kinds, lambda kinds: kinds[-1] == "escalation_raised")
        await case.settled()
        late = (await case.events())[before:]
    causes = list(dict.fromkeys(event.cause for event in late))
    assert causes == ["breach:response:1", "breach:resolution:ordinary", "escalate:service"]
    assert all(event.noticed_at - event.at > timedelta(seconds=1) for event in late)
    assert len({event.noticed_at for event in late}) == 1


def _early(level: str) -> dict[str, Any]:
    return {"after": Duration(amount=3, unit=Unit.CALENDAR_DAYS)} if level == "service" else {}


async def _until_after(case: Case, instant: Any) -> None:
    """Let real seconds pass, without a worker to see them."""
    await until(case.now, lambda now: now >= instant)
