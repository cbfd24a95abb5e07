"""Which department leads, and who helps."""

import pytest

from domain.ownership import Ruling
from tests.builders import a_policy

MATRIX = a_policy().matrix


@pytest.mark.parametrize(
    ("tags", "lead", "supporters", "reason"),
    [
        (("engine.stall",), "engine", (), "one tag, one owner"),
        (("engine.stall", "engine.oil"), "engine", (), "a department does not support itself"),
        (("engine.stall", "brakes.noise"), "engine", ("chassis",), "the first tag leads, the other's owner helps"),
        (("brakes.noise", "engine.stall"), "chassis", ("engine",), "the order is the ticket's"),
        (("nobody.knows", "engine.oil"), "engine", (), "an unknown tag does not hold up a known one"),
        (("noise",), "quality", ("body", "chassis"), "a grey issue has its lead and its supporters"),
        (("engine.stall", "noise"), "quality", ("body", "chassis", "engine"), "grey goes first, wherever it stands"),
        (("noise", "body.paint"), "quality", ("body", "chassis"), "nobody supports twice"),
    ],
)
def test_the_lead_and_its_supporters(
    tags: tuple[str, ...], lead: str, supporters: tuple[str, ...], reason: str
) -> None:
    ruling = MATRIX.rule(tags)
    assert isinstance(ruling, Ruling)
    assert (ruling.lead, ruling.supporters) == (lead, supporters), reason


@pytest.mark.parametrize("tags", [(), ("nobody.knows",), ("engine",)])
def test_no_known_tag_is_for_triage(tags: tuple[str, ...]) -> None:
    assert MATRIX.rule(tags) is None


@pytest.mark.parametrize(
    ("tags", "is_grey", "is_complex", "is_red_line"),
    [
        (("engine.stall",), False, False, False),
        (("noise",), True, True, False),
        (("battery.fire",), False, True, True),
        (("engine.stall", "battery.fire"), False, True, True),
    ],
)
def test_any_tag_may_make_it_grey_complex_or_red_line(
    tags: tuple[str, ...], is_grey: bool, is_complex: bool, is_red_line: bool
) -> None:
    ruling = MATRIX.rule(tags)
    assert ruling is not None
    assert (ruling.is_grey, ruling.is_complex, ruling.is_red_line) == (is_grey, is_complex, is_red_line)


def test_every_tag_has_exactly_one_owner() -> None:
    for tag in [tag for tags in MATRIX.owners.values() for tag in tags]:
        assert [owner for owner, tags in MATRIX.owners.items() if tag in tags] == [MATRIX.owner_of(tag)]
