"""access.toml: what is wrong with it is told by line, and a person's groups become one seat."""

from pathlib import Path

import pytest

from domain.access import Permission
from domain.commands import Role
from policy.access import Seat
from policy.checking import check
from policy.reading import load
from tests.policy.folders import edited, line_of, where

OPS = 'name = "vocloop-ops"\nrole = "ops"'
DEALER = 'dealer = ["read", "act", "open_tickets"]'
ARBITER = 'role = "arbiter"\ndepartment = "quality"'


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        (DEALER, 'dealer = ["read", "fly"]', "fly", "should be 'read', 'act'"),
        (DEALER, "", None, "roles without a line: dealer"),
        (DEALER, f"{DEALER}\ncustomer = []", None, "nobody signs in as customer"),
        (DEALER, 'dealer = ["read", "on_behalf"]', None, "dealer may not speak on behalf of others"),
        (OPS, 'name = "vocloop-ops"\nrole = "boss"', '"boss"', "should be 'responder'"),
        (OPS, 'name = "vocloop-ops"\nrole = "customer"', None, "nobody signs in as customer"),
        (OPS, 'name = "vocloop-ops"\nrole = "vp"', None, "a vp is of a department"),
        (OPS, 'name = "a-{department}"\nrole = "vp"\ndepartment = "body"', None, "take `department` out"),
        (ARBITER, ARBITER.replace("quality", "qualty"), "qualty", "'qualty', which is no department"),
        (OPS, 'name = "vocloop-cx"\nrole = "ops"', None, "vocloop-cx and vocloop-cx are both vocloop-cx"),
        (OPS, 'name = "vocloop-body-vp"\nrole = "ops"', None, "are both vocloop-body-vp"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: str | None, sentence: str
) -> None:
    folder = edited(tmp_path, "access.toml", old, new)
    fault = next(fault for fault in check(folder) if sentence in fault.sentence)
    assert where(fault)[0] == "access.toml"
    assert line is None or where(fault)[1] == line_of(folder / "access.toml", line)


@pytest.mark.parametrize(
    ("groups", "seat"),
    [
        (["vocloop-powertrain-responder"], Seat(Role.RESPONDER, "powertrain")),
        (["vocloop-body-responder", "vocloop-body-manager"], Seat(Role.MANAGER, "body")),  # the higher office
        (["vocloop-cx", "vocloop-ops"], Seat(Role.OPS, "")),  # whichever stands first in the file
        (["vocloop-arbiter"], Seat(Role.ARBITER, "quality")),
        (["vocloop-nowhere-responder"], None),  # there is no such department
        (["VOCLOOP-CX", "vocloop-cx "], None),  # a group is what it is called, to the letter
        ([], None),
    ],
)
def test_a_persons_groups_make_them_one_thing(groups: list[str], seat: Seat | None) -> None:
    assert load().seat_of(groups) == seat


def test_the_roles_that_ship_need_what_they_have() -> None:
    access = load().access
    sees = {role for role in Role if Permission.SEE_PERSONAL in access.of(role)}
    assert sees == {Role.RESPONDER, Role.MANAGER, Role.CX, Role.ARBITER, Role.COORDINATOR}
    keepers = {role for role in Role if Permission.MANAGE_KEYS in access.of(role)}
    assert keepers == {Role.OPS}
    watchers = {role for role in Role if Permission.READ_DISCLOSURES in access.of(role)}
    assert watchers == {Role.LEADERSHIP, Role.OPS}
