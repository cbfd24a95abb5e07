"""What a customer was told and by when they hear again: the same for them as for CX."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from domain import commands as cmd
from domain.claims import Verdict
from domain.clocks import running
from domain.policy import ClockKind
from policy.reading import load
from starter.telling.events import Names
from starter.telling.replies import ReplyKind, next_word, stage_replies
from tests.builders import CUSTOMER, CX, DAY, HOUR, NOTE, T0, Played, of

NAMES = Names(load())


def played_through() -> Played:
    """Triaged, accepted, news, claimed, rejected, claimed, reminded, not reached, confirmed."""
    played = Played("what.is.it")
    played.send(cmd.Reclassify, at=T0 + HOUR, by=CX, tags=("brakes.noise",))
    played.send(cmd.Accept, at=T0 + 2 * HOUR, by=of("chassis"))
    played.send(cmd.PostProgress, at=T0 + 3 * HOUR, by=of("chassis"), note_id=NOTE)
    cause = cmd.RootCause.DESIGN
    played.send(cmd.Claim, at=T0 + 4 * HOUR, by=of("chassis"), note_id=NOTE, root_cause=cause)
    played.send(cmd.CustomerReply, at=T0 + 5 * HOUR, by=CUSTOMER, answer=cmd.Answer.REJECT, round=1)
    played.send(cmd.Claim, at=T0 + DAY, by=of("chassis"), note_id=NOTE, root_cause=cause)
    played.wait(T0 + 2 * DAY)
    outcome = cmd.CallOutcome.UNREACHED
    played.send(cmd.RecordVerificationCall, at=T0 + 2 * DAY + HOUR, by=CX, outcome=outcome)
    played.send(cmd.CustomerReply, at=T0 + 2 * DAY + 2 * HOUR, by=CUSTOMER, answer=cmd.Answer.CONFIRM, round=2)
    return played


def test_a_whole_way_is_told_to_the_customer_step_by_step() -> None:
    told = stage_replies(played_through().events, NAMES)
    assert [each.kind.value for each in told] == [
        *("received", "handed_over", "accepted", "news", "solution", "rejected"),
        *("solution", "asked_again", "called", "confirmed", "closed"),
    ]
    assert [each.at for each in told] == sorted(each.at for each in told)
    assert [each.kind for each in told if each.is_customers] == [ReplyKind.REJECTED, ReplyKind.CONFIRMED]
    assert [each.note_id for each in told if each.note_id] == [NOTE], "only news was written to the customer"


def test_departments_are_named_and_people_and_codes_are_not() -> None:
    for each in stage_replies(played_through().events, NAMES):
        assert each.said.zh.endswith("。")
        assert each.said.en.endswith(".")
        assert not re.search(r"[A-Za-z]", each.said.zh), each.said.zh
        assert not re.search(r"chassis-1|cx-1|design|\bhop\b|_", each.said.en), each.said.en
    said = " ".join(each.said.en for each in stage_replies(played_through().events, NAMES))
    assert "Chassis Engineering took it on" in said


def test_a_customer_who_is_called_hears_of_it_once() -> None:
    played = Played("engine.stall")
    played.send(cmd.Accept, at=T0 + HOUR, by=of("engine"))
    played.send(cmd.Claim, at=T0 + 2 * HOUR, by=of("engine"), note_id=NOTE, root_cause=cmd.RootCause.DESIGN)
    played.send(cmd.RecordVerificationCall, at=T0 + DAY, by=CX, outcome=cmd.CallOutcome.CONFIRMED)
    kinds = [each.kind for each in stage_replies(played.events, NAMES)]
    assert kinds[-3:] == [ReplyKind.SOLUTION, ReplyKind.CONFIRMED, ReplyKind.CLOSED]


def test_the_next_word_is_the_clock_that_cx_sees() -> None:
    played = Played("engine.stall")
    promised = next_word(played.complaint, at=T0)
    clock = next(each for each in running(played.complaint) if each.kind is ClockKind.PROGRESS)
    assert promised is not None
    assert (promised.due_at, promised.holder, promised.missed) == (clock.due_at, clock.holder, ())
    assert promised.due_at == T0 + 2 * DAY


@pytest.mark.parametrize(
    ("play", "after", "missed", "reason"),
    [
        (lambda _: None, 2 * DAY, [2 * DAY], "due, and nobody has noticed yet"),
        (lambda p: p.wait(T0 + 2 * DAY), 2 * DAY, [2 * DAY], "noticed, and a new one runs"),
        (lambda p: p.wait(T0 + 4 * DAY), 5 * DAY, [2 * DAY, 4 * DAY], "twice in a row"),
        (
            lambda p: (
                p.wait(T0 + 4 * DAY),
                p.send(cmd.PostProgress, at=T0 + 5 * DAY, by=of("engine"), note_id=NOTE),
            ),
            5 * DAY,
            [],
            "then they heard from us",
        ),
        (
            lambda p: (
                p.wait(T0 + 2 * DAY),
                p.send(cmd.PostProgress, at=T0 + 3 * DAY, by=of("engine"), note_id=NOTE),
                p.wait(T0 + 5 * DAY),
            ),
            6 * DAY,
            [5 * DAY],
            "what was missed before the last word is over",
        ),
    ],
)
def test_a_missed_promise_is_said_until_the_customer_hears_from_us(
    play: Callable[[Played], object], after: timedelta, missed: list[timedelta], reason: str
) -> None:
    played = Played("engine.stall")
    play(played)
    word = next_word(played.complaint, at=T0 + after)
    assert word is not None
    assert [each - T0 for each in word.missed] == missed, reason


def test_nothing_is_promised_once_it_is_closed() -> None:
    closed = played_through().complaint
    assert closed.claims[-1].verdict is Verdict.CONFIRMED
    assert next_word(closed, at=T0 + 9 * DAY) is None
