"""Whom other rules would touch, told before anybody adopts them."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.adopting import adoption
from domain.commands import AdoptPolicy
from domain.policy import Policy
from tests.builders import DAY, HOUR, OPS, T0, Played, a_policy
from tests.domain.scenes import ask

KNOWN = {**a_policy().calendar.model_dump(), "years": (2026,)}


def another(**changes: Any) -> Policy:
    return a_policy(**{"version": "test+2", **changes})


@pytest.mark.parametrize(
    ("changes", "after", "lights", "moved", "reason"),
    [
        ({}, HOUR, ("green", "green"), False, "other rules, the same clock"),
        ({"clocks": {"response": "2 hours"}}, 3 * HOUR, ("yellow", "red"), True, "less time than has gone by"),
        ({"clocks": {"response": "9 hours"}}, 3 * HOUR, ("yellow", "green"), True, "and more than that"),
        ({"yellow_share": "9/10"}, HOUR, ("green", "yellow"), False, "the same instant in another light"),
    ],
)
def test_who_turns_and_whose_due_instant_moves(
    changes: dict[str, Any], after: timedelta, lights: tuple[str, str], moved: bool, reason: str
) -> None:
    found = adoption(Played().complaint, another(**changes), at=T0 + after)
    assert found
    assert (found.light, found.light_then) == lights, reason
    assert (found.due_at != found.due_at_then) is moved, reason
    assert found.changes is (moved or lights[0] != lights[1]), reason
    assert found.department == "engine"


def test_what_is_foretold_is_what_comes_of_adopting() -> None:
    played, policy = Played(), another(clocks={"response": "9 hours"})
    foretold = adoption(played.complaint, policy, at=T0)
    played.send(AdoptPolicy, at=T0 + HOUR, by=OPS, policy=policy)
    assert foretold
    assert adoption(played.complaint, policy, at=T0 + HOUR) is None, "it lives under them"
    breached = played.wait(T0 + DAY).events
    assert foretold.due_at_then in [getattr(event, "due_at", None) for event in breached]


def test_days_off_that_are_announced_make_a_provisional_instant_a_firm_one() -> None:
    clocks = {"response": "4 working_hours", "resolution_ordinary": "4 working_hours"}
    late = T0.replace(month=12, day=31, hour=8)  # Thursday, 16:00 in Shanghai
    before = another(version="test+1", clocks=clocks, calendar=KNOWN)
    announced = {**KNOWN, "years": (2026, 2027), "holidays": (date(2027, 1, 1),)}
    found = adoption(Played(policy=before, at=late).complaint, another(clocks=clocks, calendar=announced), at=late)
    assert found
    assert (found.is_provisional, found.is_provisional_then) == (True, False)
    assert found.due_at
    assert found.due_at_then == found.due_at + 3 * DAY, "from Friday to Monday, for New Year's Day is off"


def test_who_could_not_adopt_them_is_told() -> None:
    matrix = a_policy().matrix.model_dump()
    del matrix["owners"]["engine"]
    played = Played()
    found = adoption(played.complaint, another(matrix=matrix), at=T0)
    assert found
    assert found.refused
    receipt = ask(played, AdoptPolicy, policy=another(matrix=matrix)).receipt
    assert receipt
    assert not receipt.accepted
