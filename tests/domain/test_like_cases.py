"""Like cases, like pay, held against figures that were worked out by hand."""

from domain.like_cases import Case, Likeness, Paid, spreads

STALL = Likeness("money", "engine.stall", "ordinary")


def paid(*amounts: int, like: Likeness = STALL) -> list[Paid]:
    return [Paid(f"T-{number}", like, "east", fen) for number, fen in enumerate(amounts, start=1)]


def test_the_spread_of_eight_cases_worked_out_by_hand() -> None:
    """Ordered: 100 200 300 400 500 600 700 5000. The quartiles lie 1.75, 3.5 and 5.25 steps from the first:

    200 + 0.75 * 100 = 275; 400 + 0.5 * 100 = 450; 600 + 0.25 * 100 = 625. The fences are 1.5 * (625 - 275) = 525 away:
    below -250 and above 1150 stands out.
    """
    (found,) = spreads(paid(300, 5000, 100, 700, 200, 600, 400, 500), least=5, fence_percent=150)
    assert (found.median, found.quartiles, len(found.cases)) == (450, (275, 625), 8)
    assert found.outliers == (Case("T-2", ("east",), 5000),)


def test_half_a_fen_is_rounded_up() -> None:
    """The median of 1 and 2 is 1.5."""
    (found,) = spreads(paid(1, 2), least=2, fence_percent=150)
    assert (found.median, found.quartiles) == (2, (1, 2))


def test_on_the_fence_is_not_beyond_it() -> None:
    """Ordered: 0 1 2 3 x. The quartiles are 1 and 3, the upper fence 3 + 1.5 * 2 = 6."""
    assert spreads(paid(0, 1, 2, 3, 6), least=5, fence_percent=150)[0].outliers == ()
    assert [each.fen for each in spreads(paid(0, 1, 2, 3, 7), least=5, fence_percent=150)[0].outliers] == [7]


def test_too_few_are_not_compared() -> None:
    (found,) = spreads(paid(1, 2, 3, 900), least=5, fence_percent=150)
    assert (found.median, found.quartiles, found.outliers) == (3, None, ())  # 2.5, half up


def test_one_complaint_paid_in_two_parts_is_one_case_and_other_kinds_are_others() -> None:
    repair = STALL._replace(kind="warranty_repair")
    parts = [Paid("T-1", STALL, "east", 40), Paid("T-1", STALL, "west", 60), Paid("T-1", repair, "east", 7)]
    both = spreads(parts, least=5, fence_percent=150)
    assert [(each.like.kind, each.cases) for each in both] == [
        ("money", (Case("T-1", ("east", "west"), 100),)),
        ("warranty_repair", (Case("T-1", ("east",), 7),)),
    ]


def test_the_most_frequent_kind_comes_first_and_equals_by_name() -> None:
    noise, paint = STALL._replace(tag="brakes.noise"), STALL._replace(tag="body.paint")
    found = spreads([*paid(1, like=paint), *paid(1, 2), *paid(1, like=noise)], least=5, fence_percent=150)
    assert [each.like.tag for each in found] == ["engine.stall", "body.paint", "brakes.noise"]
