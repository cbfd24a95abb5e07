"""Every state a complaint can get into, breadth first: every command, by those who may and one who may not, a minute on
and at the very instant the next deadline falls due.

From each START the depth it names is explored whole (five deep for disputes and rejections, counted from the opening):
3421 abstract states, all facts but the absolute instants, with the issue's rules 1 to 3 checked at each of them. The
numbers are asserted, so that a rule which quietly closes a way shows.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from domain import clocks, core
from domain import commands as cmd
from domain import events as e
from domain.complaint import Complaint, Stage
from domain.deadlines import next_due
from domain.invariants import broken, has_next_deadline, is_owned
from tests.builders import ARBITER, CUSTOMER, CX, NOTE, OPS, PHOTO, T0, a_policy, a_ticket, of
from tests.domain.scenes import CX_ARBITER, SERVICE

MINUTE = timedelta(minutes=1)
POLICY = a_policy(
    matrix={
        "owners": {"engine": ["engine.stall"], "chassis": ["brakes.noise"], "body": [], "quality": ["noise"]},
        "supporters": {"noise": ["body"]},
        "complex_tags": ["noise"],
        "red_line_tags": [],
    },
    verification={"unreachable_attempts": 1},
)
PROOF: dict[str, Any] = {"evidence": (PHOTO,), "note_id": NOTE}


ENGINE, CHASSIS = of("engine"), of("chassis")
HANDED_ON = (cmd.Transfer, ENGINE, {"to": "chassis", **PROOF})
CLAIMED = (cmd.Claim, ENGINE, {"note_id": NOTE, "root_cause": "design"})


class Start(NamedTuple):
    """Where an exploration begins, how deep it goes, and how many states it finds."""

    tag: str
    path: tuple[tuple[type, cmd.Actor, dict[str, Any]], ...]
    depth: int
    states: int


STARTS = {
    "dispatched": Start("engine.stall", (), 3, 1463),
    "grey": Start("noise", (), 2, 125),
    "in triage": Start("nobody.knows", (), 2, 120),
    "contested": Start("engine.stall", (HANDED_ON, (cmd.Contest, CHASSIS, PROOF)), 3, 726),
    "sent back": Start("engine.stall", (HANDED_ON, (cmd.Transfer, CHASSIS, {"to": "engine", **PROOF})), 2, 125),
    "rejected": Start(
        "engine.stall", (CLAIMED, (cmd.CustomerReply, CUSTOMER, {"answer": "reject", "round": 1})), 3, 862
    ),
}


class State(NamedTuple):
    complaint: Complaint
    events: tuple[e.Event, ...]
    now: datetime


def asked(c: Complaint) -> Iterator[tuple[type, cmd.Actor, dict[str, Any]]]:
    """Every command by whoever holds the complaint now, and what is everybody else's to give."""
    owner = of(c.owner)
    arbiter = CX_ARBITER if c.desk == "cx" else ARBITER
    yield cmd.Accept, owner, {}
    for to in ("engine", "chassis", "body"):
        yield cmd.Transfer, owner, {"to": to, **PROOF}
        yield cmd.Arbitrate, arbiter, {"owner": to}
    yield cmd.Transfer, owner, {"to": "body"}
    yield cmd.Contest, owner, PROOF
    yield cmd.RequestSupport, owner, {"department": "quality"}
    yield cmd.PostProgress, CX, {"note_id": NOTE}
    yield cmd.Claim, owner, {"note_id": NOTE, "root_cause": "design"}
    for by in (CUSTOMER, owner):
        for answer in ("confirm", "reject"):
            yield cmd.CustomerReply, by, {"answer": answer, "round": max(1, len(c.claims))}
    for by in (CX, owner):
        yield cmd.RecordVerificationCall, by, {"outcome": "unreached"}
        yield cmd.CloseUnreachable, by, {}
        yield cmd.Withdraw, by, {}
    yield cmd.MergeInto, CX, {"ticket_no": "T-2"}
    for by in (CX, SERVICE):
        yield cmd.Escalate, by, {}
    yield cmd.Acknowledge, SERVICE, {"level": "service"}
    for tag in ("engine.stall", "brakes.noise", "noise"):
        yield cmd.Reclassify, CX, {"tags": (tag,)}
    yield cmd.AdoptPolicy, OPS, {"policy": POLICY.model_copy(update={"version": "test+2", "hop_limit": 1})}


