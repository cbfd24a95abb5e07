"""Decision-makers are called until one acknowledges; only they decide and close."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.commands import Actor, Role
from domain.red_line import Calling, Origin, RedLine, Refused, Source, What, begin, not_reached, post_of, settle, take
from domain.red_line import Order as AnOrder

T0 = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)  # two in the morning in Shanghai
TEN = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
CHAIN = ("quality.director", "quality.vp", "leadership")
CALLING = Calling(chain=CHAIN, each=TEN, decide_within=6 * TEN)
DIRECTOR = Actor(role=Role.DIRECTOR, department="quality", id="d-1")
VP = Actor(role=Role.VP, department="quality", id="vp-1")
CHIEF = Actor(role=Role.LEADERSHIP, id="chief")
OTHERS_VP = Actor(role=Role.VP, department="chassis", id="vp-2")
RESPONDER = Actor(role=Role.RESPONDER, department="quality", id="r-1")


def begun(*, ticket_no: str = "T-1") -> RedLine:
    origin = Origin(
        id=ticket_no, ticket_no=ticket_no, source=Source.WORDS, matters=("fire",), opened_at=T0, calling=CALLING
    )
    return begin(origin, at=T0).red_line


def order(act: str, by: Actor, **more: Any) -> AnOrder:
    return AnOrder.model_validate({"command_id": f"{act}-{by.id}-{more}", "act": act, "actor": by, **more})


def called(red_line: RedLine, *, until: datetime) -> list[tuple[str, ...]]:
    """Whom it calls from now on, as time passes."""
    found = []
    while red_line.next_call_at and red_line.next_call_at <= until:
        step = settle(red_line, at=red_line.next_call_at)
        found += [each.posts for each in step.happened]
        red_line = step.red_line
    return found


def after(red_line: RedLine, *orders: AnOrder, at: datetime = T0) -> RedLine:
    for each in orders:
        step = take(red_line, each, at=at)
        assert step.refused == ""
        red_line = step.red_line
    return red_line


def test_the_first_is_called_at_once_then_each_in_turn_then_all_again_and_again() -> None:
    red_line = begun()
    assert red_line.calls == 1
    rest = called(red_line, until=T0 + 5 * TEN)
    assert rest == [("quality.vp",), ("leadership",), CHAIN, CHAIN, CHAIN]


def test_who_acknowledges_ends_the_calling() -> None:
    red_line = after(begun(), order("acknowledge", VP), order("decide", VP, containment="stop_sale"))
    assert red_line.acknowledged_by == "vp-1"
    assert called(red_line, until=T0 + timedelta(days=30)) == []


def test_acknowledged_and_undecided_all_are_called_again() -> None:
    red_line = after(begun(), order("acknowledge", VP))
    assert called(red_line, until=T0 + 6 * TEN) == [CHAIN]


def test_after_an_outage_one_call_is_made_and_not_each_that_was_missed() -> None:
    step = settle(begun(), at=T0 + 12 * TEN)
    assert [each.posts for each in step.happened] == [("quality.vp",)]
    assert step.red_line.next_call_at == T0 + 13 * TEN


def test_when_nothing_takes_the_call_the_next_is_called_at_once() -> None:
    step = not_reached(begun(), ("quality.director",), at=T0)
    assert [each.what for each in step.happened] == [What.NOT_REACHED]
    assert step.red_line.next_call_at == T0


def test_when_all_are_called_and_one_is_not_reached_the_others_have_their_time() -> None:
    red_line = begun()
    for _ in range(3):
        assert red_line.next_call_at
        red_line = settle(red_line, at=red_line.next_call_at).red_line
    assert not_reached(red_line, ("quality.director",), at=T0).red_line.next_call_at == red_line.next_call_at


@pytest.mark.parametrize("actor", [OTHERS_VP, RESPONDER, Actor(role=Role.CX, department="cx"), Actor(role=Role.OPS)])
@pytest.mark.parametrize("act", ["acknowledge", "decide", "close"])
def test_nobody_but_the_decision_makers_and_leadership_may(actor: Actor, act: str) -> None:
    more = {"decide": {"containment": "not_needed"}, "close": {"review": "no_defect", "note_id": "n"}}.get(act, {})
    step = take(after(begun(), order("acknowledge", VP)), order(act, actor, **more), at=T0)
    assert (step.refused, step.happened) == (Refused.NOT_A_DECISION_MAKER, ())


def test_it_is_closed_after_a_decision_with_a_reason_and_the_reviews_outcome() -> None:
    close = order("close", CHIEF, review="defect", note_id="note-1")
    assert take(begun(), close, at=T0).refused == Refused.NOT_ACKNOWLEDGED
    acknowledged = after(begun(), order("acknowledge", DIRECTOR))
    assert take(acknowledged, close, at=T0).refused == Refused.UNDECIDED
    closed = after(acknowledged, order("decide", DIRECTOR, containment="stop_drive"), close)
    assert closed.review == "defect"
    again = close.model_copy(update={"command_id": "another"})
    assert take(closed, again, at=T0).refused == Refused.CLOSED


@pytest.mark.parametrize(
    "more",
    [
        {"act": "close", "review": "defect"},  # no reason
        {"act": "close", "note_id": "n"},  # no outcome
        {"act": "decide"},  # nothing decided
        {"act": "acknowledge", "containment": "stop_sale"},
    ],
)
def test_an_order_that_lacks_something_is_none(more: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        AnOrder.model_validate({"command_id": "c", "actor": VP, **more})


def test_the_same_order_again_changes_nothing() -> None:
    decide = order("decide", VP, containment="field_team")
    red_line = after(begun(), order("acknowledge", VP), decide)
    assert take(red_line, decide, at=T0 + TEN).happened == ()


def test_a_drill_has_no_ticket_and_a_tickets_red_line_is_no_drill() -> None:
    drill = {"id": "drill-1", "source": "drill", "matters": (), "opened_at": T0, "calling": CALLING}
    assert Origin.model_validate(drill).is_drill
    for wrong in ({"ticket_no": "T-1"}, {"source": "words"}, {"id": "T-1"}):
        with pytest.raises(ValidationError):
            Origin.model_validate({**drill, **wrong})


def test_whom_nothing_reaches_is_passed_over_as_long_as_each_is_called_alone() -> None:
    last = begun().model_copy(update={"calls": len(CHAIN)})
    step = not_reached(last, (CHAIN[-1],), at=T0 + SECOND)
    assert step.red_line.next_call_at == T0 + SECOND
    again = begun().model_copy(update={"calls": len(CHAIN) + 1})
    assert not_reached(again, (CHAIN[-1],), at=T0 + SECOND).red_line.next_call_at == T0 + TEN


def test_leadership_decides_without_standing_in_the_chain() -> None:
    assert post_of(CHIEF, Calling(chain=("quality.vp",), each=TEN, decide_within=TEN)) == "leadership"
    assert post_of(VP, CALLING) == "quality.vp"
    assert post_of(OTHERS_VP, CALLING) == ""


def test_each_happening_has_the_next_number_and_a_closed_one_calls_nobody_more() -> None:
    decided = after(begun(), order("acknowledge", VP), order("decide", VP, containment="stop_sale"))
    step = take(decided, order("close", VP, review="no_defect", note_id="n"), at=T0 + TEN)
    assert [each.seq for each in step.happened] == [decided.seq + 1]
    assert step.red_line.seq == decided.seq + 1
    assert step.red_line.next_call_at is None


def test_closing_tells_by_whom_why_and_what_was_found() -> None:
    decided = after(begun(), order("acknowledge", VP), order("decide", VP, containment="stop_sale"))
    (closing,) = take(decided, order("close", VP, review="no_defect", note_id="n"), at=T0 + TEN).happened
    assert (closing.review, closing.note_id, closing.by, closing.post) == ("no_defect", "n", "vp-1", "quality.vp")


def test_nobody_to_reach_changes_nothing() -> None:
    assert not_reached(begun(), (), at=T0).red_line == begun()
