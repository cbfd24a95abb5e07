"""The one decision path: answered or recorded, once, and never by an exception."""

import json
from datetime import datetime

import pytest
from pydantic import ValidationError

from domain import commands as cmd
from domain import core, fold
from domain.complaint import MOST_SEEN, Complaint, Stage
from domain.invariants import broken
from domain.messages import Malformed, read
from domain.ticket import Ticket
from tests.builders import HOUR, T0, Played, a_policy
from tests.domain.scenes import COMMANDS, ENGINE, VALID, ask, at_stage


@pytest.mark.parametrize("kind", COMMANDS)
@pytest.mark.parametrize("stage", [Stage.DISPATCHED, Stage.VERIFICATION])
def test_a_repeated_command_gets_its_first_answer_and_does_nothing(kind: type, stage: Stage) -> None:
    played = at_stage(stage)
    first = ask(played, kind).receipt
    seq = played.complaint.seq
    again = core.take(played.complaint, played.messages[-1], now=T0 + 900 * HOUR)
    assert first
    assert again.receipt
    assert again.receipt == first.model_copy(update={"is_duplicate": True})
    assert (again.events, again.receipt.is_duplicate, again.complaint.seq) == ((), True, seq)


def test_to_the_core_the_same_id_is_the_same_command() -> None:
    played = at_stage(Stage.DISPATCHED)
    played.send(cmd.Accept, at=T0 + HOUR, by=ENGINE, command_id="once")
    other = played.send(cmd.Withdraw, at=T0 + HOUR, by=VALID[cmd.Withdraw][1], command_id="once")
    assert other.events == ()
    assert played.complaint.stage is Stage.IN_WORK


def test_a_repeated_command_is_told_where_it_had_left_the_complaint_then() -> None:
    played = at_stage(Stage.DISPATCHED)
    first = ask(played, cmd.Accept).receipt
    accept = played.messages[-1]
    ask(played, cmd.Claim, at=T0 + 3 * HOUR)
    again = core.take(played.complaint, accept, now=T0 + 4 * HOUR).receipt
    assert (played.complaint.stage, again and again.stage) == (Stage.VERIFICATION, Stage.IN_WORK)
    assert again == (first and first.model_copy(update={"is_duplicate": True}))


def test_what_an_earlier_release_kept_of_a_command_is_still_understood() -> None:
    played = at_stage(Stage.IN_WORK)
    carried = played.complaint.model_dump(mode="json")
    carried["seen"] = {key: list(seen)[:2] for key, seen in carried["seen"].items()}
    complaint = Complaint.model_validate_json(json.dumps(carried))
    receipt = core.take(complaint, played.messages[-1], now=T0 + 4 * HOUR).receipt
    assert receipt
    assert (receipt.is_duplicate, receipt.stage, receipt.owner) == (True, Stage.IN_WORK, complaint.owner)


def test_a_complaint_remembers_its_newest_commands_and_no_more_than_it_can_carry() -> None:
    played = at_stage(Stage.IN_WORK)
    for number in range(MOST_SEEN + 1):
        played.send(cmd.Accept, at=T0 + 2 * HOUR, by=ENGINE, command_id=f"f{number}")
    assert list(played.complaint.seen) == [f"f{number}" for number in range(1, MOST_SEEN + 1)]


@pytest.mark.parametrize("stage", Stage)
def test_an_unreadable_message_is_recorded_at_any_stage_and_moves_nothing(stage: Stage) -> None:
    played = at_stage(stage)
    message = read("transfer", {"words": "he shouted"}, received_at=T0 + 2 * HOUR)
    assert isinstance(message, Malformed)
    outcome = core.take(played.complaint, message, now=T0 + 2 * HOUR)
    assert [event.kind for event in outcome.events][-1] == "message_rejected"
    assert outcome.receipt is None
    assert (outcome.complaint.stage, outcome.complaint.owner) == (stage, played.complaint.owner)


@pytest.mark.parametrize("stage", Stage)
def test_a_notice_that_was_given_up_is_recorded(stage: Stage) -> None:
    outcome = core.notice_failed(at_stage(stage).complaint, "T-1:2:0", now=T0 + 2 * HOUR)
    assert outcome.events[-1].kind == "notice_failed"


@pytest.mark.parametrize(
    "received_at",
    ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z"],
)
def test_an_instant_no_clock_could_count_from_is_recorded_as_unreadable(received_at: str) -> None:
    played = Played("engine.stall")
    raw = {"command_id": "a", "actor": ENGINE.model_dump(), "received_at": received_at}
    message = read("accept", raw, received_at=T0)
    outcome = core.take(played.complaint, message, now=T0 + HOUR)
    assert [event.kind for event in outcome.events] == ["message_rejected"]
    assert T0 <= outcome.events[0].at <= T0 + HOUR


def test_events_carry_who_and_why() -> None:
    played = at_stage(Stage.VERIFICATION)
    played.wait(T0 + 30 * HOUR)
    for event in played.events:
        assert event.cause
        assert (event.actor is None) is (event.cause == "ticket" or ":" in event.cause)


def test_the_fold_takes_only_the_next_event() -> None:
    played = at_stage(Stage.IN_WORK)
    with pytest.raises(ValueError, match="cannot follow"):
        fold.apply(played.complaint, played.events[1])
    with pytest.raises(ValueError, match="first event is its opening"):
        fold.replay(played.events[1:], played.policy)
    assert fold.replay(played.events, played.policy) == played.complaint


def test_a_ticket_from_the_future_is_taken_as_it_comes() -> None:
    facts = Ticket(ticket_no="T-9", created_at=T0 + HOUR).facts(received_at=T0, matrix=a_policy().matrix)
    assert facts.created_at == T0
    assert isinstance(facts.created_at, datetime)


def test_only_tags_that_the_matrix_knows_leave_the_ticket() -> None:
    ticket = Ticket(ticket_no="T-9", created_at=T0, tags=("13955556666", "engine.stall", "王五 lsvzzz4182e2199887"))
    assert ticket.facts(received_at=T0, matrix=a_policy().matrix).tags == ("engine.stall",)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", "赵六 13911112222"),
        ("channel", "x" * 33),
        ("risk_level", True),
        ("created_at", 1772413200),
        ("created_at", "9999-12-31T23:59:59-12:00"),
        ("created_at", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_a_ticket_says_what_it_means_in_the_form_it_is_meant(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Ticket.model_validate({"ticket_no": "T-9", "created_at": T0.isoformat(), field: value})


def test_a_machine_whose_clock_is_behind_turns_nothing_back() -> None:
    played = at_stage(Stage.IN_WORK)
    ask(played, cmd.PostProgress, at=T0, now=T0 - HOUR)
    news = played.all("progress_posted")[0]
    assert news.at == news.noticed_at == T0 + HOUR
    assert broken(played.events, policy=played.policy) == ()


def test_the_rules_get_all_of_a_ticket_that_they_need() -> None:
    said = {"channel": "dealer", "tier": "vip", "risk_level": 3, "is_complex": True, "tags": ("engine.stall",)}
    facts = Ticket(ticket_no="T-9", created_at=T0, **said).facts(received_at=T0 + HOUR, matrix=a_policy().matrix)  # type: ignore[arg-type]
    assert {name: getattr(facts, name) for name in said} == said
    assert (facts.created_at, facts.received_at) == (T0, T0 + HOUR)
