"""How a red line stands, told from its state alone; and who sees it."""

import pytest

from domain.commands import Actor, Role
from domain.red_line_standing import Standing, is_past_a_round, looks_at_all, may_look, standing
from tests.builders import CUSTOMER, CX, LEADERSHIP, OPS, SECOND, a_complaint
from tests.domain.test_red_line import CALLING, CHIEF, DIRECTOR, OTHERS_VP, RESPONDER, T0, TEN, after, begun, order

ACKNOWLEDGED = after(begun(), order("acknowledge", DIRECTOR))
DECIDED = after(ACKNOWLEDGED, order("decide", DIRECTOR, containment="stop_sale"))


def test_it_stands_where_its_last_step_left_it() -> None:
    closed = DECIDED.model_copy(update={"closed_at": T0 + TEN})
    found = [standing(each) for each in (None, begun(), ACKNOWLEDGED, DECIDED, closed)]
    assert found == list(Standing)


def test_a_round_is_over_when_the_last_one_called_has_had_their_time() -> None:
    whole = T0 + len(CALLING.chain) * TEN
    assert not is_past_a_round(begun(), at=whole - SECOND)
    assert is_past_a_round(begun(), at=whole)
    assert not is_past_a_round(ACKNOWLEDGED, at=whole), "somebody has it"
    assert not is_past_a_round(begun().model_copy(update={"closed_at": T0}), at=whole)


@pytest.mark.parametrize("actor", [DIRECTOR, CHIEF, LEADERSHIP, OPS, CX], ids=lambda actor: actor.role)
def test_who_decides_leads_runs_or_speaks_for_the_customer_sees_all(actor: Actor) -> None:
    assert looks_at_all(actor, CALLING)
    assert may_look(actor, CALLING, None), "a drill as well, which has no complaint"


@pytest.mark.parametrize("actor", [OTHERS_VP, RESPONDER, CUSTOMER], ids=lambda actor: actor.role)
def test_others_see_their_own_alone(actor: Actor) -> None:
    assert not looks_at_all(actor, CALLING)
    assert not may_look(actor, CALLING, None)


def test_a_department_sees_that_of_its_own_complaint() -> None:
    mine, other = (Actor(role=Role.RESPONDER, department=each, id="r") for each in ("engine", "body"))
    assert may_look(mine, CALLING, a_complaint())
    assert not may_look(other, CALLING, a_complaint())
