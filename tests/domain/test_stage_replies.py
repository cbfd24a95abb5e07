"""Stage replies, L11: the customer is answered at first contact, at promised intervals, on change and at completion;
the promise of the next word is a clock, kept by a word to the customer alone, and breached like any other.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from domain import commands as cmd
from domain import events as e
from domain.clocks import Clock, running
from domain.complaint import Complaint
from domain.fold import apply, opened
from domain.outlets import Audience, Notice, NoticeKind
from domain.policy import ClockKind
from domain.telling import invitations, notices
from tests.builders import ARBITER, CUSTOMER, CX, DAY, HOUR, NOTE, PHOTO, T0, Played, a_policy, of
from tests.domain.histories import Life, scripts

CAUSE = cmd.RootCause.DESIGN


def steps(events: list[e.Event]) -> Iterator[tuple[Complaint, e.Event, Complaint]]:
    """Before, the event, after."""
    first, *rest = events
    assert isinstance(first, e.Opened)
    complaint = opened(first, a_policy())
    for event in rest:
        after = apply(complaint, event)
        yield complaint, event, after
        complaint = after


def told(c: Complaint, event: e.Event) -> list[Notice]:
    return [notice for notice in notices(c, event) if notice.audience is Audience.CUSTOMER]


def promise(c: Complaint) -> Clock:
    (clock,) = [clock for clock in running(c) if clock.kind is ClockKind.PROGRESS]
    return clock


def through() -> Played:
    """Triage, dispatch, acceptance, a ruling that gives it back, news, claimed, rejected, claimed, confirmed."""
    played = Played("x")
    played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("engine.stall",))
    played.send(cmd.Accept, at=T0 + 2 * HOUR, by=of("engine"))
    played.send(cmd.Contest, at=T0 + 3 * HOUR, by=of("engine"), evidence=(PHOTO,), note_id=NOTE)
    played.send(cmd.Arbitrate, at=T0 + 4 * HOUR, by=ARBITER, owner="engine", note_id=NOTE)
    played.send(cmd.PostProgress, at=T0 + 5 * HOUR, by=of("engine"), note_id=NOTE)
    played.send(cmd.Claim, at=T0 + 6 * HOUR, by=of("engine"), note_id=NOTE, root_cause=CAUSE)
    played.send(cmd.CustomerReply, at=T0 + 7 * HOUR, by=CUSTOMER, answer=cmd.Answer.REJECT, round=1)
    played.send(cmd.Claim, at=T0 + 8 * HOUR, by=of("engine"), note_id=NOTE, root_cause=CAUSE)
    played.wait(T0 + 8 * HOUR + DAY)
    played.send(cmd.CustomerReply, at=T0 + 2 * DAY, by=CUSTOMER, answer=cmd.Answer.CONFIRM, round=2)
    return played


def test_the_customer_hears_at_every_stage() -> None:
    heard = [
        *((event.kind, notice.kind.value) for _, event, c in steps(through().events) for notice in told(c, event)),
    ]
    assert heard == [
        ("sent_to_triage", "customer_received"),
        ("dispatched", "customer_progress"),
        ("accepted", "customer_progress"),
        ("ruled", "customer_progress"),
        ("progress_posted", "customer_progress"),
        ("customer_reminded", "customer_reminder"),
        ("closed", "customer_closed"),
    ]
    asked = [event.kind for _, event, c in steps(through().events) if invitations(c, event)]
    assert asked == ["claimed", "claimed"]


def test_what_colleagues_write_to_each_other_never_reaches_the_customer() -> None:
    letters = [(event, notice) for _, event, c in steps(through().events) for notice in told(c, event)]
    assert {event.kind for event, notice in letters if "note_id" in notice.facts} == {"progress_posted"}
    assert any(getattr(event, "note_id", "") for event, _ in letters if event.kind == "ruled")


def test_a_customer_whose_complaint_goes_straight_to_a_department_is_told_that_it_is_received() -> None:
    (received,) = [n for _, event, c in steps(Played("engine.stall").events) for n in told(c, event)]
    assert received.kind is NoticeKind.CUSTOMER_RECEIVED
    assert received.facts["promised_by"] == (T0 + 2 * DAY).isoformat()


def test_what_a_letter_promises_is_the_clock_that_then_runs() -> None:
    promised = [(notice, c) for _, event, c in steps(through().events) for notice in told(c, event)]
    *running_on, (last, _) = promised
    assert [notice.facts["promised_by"] for notice, _ in running_on] == [
        promise(c).due_at.isoformat() for _, c in running_on
    ]
    assert "promised_by" not in last.facts, "closed: nothing is promised any more"
    internal = [n for _, event, c in steps(through().events) for n in notices(c, event) if n not in told(c, event)]
    assert not [notice for notice in internal if "promised_by" in notice.facts]


@pytest.mark.parametrize("seed", range(3))
def test_in_any_life_a_promise_is_renewed_by_a_word_to_the_customer_or_by_being_broken(seed: int) -> None:
    renewed = 0
    for script in scripts(seed, count=15, length=18):
        life = Life(script[0])
        for step in script[1:]:
            life.play(step)
        for before, event, after in steps(life.events):
            if after.promises == before.promises:
                continue
            renewed += 1
            broken = isinstance(event, e.ClockBreached) and event.clock_kind is ClockKind.PROGRESS
            heard = bool(told(after, event) or invitations(after, event))
            assert heard != broken, event
            assert after.promised_since == (event.due_at if broken else event.at)  # type: ignore[union-attr]
    assert renewed > 50


@pytest.mark.parametrize(
    ("play", "holder", "reason"),
    [
        ((), "engine", "whoever has it owes the customer a word"),
        (("accept",), "engine", "also while they work"),
        (("accept", "contest"), "quality", "the arbiter, while it lies there"),
        (("accept", "claim"), "cx", "CX, while the customer is being asked"),
    ],
)
def test_a_promise_that_is_broken_is_charged_to_whoever_was_to_speak(
    play: tuple[str, ...], holder: str, reason: str
) -> None:
    policy = a_policy(clocks={"progress": "20 hours", "arbitration": "9 calendar_days"})
    played = Played("engine.stall", policy=policy)
    acts: dict[str, tuple[type, dict[str, Any]]] = {
        "accept": (cmd.Accept, {}),
        "contest": (cmd.Contest, {"evidence": (PHOTO,), "note_id": NOTE}),
        "claim": (cmd.Claim, {"note_id": NOTE, "root_cause": CAUSE}),
    }
    for hours, name in enumerate(play, start=1):
        command, fields = acts[name]
        played.send(command, at=T0 + hours * HOUR, by=of("engine"), **fields)
    due_at = promise(played.complaint).due_at
    played.wait(due_at)
    (breach,) = [each for each in played.all("clock_breached") if each.clock_kind is ClockKind.PROGRESS]
    assert (breach.due_at, breach.holder, breach.charged) == (due_at, holder, {holder: 10_000}), reason
    sent = [(n.kind, n.department) for n in notices(played.complaint, breach)]
    assert sent == [(NoticeKind.BREACH, holder)], "they are told at once; the customer is not told of a breach as news"
    assert promise(played.complaint).due_at == due_at + 20 * HOUR, "and the next promise runs"
