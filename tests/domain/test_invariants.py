"""Each invariant finds what breaks it: one fault is planted in a history that is whole."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from domain import commands as cmd
from domain.events import Event
from domain.fold import replay
from domain.invariants import broken, has_next_deadline
from domain.policy import Policy
from tests.builders import DAY, HOUR, NOTE, PHOTO, SECOND, T0, Played, a_policy, of

POLICY = a_policy()


def whole() -> list[Event]:
    """Warned, breached, deemed accepted, claimed, reminded twice, called for, escalated."""
    played = Played("engine.stall", policy=POLICY)
    played.wait(T0 + DAY)
    played.send(cmd.Claim, at=T0 + DAY, by=of("engine"), note_id=NOTE, root_cause=cmd.RootCause.SOFTWARE)
    played.wait(T0 + 6 * DAY)
    return played.events


def changed(kind: str, change: Callable[[Any], dict[str, Any]]) -> list[Event]:
    """The whole history with its first event of the kind changed."""
    events = whole()
    at = next(number for number, event in enumerate(events) if event.kind == kind)
    events[at] = events[at].model_copy(update=change(events[at]))
    return events


def without(kind: str) -> list[Event]:
    """As if the first event of the kind had never been: those after it are counted on from there."""
    events = whole()
    gone = next(event for event in events if event.kind == kind)
    kept = [event for event in events if event is not gone]
    return [event.model_copy(update={"seq": seq}) for seq, event in enumerate(kept, start=1)]


def earlier(event: Any) -> dict[str, Any]:
    return {"at": event.at - SECOND}


def test_nothing_is_found_in_a_whole_history() -> None:
    assert {"clock_warned", "clock_breached", "customer_reminded", "escalation_raised"} <= {e.kind for e in whole()}
    assert broken(whole(), policy=POLICY) == ()


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        (changed("clock_warned", earlier), "response:1 turned yellow at .*, before it was due"),
        (changed("clock_warned", lambda _: {"clock": "response:9"}), "response:9 turned yellow .* nothing called for"),
        (changed("customer_reminded", earlier), "reminder 1.1 at .*, before it was due"),
        (changed("customer_reminded", lambda _: {"round": 2}), "reminder 2.1 at .*, and nothing called for it"),
        (changed("customer_reminded", lambda _: {"reminder": 3}), "reminder 1.3 at .*, and nothing called for it"),
        (changed("clock_breached", earlier), "breach:response:1 at .*, before it was due"),
        (changed("escalation_raised", earlier), "escalate:service at .*, before it was due"),
        (without("clock_warned"), "clock_breached at .* went before warn:response:1"),
        (without("customer_reminded"), "went before remind:1.1"),
    ],
)
def test_a_planted_fault_is_found(events: Sequence[Event], fault: str) -> None:
    assert re.search(fault, "\n".join(broken(events, policy=POLICY))), broken(events, policy=POLICY)


def test_a_deadline_passed_by_is_found_though_all_is_well_at_the_end() -> None:
    events = without("clock_warned")
    end = replay(events, POLICY)
    assert list(has_next_deadline(end, at=end.settled_at)) == []
    assert any("went before warn:response:1" in fault for fault in broken(events, policy=POLICY))


def test_a_command_of_the_very_instant_comes_after_what_was_due_then() -> None:
    longer, shorter = (lived_under(response) for response in ("5 hours", "4 hours"))
    played = Played("engine.stall", policy=longer)
    played.send(cmd.Accept, at=T0 + 4 * HOUR, by=of("engine"))
    assert broken(played.events, policy=longer) == ()
    assert any(
        "accepted at" in fault and "went before breach" in fault for fault in broken(played.events, policy=shorter)
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda transferred: [],
        lambda transferred: [transferred.model_copy(update={"evidence": ()})],
        lambda transferred: [transferred.model_copy(update={"to": "body"})],
    ],
    ids=["never made", "without evidence", "to another"],
)
def test_a_turn_by_transfer_needs_the_transfer(spoil: Callable[[Any], list[Event]]) -> None:
    played = Played("engine.stall", policy=POLICY)
    played.send(cmd.Transfer, at=T0 + HOUR, by=of("engine"), to="chassis", note_id=NOTE, evidence=(PHOTO,))
    assert broken(played.events, policy=POLICY) == ()
    events = [each for event in played.events for each in (spoil(event) if event.kind == "transferred" else [event])]
    counted = [event.model_copy(update={"seq": seq}) for seq, event in enumerate(events, start=1)]
    assert any("never made with evidence" in fault for fault in broken(counted, policy=POLICY))


def lived_under(response: str) -> Policy:
    return a_policy(clocks={"response": response}, warned_on=[])
