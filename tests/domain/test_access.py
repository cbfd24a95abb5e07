"""Whose complaint it is to know more of than the board shows."""

from typing import Any

import pytest

from domain import commands as cmd
from domain.access import Access, Permission, is_concerned
from domain.commands import Actor, Role
from domain.complaint import Complaint, Stage
from tests.builders import ARBITER, CX, HOUR, LEADERSHIP, OPS, T0, Played, of
from tests.domain.scenes import at_stage

COORDINATOR = of("service", Role.COORDINATOR)
SYSTEM, BOUND_SYSTEM = Actor(role=Role.INTEGRATION), of("body", Role.INTEGRATION)


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (of("engine"), True),  # it has it
        (of("engine", Role.VP), True),  # whatever the office
        (of("chassis"), False),
        (CX, True),  # CX speaks with every customer
        (COORDINATOR, True),  # and the service coordinator for them
        (ARBITER, False),  # there is nothing to rule on
        (LEADERSHIP, False),  # the board is enough
        (OPS, False),  # and so is the workflow
        (SYSTEM, True),
        (BOUND_SYSTEM, False),  # a key that is bound to a department sees what that department sees
    ],
)
def test_it_concerns_those_who_have_it_and_those_who_serve_every_customer(actor: Actor, expected: bool) -> None:
    assert is_concerned(at_stage(Stage.IN_WORK).complaint, actor) is expected


def test_it_concerns_those_who_were_called_in() -> None:
    played = at_stage(Stage.IN_WORK)
    assert not is_concerned(played.complaint, of("body"))
    played.send(cmd.RequestSupport, at=T0 + 2 * HOUR, by=of("engine"), department="body")
    assert is_concerned(played.complaint, of("body"))
    assert is_concerned(played.complaint, BOUND_SYSTEM)


def test_a_dispute_concerns_its_arbiter_and_those_who_are_in_it() -> None:
    disputed = at_stage(Stage.ARBITRATION).complaint
    assert is_concerned(disputed, ARBITER)
    assert is_concerned(disputed, of("engine"))
    assert not is_concerned(disputed, of("quality"))  # of the arbiter's department, and not the arbiter
    assert not is_concerned(disputed, of("chassis", Role.ARBITER))  # another's arbiter


def test_who_handed_it_on_is_not_concerned_any_more() -> None:
    played = Played()
    proof: dict[str, Any] = {"evidence": ({"kind": "photo", "sha256": "a" * 64},), "note_id": "note-" + "0" * 32}
    played.send(cmd.Transfer, at=T0 + HOUR, by=of("engine"), to="chassis", **proof)
    assert [is_concerned(played.complaint, of(each)) for each in ("engine", "chassis")] == [False, True]


@pytest.mark.parametrize(("actor", "expected"), [(CX, True), (of("engine"), False), (Actor(role=Role.VP), False)])
def test_before_it_is_dispatched_it_concerns_cx(actor: Actor, expected: bool) -> None:
    nobodys: list[Complaint | None] = [None, at_stage(Stage.TRIAGE).complaint]
    assert [is_concerned(each, actor) for each in nobodys] == [expected, expected]


def test_a_role_that_is_not_named_may_nothing() -> None:
    access = Access(roles={Role.CX: frozenset({Permission.READ})})
    assert access.of(Role.CX) == {Permission.READ}
    assert access.of(Role.OPS) == frozenset()
