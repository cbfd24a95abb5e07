"""The clocks: where they start, when they are yellow and red, what stops them, and what never does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import clocks
from domain import commands as cmd
from domain.clocks import Clock
from domain.complaint import Stage
from domain.lights import Light
from domain.policy import ClockKind
from tests.builders import CUSTOMER, CX, DAY, HOUR, NOTE, SECOND, T0, Played, a_policy
from tests.domain.scenes import BODY, CHASSIS, ENGINE, PROOF, ask, at_stage, transferred

MINUTE = timedelta(minutes=1)
RESUME = {"verification": {"on_rejection": "resume"}}


def running(played: Played) -> dict[str, Clock]:
    return {clock.kind: clock for clock in clocks.running(played.complaint)}


def resolution(played: Played) -> Clock:
    return clocks.resolution_clock(played.complaint)


@pytest.mark.parametrize(
    ("after", "light", "reason"),
    [
        (timedelta(), Light.GREEN, "just dispatched"),
        (160 * MINUTE - SECOND, Light.GREEN, "a second more than a third remains of four hours"),
        (160 * MINUTE, Light.YELLOW, "exactly a third remains"),
        (4 * HOUR - SECOND, Light.YELLOW, "the last second"),
        (4 * HOUR, Light.RED, "the due instant itself is too late"),
        (400 * DAY, Light.RED, "and it stays so"),
    ],
)
def test_the_light_of_the_response_clock(after: timedelta, light: Light, reason: str) -> None:
    assert clocks.light(Played("engine.stall").complaint, at=T0 + after) is light, reason


@pytest.mark.parametrize(
    ("tags", "days", "reason"),
    [
        (("engine.stall",), 3, "ordinary: a solution within three days"),
        (("noise",), 7, "complex by its tag: closed within seven"),
        (("engine.stall", "battery.fire"), 7, "one complex tag is enough"),
    ],
)
def test_the_resolution_clock_starts_at_ticket_creation(tags: tuple[str, ...], days: int, reason: str) -> None:
    from domain.core import open_complaint
    from tests.builders import a_ticket

    ticket = a_ticket(*tags, at=T0)
    late = open_complaint(ticket, policy=a_policy(), now=T0 + DAY).complaint
    clock = clocks.resolution_clock(late)
    assert (clock.started_at, clock.due_at) == (T0, T0 + days * DAY), reason
    assert late.hop
    assert late.hop.entered_at == T0 + DAY


def _rejected(played: Played) -> None:
    ask(played, cmd.Claim)
    ask(played, cmd.CustomerReply, answer="reject")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda p: ask(p, cmd.Accept), "acceptance"),
        (lambda p: ask(p, cmd.Transfer), "a transfer"),
        (_rejected, "a rejection"),
        (lambda p: ask(p, cmd.Reclassify, risk_level=None, tags=("brakes.noise",)), "another department's tag"),
        (lambda p: ask(p, cmd.Reclassify, risk_level=4), "another risk"),
        (lambda p: ask(p, cmd.Contest), "a dispute"),
        (lambda p: ask(p, cmd.PostProgress), "news"),
        (lambda p: ask(p, cmd.Escalate), "an escalation"),
    ],
)
def test_nothing_resets_the_resolution_clock(happens: Any, reason: str) -> None:
    played = at_stage(Stage.DISPATCHED)
    before = resolution(played)
    happens(played)
    after = resolution(played)
    assert (after.started_at, after.due_at) == (before.started_at, before.due_at), reason


def test_an_ordinary_complaints_claim_meets_it_and_a_complex_ones_does_not() -> None:
    assert ClockKind.RESOLUTION not in running(at_stage(Stage.VERIFICATION))
    assert ClockKind.RESOLUTION in running(at_stage(Stage.VERIFICATION, "noise"))


@pytest.mark.parametrize(
    ("changes", "due", "reason"),
    [
        ({}, T0 + 3 * DAY, "unstop: the claim stopped nothing"),
        (RESUME, T0 + 5 * DAY, "resume: two days of waiting do not count"),
    ],
)
def test_a_rejected_claim(changes: dict[str, Any], due: datetime, reason: str) -> None:
    played = at_stage(Stage.VERIFICATION, policy=a_policy(**changes))
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + HOUR + 2 * DAY)
    assert resolution(played).due_at == due, reason


def test_an_unstopped_clock_past_its_due_instant_breaches_at_the_customers_no() -> None:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + 5 * DAY + HOUR)
    breach = next(event for event in played.all("clock_breached") if event.clock_kind == "resolution")
    assert (breach.due_at, breach.at, breach.copied) == (T0 + 3 * DAY, T0 + 5 * DAY + HOUR, ("engine",))
    assert "resolution:ordinary" not in [event.clock for event in played.all("clock_warned")], "no warning of the past"


def test_resume_adds_up_over_rounds_and_never_for_complex_ones() -> None:
    played = at_stage(Stage.VERIFICATION, policy=a_policy(**RESUME))
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + DAY + HOUR)
    ask(played, cmd.Claim, at=T0 + 2 * DAY)
    ask(played, cmd.CustomerReply, answer="reject", round=2, at=T0 + 3 * DAY)
    assert resolution(played).due_at == T0 + 5 * DAY
    ask(played, cmd.Reclassify, risk_level=None, is_complex=True)
    assert resolution(played).due_at == T0 + 7 * DAY


def test_a_wait_after_the_due_instant_brings_nothing_back() -> None:
    played = at_stage(Stage.IN_WORK, policy=a_policy(**RESUME))
    ask(played, cmd.Claim, at=T0 + 4 * DAY)
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + 6 * DAY)
    assert resolution(played).due_at == T0 + 3 * DAY
    assert [event.clock for event in played.all("clock_breached")].count("resolution:ordinary") == 1


def test_the_working_calendar_counts_where_the_policy_says_so() -> None:
    played = Played("engine.stall", policy=a_policy(clocks={"response": "4 working_hours"}), at=T0 - 63 * HOUR)
    clock = running(played)[ClockKind.RESPONSE]
    assert clock.started_at == T0 - 63 * HOUR, "Friday 18:00"
    assert clock.due_at == T0 + 5 * HOUR, "Monday 14:00, lunch not counted"
    assert clock.yellow_at == T0 + 160 * MINUTE, "a third of four working hours before"


@pytest.mark.parametrize(
    ("stage", "kinds", "holder", "governs"),
    [
        (Stage.TRIAGE, {"triage", "resolution", "progress"}, "cx", "triage:1"),
        (Stage.DISPATCHED, {"response", "resolution", "progress"}, "engine", "response:1"),
        (Stage.IN_WORK, {"resolution", "progress"}, "engine", "resolution:ordinary"),
        (Stage.ARBITRATION, {"arbitration", "resolution", "progress"}, "quality", "arbitration:1"),
        (Stage.VERIFICATION, {"verification", "progress"}, "cx", "verification:1.1"),
    ],
)
def test_what_runs_at_each_stage(stage: Stage, kinds: set[str], holder: str, governs: str) -> None:
    played = at_stage(stage)
    assert set(running(played)) == kinds
    assert {clock.holder for clock in running(played).values()} == {holder}
    governing = clocks.governing(played.complaint)
    assert governing
    assert governing.key == governs


def test_nothing_runs_on_a_closed_complaint() -> None:
    closed = at_stage(Stage.CLOSED).complaint
    assert (clocks.running(closed), clocks.governing(closed)) == ((), None)
    assert clocks.light(closed, at=T0 + 900 * DAY) is Light.GREEN


def test_the_promise_of_progress_governs_nothing_and_renews_itself() -> None:
    played = at_stage(Stage.IN_WORK, policy=a_policy(clocks={"progress": "1 hours"}))
    governing = clocks.governing(played.complaint)
    assert governing
    assert governing.kind is ClockKind.RESOLUTION
    played.wait(T0 + 4 * HOUR)
    assert [event.due_at - T0 for event in played.all("clock_breached")] == [HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR]
    ask(played, cmd.PostProgress, at=T0 + 4 * HOUR + MINUTE)
    assert running(played)[ClockKind.PROGRESS].due_at == T0 + 5 * HOUR + MINUTE


def test_a_transfer_takes_the_old_hops_clock_away_and_starts_the_new_ones() -> None:
    played = transferred()
    clock = running(played)[ClockKind.RESPONSE]
    assert (clock.key, clock.holder, clock.started_at) == ("response:2", "chassis", T0 + HOUR)


def test_a_response_breached_by_silence_stays_red_until_the_owner_speaks() -> None:
    played = at_stage(Stage.DISPATCHED)
    played.wait(T0 + 6 * HOUR)
    assert clocks.light(played.complaint, at=T0 + 6 * HOUR) is Light.RED
    ask(played, cmd.Accept, at=T0 + 7 * HOUR)
    assert clocks.light(played.complaint, at=T0 + 7 * HOUR) is Light.GREEN


def test_the_arbiter_answers_for_what_runs_out_while_the_case_lies_there() -> None:
    played = at_stage(Stage.DISPATCHED, policy=a_policy(clocks={"arbitration": "9 calendar_days"}))
    played.send(cmd.Contest, at=T0 + HOUR, by=ENGINE, **PROOF)
    played.wait(T0 + 3 * DAY)
    breach = next(event for event in played.all("clock_breached") if event.clock_kind == "resolution")
    assert breach.charged == {"quality": 10_000}
    assert {CHASSIS.department, BODY.department, CX.department}.isdisjoint(breach.charged)


NIGHTS = {"departments": ("engine",), "week": dict.fromkeys(range(1, 8), ("22:00-06:00",))}


@pytest.mark.parametrize(
    ("department", "length", "due", "reason"),
    [
        ("engine", "4 working_hours", 17 * HOUR, "from 22:00 in Shanghai on, for its people work at night"),
        ("engine", "4 hours", 4 * HOUR, "hours go by for everybody alike"),
        ("body", "4 working_hours", 5 * HOUR, "who names no calendar works by the company's: 09:00-12:00, 13:00-14:00"),
    ],
)
def test_working_time_is_that_of_the_department_the_clock_runs_against(
    department: str, length: str, due: timedelta, reason: str
) -> None:
    policy = a_policy(clocks={"response": length}, calendars=[NIGHTS])
    tag, at = policy.matrix.owners[department][0], datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    clock = running(Played(tag, policy=policy, at=at))[ClockKind.RESPONSE]
    assert (clock.holder, clock.due_at - clock.started_at) == (department, due), reason


def test_a_clock_into_a_year_without_announced_days_off_is_provisional() -> None:
    policy = a_policy(clocks={"response": "4 working_hours", "resolution_ordinary": "400 working_days"})
    known = policy.calendar.model_copy(update={"years": (T0.year,)})
    played = Played(policy=policy.model_copy(update={"calendar": known}))
    provisional = {str(kind): clock.is_provisional for kind, clock in running(played).items()}
    assert provisional == {"response": False, "resolution": True, "progress": False}


def test_a_clock_that_a_stop_moves_into_such_a_year_becomes_provisional() -> None:
    december = datetime(2026, 12, 28, 1, 0, tzinfo=UTC)  # a Monday
    policy = a_policy(clocks={"resolution_ordinary": "3 working_days"}, **RESUME)
    known = policy.calendar.model_copy(update={"years": (2026,)})
    played = Played(policy=policy.model_copy(update={"calendar": known}), at=december)
    assert not running(played)[ClockKind.RESOLUTION].is_provisional
    played.send(cmd.Claim, at=december + HOUR, by=ENGINE, note_id=NOTE, root_cause="design")
    played.send(cmd.CustomerReply, at=december + 3 * DAY, by=CUSTOMER, answer=cmd.Answer.REJECT, round=1)
    assert running(played)[ClockKind.RESOLUTION].is_provisional
