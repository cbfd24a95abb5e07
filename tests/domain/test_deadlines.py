"""What falls due when nobody does anything: in due order, once, never early, also after an outage."""

import pytest

from domain import commands as cmd
from domain.complaint import Stage
from domain.core import settle
from domain.deadlines import next_due
from tests.builders import DAY, HOUR, SECOND, T0, Played, a_policy
from tests.domain.scenes import ENGINE, ask, at_stage

STEADY = {"clocks": {"progress": "900 calendar_days"}}


def told(played: Played) -> list[tuple[str, float]]:
    """The rules that fired and the hours after T0 at which they did."""
    return [(event.cause, (event.at - T0) / HOUR) for event in played.events if event.cause.partition(":")[1]]


def test_a_neglected_complaint_from_the_first_warning_to_leadership() -> None:
    played = Played("engine.stall", policy=a_policy(**STEADY))
    played.wait(T0 + 11 * DAY)
    assert told(played) == [
        ("warn:response:1", 160 / 60),
        ("breach:response:1", 4),
        ("breach:response:1", 4),  # and deemed accepted, by the same rule
        ("warn:resolution:ordinary", 48),
        ("breach:resolution:ordinary", 72),
        ("escalate:service", 120),
        ("escalate:leadership", 240),
    ]


def test_after_an_outage_all_is_settled_in_due_order_with_both_instants() -> None:
    at_once, promptly = Played("engine.stall"), Played("engine.stall")
    at_once.wait(T0 + 11 * DAY)
    for hour in range(11 * 24 + 1):
        promptly.wait(T0 + hour * HOUR)
    assert [event.model_copy(update={"noticed_at": T0}) for event in at_once.events] == [
        event.model_copy(update={"noticed_at": T0}) for event in promptly.events
    ]
    assert {event.noticed_at for event in at_once.events[2:]} == {T0 + 11 * DAY}
    assert all(event.noticed_at - event.at < HOUR for event in promptly.events[2:])
    assert at_once.complaint.but(breaches=()) == promptly.complaint.but(breaches=())


@pytest.mark.parametrize(
    ("seconds", "breaches", "reason"), [(-1, 0, "never early"), (0, 1, "at its instant"), (1, 1, "and once")]
)
def test_a_breach_happens_at_its_due_instant(seconds: int, breaches: int, reason: str) -> None:
    played = Played("engine.stall")
    for _ in range(3):
        played.wait(T0 + 4 * HOUR + seconds * SECOND)
    assert len(played.all("clock_breached")) == breaches, reason


def test_a_late_message_finds_its_deadline_settled_and_a_timely_one_beats_it() -> None:
    late, timely = Played("engine.stall"), Played("engine.stall")
    for played, at in ((late, T0 + 4 * HOUR), (timely, T0 + 4 * HOUR - SECOND)):
        played.send(cmd.Accept, at=at, by=ENGINE, now=T0 + DAY)
    assert len(late.all("clock_breached")) == 1
    assert timely.all("clock_breached") == []
    assert timely.all("accepted")[0].noticed_at == T0 + DAY


@pytest.mark.parametrize(
    ("received", "took_effect", "reason"),
    [
        (T0 - DAY, T0 + 4 * HOUR, "a door cannot reach back past a deadline that was settled"),
        (T0 + 90 * DAY, T0 + 6 * HOUR, "nor ahead of time"),
        (T0 + 5 * HOUR, T0 + 5 * HOUR, "between them it counts"),
    ],
)
def test_received_at_is_clamped(received: object, took_effect: object, reason: str) -> None:
    played = Played("engine.stall")
    played.wait(T0 + 4 * HOUR)
    played.send(cmd.Accept, at=received, by=ENGINE, now=T0 + 6 * HOUR)  # type: ignore[arg-type]
    assert played.all("accepted")[0].at == took_effect, reason


def test_deadlines_of_the_same_instant_fire_in_a_fixed_order() -> None:
    clocks = {"response": "4 hours", "resolution_ordinary": "4 hours", "progress": "4 hours"}
    played = Played("engine.stall", policy=a_policy(clocks=clocks, vp_copied_on=()))
    played.wait(T0 + 4 * HOUR)
    assert [rule for rule, hour in told(played) if hour == 4] == [
        "breach:progress:2",
        "breach:resolution:ordinary",
        "breach:response:1",
        "breach:response:1",
    ]


def test_an_outage_longer_than_the_whole_ladder_escalates_each_level_once() -> None:
    played = Played("engine.stall", risk_level=5, channel="dealer", policy=a_policy(**STEADY))
    played.wait(T0 + 400 * DAY)
    assert [rule for rule, _ in told(played) if rule.startswith("escalate")] == [
        "escalate:station",
        "escalate:service",
        "escalate:leadership",
    ]


def test_a_ticket_that_waited_outside_settles_its_past_against_cx_first() -> None:
    from domain.core import open_complaint
    from tests.builders import a_ticket

    late = open_complaint(a_ticket("engine.stall"), policy=a_policy(**STEADY), now=T0 + 6 * DAY)
    kinds = [event.kind for event in late.events]
    assert kinds == ["opened", "clock_warned", "clock_breached", "escalation_raised", "dispatched"]
    assert [event.charged for event in late.events if event.kind == "clock_breached"] == [{"cx": 10_000}]
    assert late.events[-1].at == T0 + 6 * DAY


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CLOSED])
def test_an_open_complaint_always_has_a_next_deadline_ahead(stage: Stage) -> None:
    played = at_stage(stage)
    for day in (0, 1, 4, 8, 30, 365):
        played.wait(T0 + HOUR + day * DAY)
        due = next_due(played.complaint)
        assert due
        assert due.due_at > T0 + HOUR + day * DAY


def test_a_closed_complaint_has_none_and_settles_to_nothing() -> None:
    closed = at_stage(Stage.CLOSED).complaint
    assert next_due(closed) is None
    assert settle(closed, now=T0 + 900 * DAY).events == ()


def test_what_was_due_when_the_message_came_is_settled_before_it_is_judged() -> None:
    played = at_stage(Stage.DISPATCHED)
    outcome = ask(played, cmd.Transfer, at=T0 + 6 * HOUR)
    assert [event.kind for event in outcome.events] == [
        "clock_warned",
        "clock_breached",
        "deemed_accepted",
        "command_refused",
    ]
