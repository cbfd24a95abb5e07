from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain.vehicle import VehicleFacts
from policy.checking import check
from policy.faults import PolicyError
from policy.reading import load
from policy.sources import SHIPPED
from policy.statutory import load_statutes
from tests.policy.folders import a_copy

TEXT = (SHIPPED / "statutes/cn_three_guarantees_2021.toml").read_text(encoding="utf-8")


def a_folder(path: Path, **files: str) -> Path:
    (path / "statutes").mkdir()
    for name, text in files.items():
        (path / "statutes" / f"{name}.toml").write_text(text, encoding="utf-8")
    return path


def test_what_ships_says_its_source_and_that_no_lawyer_has_confirmed_it() -> None:
    (pack,) = load_statutes().packs
    assert "43" in pack.source
    assert pack.confirmed_by == ""
    assert pack.version.startswith("cn_three_guarantees_2021+")


def test_its_failures_are_fault_tags_that_the_matrix_knows() -> None:
    (pack,) = load_statutes().packs
    assert all(load().tag(code) for code in pack.failures)


def test_another_figure_is_another_version(tmp_path: Path) -> None:
    own = load_statutes(a_folder(tmp_path, mine=TEXT.replace("km = 50_000", "km = 80_000")))
    assert own.packs[0].version != load_statutes().packs[0].version


@pytest.mark.parametrize(
    ("first_day", "at", "expected"),
    [
        (date(2021, 12, 31), 2023, None),  # sold under the regulation before
        (date(2022, 1, 1), 2023, "cn_three_guarantees_2021"),
        (date(2029, 1, 1), 2030, "later"),
        (date(2024, 1, 1), 2030, "cn_three_guarantees_2021"),  # a vehicle keeps the statute it was sold under
        (None, 2030, "later"),
    ],
)
def test_a_vehicle_has_the_statute_of_its_first_day(
    tmp_path: Path, first_day: date | None, at: int, expected: str | None
) -> None:
    later = TEXT.replace('id = "cn_three_guarantees_2021"', 'id = "later"').replace("2022-01-01", "2028-01-01")
    statutes = load_statutes(a_folder(tmp_path, one=TEXT, two=later))
    pack = statutes.of(VehicleFacts(delivered_on=first_day), at=datetime(at, 6, 1, tzinfo=UTC))
    assert (pack.id if pack else None) == expected


@pytest.mark.parametrize(
    ("was", "is_now", "sentence"),
    [
        ("more_than = 30", "more_then = 30", r"toml:\d+: clause.a24_4_days.more_then is not a key"),
        ("more_than = 30", "more_than = 30\nat_least = 31", r"toml:\d+: .*either `more_than` or `at_least`"),
        ("near_from = 25", "near_from = 31", r"toml:\d+: .*comes before the threshold"),
        ("years = 2", "years = 2\ndays = 730", r"toml:\d+: .*either `years` or `days`"),
        ('"Asia/Shanghai"', '"Asia/Shanghigh"', "is no time zone"),
        ('"10 working_days"', '"10 workdays"', "a unit is"),
        ("[clause.a23]", "[clause.a99]", r"toml:\d+: .*a99"),
    ],
)
def test_policy_check_names_the_line(tmp_path: Path, was: str, is_now: str, sentence: str) -> None:
    folder = a_folder(a_copy(tmp_path), mine=TEXT.replace(was, is_now, 1))
    with pytest.raises(PolicyError, match=sentence):
        load_statutes(folder)
    assert check(folder)


def test_two_statutes_do_not_begin_on_one_day(tmp_path: Path) -> None:
    folder = a_folder(tmp_path, one=TEXT, two=TEXT.replace("cn_three_guarantees_2021", "other"))
    with pytest.raises(PolicyError, match=r"two\.toml:\d+: .*one\.toml begins on this day as well"):
        load_statutes(folder)
