"""The judging is the harness's eyes: each promise is broken here on purpose, and that one must show."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domain import commands as cmd
from domain.events import Event
from tests.builders import DAY, HOUR, NOTE, PHOTO, SECOND, T0, Played, of
from tests.chaos.actors import Answered
from tests.chaos.judging import PROMISES, Afterwards, Record, judged

LATE = timedelta(minutes=5)  # how long after it was received each request was got to


def played() -> Played:
    """A transfer, an acceptance and a claim that is late: the resolution clock has run out before it."""
    story = Played("engine.stall")
    acts: tuple[tuple[Any, Any, str, dict[str, Any]], ...] = (
        (cmd.Transfer, T0 + HOUR, "engine", {"to": "chassis", "evidence": (PHOTO,), "note_id": NOTE}),
        (cmd.Accept, T0 + 2 * HOUR, "chassis", {}),
        (cmd.Claim, T0 + 3 * DAY + HOUR, "chassis", {"note_id": NOTE, "root_cause": cmd.RootCause.DESIGN}),
    )
    for command, at, department, fields in acts:
        story.wait(at)
        story.send(command, at=at, now=at + LATE, by=of(department), **fields)
    return story


def whole() -> Afterwards:
    story = played()
    events, c = story.events, story.complaint
    answered = [
        Answered("T-1", message.command_id, message.kind, c.seen[message.command_id].seq, "engine", is_accepted=True)
        for message in story.messages
    ]
    record = Record(
        ticket_no="T-1",
        events=events,
        messages=story.messages,
        policy=story.policy,
        received={message.command_id: message.received_at for message in story.messages},
        workflow=c.model_dump(mode="json", exclude={"policy"}),
        projection=c,
        waiting={"ledger": 0, "crm": 0},
        written=(2, c.seq),
        unsent=0,
    )
    at = events[-1].at + SECOND
    return Afterwards(["T-1"], answered, answered[:1], [record], [], ["<1@a>", "<1@a>"], 1, at)


def but(**changes: Any) -> Afterwards:
    after = whole()
    return after._replace(records=[after.records[0]._replace(**changes)])


def with_events(change: Callable[[list[Event]], list[Event]]) -> Afterwards:
    return but(events=change(list(whole().records[0].events)))


def changed(kind: str, **values: Any) -> Afterwards:
    return with_events(
        lambda events: [event.model_copy(update=values) if event.kind == kind else event for event in events]
    )


def doubled(kind: str) -> Afterwards:
    def twice(events: list[Event]) -> list[Event]:
        event = next(event for event in events if event.kind == kind)
        spread = [copy for each in events for copy in ([each, each] if each is event else [each])]
        return [each.model_copy(update={"seq": seq}) for seq, each in enumerate(spread, start=1)]

    return with_events(twice)


def told(**changes: Any) -> Afterwards:
    after = whole()
    return after._replace(answered=[after.answered[0]._replace(**changes), *after.answered[1:]])


SPOILT: dict[str, tuple[Afterwards, str]] = {
    "a ticket nobody knows": (whole()._replace(created=["T-1", "T-2"]), "no complaint lost"),
    "a receipt for nothing": (told(seq=99), "every answered request recorded"),
    "a receipt for another event": (told(seq=1), "every answered request recorded"),
    "told yes, decided no": (told(is_accepted=False), "every answered request recorded"),
    "nobody's": (told(owner=""), "every answered request recorded"),
    "answered otherwise the second time": (
        whole()._replace(repeated=[whole().answered[0]._replace(seq=5)]),
        "nothing twice",
    ),
    "a state twice": (but(written=(2, 2)), "nothing twice"),
    "states out of order": (but(written=(3, 2)), "nothing twice"),
    "a letter nobody wrote": (whole()._replace(letters=["<1@a>", "<2@a>"]), "nothing twice"),
    "an act twice": (with_events(lambda events: [*events, events[2]]), "nothing twice"),
    "another workflow": (but(workflow={}), "ledger = workflow = projection"),
    "no projection": (but(projection=None), "ledger = workflow = projection"),
    "a CRM that knows the future": (but(written=(2, 99)), "ledger = workflow = projection"),
    "a broken chain": (whole()._replace(ledger_faults=["T-1: event 3 was changed"]), "chain and rules intact"),
    "a message lost": (but(messages=[]), "chain and rules intact"),
    "judged when it was processed": (
        but(received={key: at - HOUR for key, at in whole().records[0].received.items()}),
        "judged by when it was received",
    ),
    "a breach twice": (doubled("clock_breached"), "every deadline once, none early"),
    "a breach that is early": (
        changed("clock_breached", at=T0 + 3 * DAY - SECOND),
        "every deadline once, none early",
    ),
    "a breach that never came": (
        with_events(lambda events: [event for event in events if event.kind != "clock_breached"]),
        "every deadline once, none early",
    ),
    "a deadline passed by": (whole()._replace(at=T0 + 30 * DAY), "every deadline once, none early"),
    "an outlet that waits": (but(waiting={"crm": 2}), "everything sent"),
    "a notice that waits": (but(unsent=1), "everything sent"),
    "a CRM that heard nothing": (but(written=()), "everything sent"),
    "a history of another code": (whole()._replace(unplayable=["run 1: TMPRL1100"]), "every history replays"),
}


def test_a_whole_run_is_whole() -> None:
    after = whole()
    assert {"transferred", "clock_breached", "claimed"} <= {event.kind for event in after.records[0].events}
    assert judged(after) == dict.fromkeys(PROMISES, ())


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_is_spoilt_breaks_its_promise(spoilt: str) -> None:
    after, promise = SPOILT[spoilt]
    assert judged(after)[promise] != ()


def test_each_promise_is_spoilt_at_least_once() -> None:
    assert {promise for _, promise in SPOILT.values()} == set(PROMISES)
