"""Random commands by random people at random instants, late, twice and unreadable: what must hold, holds at every step.

`Life.check` and `Life.finish` (tests/domain/histories.py) say what that is. The second half plants faults in the core
and demands that the same checks find each of them, so that a check which has gone blind fails too.
"""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import clocks, core, deadlines, fold
from domain import commands as cmd
from domain import events as e
from domain.complaint import Complaint
from domain.messages import Malformed, Message
from domain.rules import closure, response, table, voices
from domain.turns import Turn
from tests.builders import HOUR
from tests.domain.histories import LIMITS, BrokenPromiseError, Life, live, scripts
from tests.planted.faults import PLANTED

STEP = st.tuples(*(st.integers(0, limit - 1) for limit in LIMITS))


@settings(max_examples=120, deadline=None)
@given(st.lists(STEP, min_size=2, max_size=24))
def test_what_must_hold_holds_in_any_life(steps: list[tuple[int, int, int, int, int, int]]) -> None:
    live(steps)


@pytest.mark.parametrize("seed", range(4))
def test_what_must_hold_holds_in_long_lives(seed: int) -> None:
    for script in scripts(seed, count=20, length=22):
        live(script)


def test_the_lives_reach_what_they_are_to_test() -> None:
    """A generator that has gone dull proves nothing: everything that can happen does, in these few lives."""
    happened: set[str] = set()
    for script in scripts(11, count=150, length=18):
        life = Life(script[0])
        for step in script[1:]:
            life.play(step)
        happened |= {event.kind for event in life.events}
        happened |= {f"{event.kind}:{event.why}" for event in life.events if event.kind == "arbitration_opened"}
        happened |= {f"refuted:{hop.is_refuted}" for hop in life.complaint.hops}
        happened |= {f"closed:{event.how}" for event in life.events if event.kind == "closed"}
    kinds = {kind.model_fields["kind"].default for kind in e.Event.__args__[0].__args__}
    assert kinds - happened == {"notice_failed"}, "an outlet's, not a person's"
    assert {f"arbitration_opened:{why}" for why in e.DisputeCause} <= happened
    assert {"refuted:True", "closed:confirmed", "closed:withdrawn", "closed:merged"} <= happened


def rejection_that_resumes_where_it_should_unstop(monkeypatch: pytest.MonkeyPatch) -> None:
    def always(c: Complaint) -> tuple[clocks.Stretch, ...]:
        return tuple((claim.claimed_at, claim.decided_at) for claim in c.claims if claim.decided_at)

    monkeypatch.setattr(clocks, "stops", always)


def breach_an_hour_late(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = deadlines.settle
    monkeypatch.setattr(deadlines, "settle", lambda turn, until: honest(turn, until=until - HOUR))


def breach_an_hour_early(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = deadlines.next_due

    def early(c: Complaint) -> deadlines.Deadline | None:
        due = honest(c)
        return due._replace(due_at=due.due_at - HOUR) if due else None

    monkeypatch.setattr(deadlines, "next_due", early)


def ping_pong_without_the_arbiter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "needs_arbitration", lambda c, to: None)


def refuted_transfer_that_was_an_answer_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response, "_unstop_response", lambda turn, hop: None)


def claimant_who_may_close(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = table.RULES[cmd.CustomerReply]
    monkeypatch.setitem(table.RULES, cmd.CustomerReply, rule._replace(voice=voices.anyone))
    monkeypatch.setitem(table.RULES, cmd.CloseUnreachable, rule._replace(voice=voices.anyone, decide=closure.withdraw))


def transfer_that_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Turn.record

    def forgetful(turn: Turn, event: object, **facts: object) -> None:
        if event is not e.Transferred:
            honest(turn, event, **facts)  # type: ignore[arg-type]

    monkeypatch.setattr(Turn, "record", forgetful)


def command_that_acts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = core.take

    def forgetful(c: Complaint, message: Message, *, now: datetime) -> core.Outcome:
        return honest(c if isinstance(message, Malformed) else c.but(seen={}), message, now=now)

    monkeypatch.setattr(core, "take", forgetful)


def fold_that_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = fold.replay
    monkeypatch.setattr("tests.domain.histories.replay", lambda *a: honest(*a).but(claims=()))


def silence_that_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = deadlines._fire

    def tired(turn: Turn, due: deadlines.Deadline) -> None:
        honest(turn, due)
        if due.rule.startswith("remind:"):
            turn.record(e.Closed, how=e.Closing.CONFIRMED)

    monkeypatch.setattr(deadlines, "_fire", tired)


def supporters_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "_charged", lambda c, clock: {clock.holder: 10_000})


FAULTS = [
    *PLANTED,
    rejection_that_resumes_where_it_should_unstop,
    breach_an_hour_late,
    breach_an_hour_early,
    ping_pong_without_the_arbiter,
    refuted_transfer_that_was_an_answer_after_all,
    claimant_who_may_close,
    transfer_that_is_not_recorded,
    command_that_acts_twice,
    fold_that_forgets,
    silence_that_closes,
    supporters_spared,
]


@pytest.fixture(params=FAULTS, ids=lambda fault: fault.__name__)
def planted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    request.param(monkeypatch)
    return str(request.param.__name__)


def test_a_planted_fault_is_found(planted: str) -> None:
    with pytest.raises((BrokenPromiseError, ValueError)):
        live_them_all(5, count=200)


def live_them_all(seed: int, *, count: int) -> None:
    for script in scripts(seed, count=count, length=18):
        live(script)