def key(state: State) -> tuple[Any, ...]:
    """All that distinguishes a state but when it was reached."""
    c = state.complaint
    due = next_due(c)
    return (
        c.stage,
        c.policy.version,
        c.tags,
        c.is_complex,
        tuple((h.department, h.origin, h.supporters, h.is_grey, h.response, h.deemed_at is None, h.left_at is None,
               h.handed_to, h.is_refuted, h.is_void, h.responded_at is None) for h in c.hops),
        (c.dispute.why, c.dispute.arbiter, c.dispute.proposed) if c.dispute else None,
        tuple((claim.department, claim.verdict, claim.reminders, len(claim.calls)) for claim in c.claims),
        frozenset(breach.clock for breach in c.breaches if not breach.clock.startswith("progress")),
        frozenset((raised.level, raised.acknowledged_at is None) for raised in c.escalations),
        c.closing,
        due.rule.rpartition(":")[0] if due else None,
        frozenset(clock.kind for clock in clocks.running(c) if clock.due_at <= state.now),
    )  # fmt: skip


def after(state: State) -> Iterator[State]:
    due = next_due(state.complaint)
    instants = [state.now + MINUTE, *([due.due_at] if due else [])]
    for now in instants:
        for number, (kind, by, fields) in enumerate(asked(state.complaint)):
            command_id = f"{len(state.events)}-{number}"
            message = kind(command_id=command_id, received_at=now, actor=by, **fields)
            outcome = core.take(state.complaint, message, now=now)
            yield State(outcome.complaint, state.events + outcome.events, now)


def faults(state: State) -> list[str]:
    """Rules 1 to 3 of the issue at this state; the histories' own checks look at every event that led here."""
    c = state.complaint
    found = [*has_next_deadline(c, at=state.now), *broken(state.events, policy=POLICY, settled_until=state.now)]
    if not is_owned(c):
        found.append("unowned")
    closed = next((event for event in state.events if event.kind == "closed"), None)
    if (closed is not None) != (c.stage is Stage.CLOSED):
        found.append("closed without an event, or open with one")
    if closed:
        found += closed_wrongly(closed, state.events)
    return found


def closed_wrongly(closed: Any, events: tuple[e.Event, ...]) -> Iterator[str]:
    before = [event for event in events if event.seq < closed.seq]
    claim = next((event for event in reversed(before) if event.kind == "claimed"), None)
    calls = [event for event in before if event.kind == "call_recorded"]
    if claim and claim.actor and closed.actor.department == claim.actor.department:
        yield "closed by those who claimed"
    if closed.how == "confirmed" and before[-1].kind != "claim_confirmed":
        yield "closed without the customer's word"
    if closed.how == "unreachable" and not (claim and calls and calls[-1].seq > claim.seq):
        yield "closed as unreachable without a call"
    if closed.actor.role not in (cmd.Role.CUSTOMER, cmd.Role.CX):
        yield "closed by nobody who may"


def begun(start: Start) -> State:
    opening = core.open_complaint(a_ticket(start.tag), policy=POLICY, now=T0)
    state = State(opening.complaint, opening.events, T0)
    for number, (kind, by, fields) in enumerate(start.path):
        now = state.now + MINUTE
        message = kind(command_id=f"start-{number}", received_at=now, actor=by, **fields)
        outcome = core.take(state.complaint, message, now=now)
        assert outcome.receipt
        assert outcome.receipt.accepted
        state = State(outcome.complaint, state.events + outcome.events, now)
    return state


def explore(start: Start) -> tuple[Counter[str], int]:
    frontier = [begun(start)]
    seen = {key(frontier[0])}
    wrong: Counter[str] = Counter()
    for _ in range(start.depth):
        found: dict[tuple[Any, ...], State] = {}
        for state in frontier:
            for each in after(state):
                name = key(each)
                if name not in seen and name not in found:
                    found[name] = each
        for state in found.values():
            wrong.update(faults(state))
        seen |= set(found)
        frontier = [state for state in found.values() if state.complaint.stage is not Stage.CLOSED]
    return wrong, len(seen)


@pytest.mark.parametrize("name", STARTS)
def test_rules_one_to_three_hold_at_every_state(name: str) -> None:
    wrong, states = explore(STARTS[name])
    assert not wrong
    assert states == STARTS[name].states


def test_the_docstring_says_how_many_states_are_seen() -> None:
    assert f"{sum(start.states for start in STARTS.values())} abstract states" in str(__doc__)


def test_a_closed_complaint_is_left_alone() -> None:
    closed = begun(
        STARTS["rejected"]._replace(path=(CLAIMED, (cmd.CustomerReply, CUSTOMER, {"answer": "confirm", "round": 1})))
    )
    assert {state.complaint.stage for state in after(closed)} == {Stage.CLOSED}
    assert {event.kind for state in after(closed) for event in state.events[len(closed.events) :]} == {
        "command_refused"
    }
