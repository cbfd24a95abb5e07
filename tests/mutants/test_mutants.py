"""What `make mutants` reckons; the mutants themselves take hours."""

import pytest

from tests.mutants.run import chosen, table, wilson

NAMES = ("domain.clocks.x_start__mutmut_1", "domain.clocks.x_start__mutmut_2", "domain.fold.xǁTurnǁapply__mutmut_1")


def test_a_module_is_not_taken_for_another_that_begins_alike() -> None:
    assert chosen([*NAMES, "domain.clocks_of.x_a__mutmut_1"], modules=["domain.clocks"], sample=0, seed=1) == [
        *NAMES[:2]
    ]


def test_a_seed_draws_the_same_again() -> None:
    many = [f"domain.m.x_f__mutmut_{number}" for number in range(100)]
    drawn = chosen(many, modules=(), sample=10, seed=4)
    assert drawn == chosen(reversed(many), modules=(), sample=10, seed=4) != chosen(many, modules=(), sample=10, seed=5)
    assert len(set(drawn)) == 10


def test_the_interval_is_the_published_one() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)  # Newcombe 1998, table I, 81 of 263


def test_what_no_test_goes_through_counts_as_missed() -> None:
    told = table(dict(zip(NAMES, ("killed", "no tests", "timeout"), strict=True)))
    assert told.splitlines()[1].split() == ["domain.clocks", "2", "1"]
    assert told.splitlines()[-1].startswith(f"{'all':<32}{3:>8}{2:>7}   66.7%")
