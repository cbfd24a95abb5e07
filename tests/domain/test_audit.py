"""Re-feeding the recorded messages gives the recorded events, and anything else shows."""

from typing import Any

import pytest

from domain import commands as cmd
from domain.audit import differences
from domain.complaint import Stage
from domain.core import notice_failed
from domain.telling import notices
from tests.builders import DAY, HOUR, T0, Played
from tests.domain.scenes import ask, at_stage


def a_history() -> Played:
    played = at_stage(Stage.VERIFICATION)
    ask(played, cmd.CustomerReply, answer="reject", at=T0 + 5 * DAY)
    ask(played, cmd.Claim)
    return played


def test_the_record_is_what_the_core_decides() -> None:
    played = a_history()
    assert differences(played.events, played.messages, policy=played.policy) == ()


def test_a_message_got_to_at_the_very_instant_the_clock_was_settled() -> None:
    played = at_stage(Stage.IN_WORK)
    played.wait(T0 + 9 * DAY)
    ask(played, cmd.PostProgress, at=T0 + 8 * DAY + HOUR, now=T0 + 9 * DAY)
    assert played.all("progress_posted")[0].at == T0 + 8 * DAY + HOUR
    late = at_stage(Stage.IN_WORK)
    late.wait(T0 + 9 * DAY)
    ask(late, cmd.PostProgress, at=T0 + 2 * DAY, now=T0 + 9 * DAY)
    for each in (played, late):
        assert differences(each.events, each.messages, policy=each.policy) == ()


def spared(event: Any) -> Any:
    return event.model_copy(update={"copied": ()}) if event.kind == "clock_breached" else event


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (lambda events: events[:-1], "a lost event"),
        (lambda events: [*events[:3], *events[4:]], "a hole"),
        (lambda events: [*events, events[-1].model_copy(update={"seq": events[-1].seq + 1})], "one made up"),
        (lambda events: [*events[:-1], events[-1].model_copy(update={"at": T0 + 90 * DAY})], "another instant"),
        (lambda events: [spared(event) for event in events], "a VP spared"),
        (lambda events: [], "nothing at all"),
    ],
)
def test_a_record_that_was_altered_shows(tamper: Any, reason: str) -> None:
    played = a_history()
    assert differences(tamper(played.events), played.messages, policy=played.policy) != (), reason


def test_a_letter_that_nobody_took_is_decided_again_as_it_was() -> None:
    played = Played()
    told, *_ = notices(played.complaint, played.events[-1])
    failed = notice_failed(played.complaint, told.key, now=T0 + HOUR)
    assert failed.events
    events = [*played.events, *failed.events]
    assert differences(events, [], policy=played.policy) == ()
    another = [*played.events, failed.events[0].model_copy(update={"at": T0 + 2 * HOUR})]
    assert differences(another, [], policy=played.policy) != ()
