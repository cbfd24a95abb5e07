"""Each threshold on both sides, by the text of the regulation of 2021."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest

from domain.guarantee_periods import Warranty
from domain.repair_time import counted
from domain.statute import Clause
from domain.three_guarantees import Meter, meters, next_change, standing, use_fee
from domain.vehicle import Repair, VehicleFacts, Waiting, WaitingKind
from tests.domain.vehicles import PACK, a_vehicle, on, repaired

LATER = on(300)
SAFETY: dict[str, Any] = {"is_serious_safety": True}
FAILED: dict[str, Any] = {**SAFETY, "has_failed": True}
ENGINE: dict[str, Any] = {"replaced": ("engine",)}


def met(*repairs: Repair, at: datetime = LATER, **facts: Any) -> list[str]:
    return [str(each) for each in standing(a_vehicle(*repairs, **facts), PACK, at=at).met]


def near(*repairs: Repair, at: datetime = LATER, **facts: Any) -> list[str]:
    return [str(each) for each in standing(a_vehicle(*repairs, **facts), PACK, at=at).near]


def meter(clause: Clause, *repairs: Repair, at: datetime = LATER) -> Meter:
    return next(each for each in meters(a_vehicle(*repairs), PACK, at=at) if each.clause is clause)


def same_fault(times: int, **facts: Any) -> list[Repair]:
    return [repaired(n, day=100 + n, fault="body.wind_noise", **facts) for n in range(times)]


@pytest.mark.parametrize(
    ("day", "km", "expected"),
    [
        (45, 2100, ["a23"]),
        (60, 3000, ["a23"]),  # within 60 days and 3,000 km: both belong to it
        (60.99, 3000, ["a23"]),  # the sixtieth day is whole
        (61, 2100, []),
        (45, 3001, []),  # whichever comes first
    ],
)
def test_a_grave_failure_counts_within_60_days_and_3000_km(day: float, km: int, expected: list[str]) -> None:
    assert met(repaired(1, day=day, mileage_km=km, fault="brakes.failure")) == expected


def test_a_failure_counts_on_the_day_it_showed_not_on_the_day_its_repair_began() -> None:
    assert met(repaired(1, day=62, appeared_at=on(60), fault="brakes.failure")) == ["a23"]


@pytest.mark.parametrize(
    ("day", "code", "expected"),
    [
        (7.99, "transmission", ["a20", "a22"]),
        (8, "transmission", ["a20"]),
        (7, "transmission/valve_body", ["a20", "a22"]),  # or a main part of it
        (7, "suspension/arm", []),  # none of the four assemblies
        (61, "transmission/valve_body", []),
    ],
)
def test_an_assembly_needed_in_the_first_days(day: float, code: str, expected: list[str]) -> None:
    assert met(repaired(1, day=day, replaced=(code,))) == expected


def test_a_main_part_at_fault_is_enough_for_a_free_assembly_but_not_for_a_refund() -> None:
    assert met(repaired(1, day=5, defective=("engine/block",))) == ["a20"]


@pytest.mark.parametrize(
    ("hours", "is_met", "is_near"),
    [(72, False, False), (72.01, False, True), (120, False, True), (120.01, True, False)],
)
def test_a_repair_over_five_days_owes_a_courtesy_car(hours: float, is_met: bool, is_near: bool) -> None:
    found = meter(Clause.COURTESY_CAR, repaired(1, hours=None), at=on(100, hour=hours))
    assert (found.is_met, found.is_near) == (is_met, is_near)


def test_a_repair_that_ended_in_four_days_comes_no_nearer() -> None:
    assert near(repaired(1, hours=96)) == []


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((240, 480), 30),
        ((240, 481), 31),  # its begun day counts whole
        ((240.5, 240.5, 240.5), 33),  # each is rounded up, then they are added
        ((1,) * 31, 31),
    ],
)
def test_repair_days_are_rounded_up_and_then_added(hours: tuple[float, ...], expected: int) -> None:
    found = meter(Clause.DAYS, *(repaired(n, day=100 + n, hours=each) for n, each in enumerate(hours)))
    assert (found.value, found.is_met, found.is_near) == (expected, expected > 30, expected <= 30)


@pytest.mark.parametrize(("travel", "total"), [(90, 30), (80, 30), (79, 31)])
def test_transport_of_a_special_part_is_not_counted_among_30_days(travel: int, total: int) -> None:
    wait = Waiting(why=WaitingKind.SPECIAL_PART_TRANSPORT, begun_at=on(101), ended_at=on(101, hour=travel))
    kept = repaired(1, hours=800, excluded=(wait, wait))  # told twice, left out once
    assert meter(Clause.DAYS, kept).value == total
    assert meter(Clause.COURTESY_CAR, kept).value == 34  # a courtesy car is owed for the wait as well


@pytest.mark.parametrize(("times", "is_met", "is_near"), [(3, False, False), (4, False, True), (5, True, False)])
def test_the_fifth_repair_of_one_fault(times: int, is_met: bool, is_near: bool) -> None:
    found = meter(Clause.TIMES, *same_fault(times))
    assert (found.value, found.subject, found.is_met, found.is_near) == (times, "body.wind_noise", is_met, is_near)


def test_repairs_that_are_not_for_a_quality_problem_do_not_count() -> None:
    assert meter(Clause.TIMES, *same_fault(5, is_quality=False)).value == 0


@pytest.mark.parametrize(
    ("repairs", "is_met", "is_near", "is_open_point"),
    [
        ((SAFETY,), False, True, False),
        ((FAILED,), False, True, False),  # one repair in vain is one repair
        ((SAFETY, SAFETY), False, True, True),  # two repairs, and nobody says that it is still there
        ((SAFETY, FAILED), True, False, False),
        ((SAFETY, SAFETY, SAFETY), True, False, False),  # a new one after two repairs
    ],
)
def test_two_safety_repairs_are_enough_once_they_were_in_vain(
    repairs: tuple[dict[str, Any], ...], is_met: bool, is_near: bool, is_open_point: bool
) -> None:
    found = meter(Clause.SAFETY, *(repaired(n, day=100 + n, **each) for n, each in enumerate(repairs)))
    assert (found.is_met, found.is_near, found.is_open_point) == (is_met, is_near, is_open_point)


def test_two_engines_in_vain_and_an_engine_with_its_part_is_one_engine() -> None:
    both = repaired(1, replaced=("engine", "engine/block"))
    part = repaired(2, day=110, replaced=("engine/block",), has_failed=True)
    assert met(both, part) == []
    assert met(both, repaired(3, day=120, **ENGINE, has_failed=True)) == ["a24_2"]


def test_two_different_assemblies_are_not_one_twice() -> None:
    assert met(repaired(1, **ENGINE), repaired(2, day=110, replaced=("transmission",), has_failed=True)) == []


def test_the_same_main_part_twice_in_vain() -> None:
    arm: dict[str, Any] = {"replaced": ("suspension/arm",)}
    assert near(repaired(1, **arm)) == ["a24_3"]
    assert met(repaired(1, **arm), repaired(2, day=110, **arm, has_failed=True)) == ["a24_3"]


@pytest.mark.parametrize(
    ("at", "km", "expected"),
    [
        ("2024-04-30 23:59", 3000, Warranty.FIRST_60_DAYS),
        ("2024-05-01 00:00", 3000, Warranty.THREE_GUARANTEES),
        ("2024-04-30 23:59", 3001, Warranty.THREE_GUARANTEES),
        ("2026-03-01 23:59", 50_000, Warranty.THREE_GUARANTEES),
        ("2026-03-02 00:00", 50_000, Warranty.REPAIR),
        ("2026-03-01 23:59", 50_001, Warranty.REPAIR),
        ("2027-03-01 23:59", 60_000, Warranty.REPAIR),
        ("2027-03-02 00:00", 60_000, Warranty.RECENTLY_OUT),
        ("2027-05-30 23:59", 60_000, Warranty.RECENTLY_OUT),
        ("2027-05-31 00:00", 60_000, Warranty.OUT),
        ("2026-03-01 23:59", 60_001, Warranty.RECENTLY_OUT),  # the odometer was read at that very instant
    ],
)
def test_the_warranty_ends_by_the_calendar_in_shanghai_or_by_the_odometer(at: str, km: int, expected: Warranty) -> None:
    instant = datetime.fromisoformat(f"{at}+08:00").astimezone(UTC)
    assert standing(a_vehicle(mileage_km=km, read_at=instant), PACK, at=instant).warranty is expected


@pytest.mark.parametrize(
    ("delivered", "last"),
    [
        (date(2023, 3, 1), date(2025, 3, 1)),  # 731 days: a leap day lies between
        (date(2024, 3, 1), date(2026, 3, 1)),  # 730 days
        (date(2024, 2, 29), date(2026, 2, 28)),  # no such day: the month's last
    ],
)
def test_two_years_are_years_of_the_calendar(delivered: date, last: date) -> None:
    assert PACK.three_guarantees.last_day(delivered, counts_first=False) == last


def test_the_period_begins_with_delivery_where_the_invoice_is_of_another_day() -> None:
    assert VehicleFacts(delivered_on=date(2024, 3, 1), invoiced_on=date(2024, 2, 1)).started_on == date(2024, 3, 1)
    assert VehicleFacts(invoiced_on=date(2024, 2, 1)).started_on == date(2024, 2, 1)


def test_what_was_reached_within_the_period_stays_reached_and_warnings_end_with_it() -> None:
    after = datetime(2026, 6, 1, tzinfo=UTC)
    assert met(*same_fault(5), at=after) == ["a24_4_times"]
    assert near(*same_fault(4), at=after) == []


@pytest.mark.parametrize("fact", [{"is_household": False}, {"delivered_on": date(2021, 12, 31)}])
def test_the_statute_is_for_households_that_bought_since_it_is_in_force(fact: dict[str, Any]) -> None:
    found = standing(a_vehicle(*same_fault(5), **fact), PACK, at=on(130))
    assert (found.met, found.near) == ((), ())
    assert found.warranty in (Warranty.REPAIR, Warranty.RECENTLY_OUT, Warranty.OUT)


def test_without_a_first_day_long_periods_are_taken_to_run_and_short_ones_not() -> None:
    failure = repaired(9, fault="brakes.failure")
    assert met(*same_fault(5), failure, delivered_on=None) == ["a24_4_times"]
    assert standing(a_vehicle(delivered_on=None), PACK, at=LATER).warranty is Warranty.UNKNOWN


def test_a_repair_going_on_is_followed_to_each_threshold_and_then_to_the_end_of_the_warranty() -> None:
    vehicle, at, seen = a_vehicle(repaired(1, hours=None)), on(100), []
    while (then := next_change(vehicle, PACK, after=at)) is not None:
        seen.append(then - on(100))
        at = then
    tick = timedelta(seconds=1)
    assert seen[:4] == [timedelta(days=days) + tick for days in (3, 5, 24, 30)]
    assert at == datetime(2027, 5, 30, 16, tzinfo=UTC)  # 90 days after three years, midnight in Shanghai


@pytest.mark.parametrize(
    ("km", "coefficient", "fee"),
    [(10_000, "0.005", 500_000), (10_000, "0.0045", 450_000), (0, "0.005", 0), (333, "0.005", 16_650)],
)
def test_the_use_fee_is_price_times_distance_times_the_coefficient(km: int, coefficient: str, fee: int) -> None:
    assert use_fee(price_fen=10_000_000, km=km, coefficient=Fraction(coefficient), pack=PACK) == fee


def test_the_use_fee_is_rounded_down_and_its_coefficient_is_the_statutes_at_most() -> None:
    assert use_fee(price_fen=199, km=1999, coefficient=Fraction("0.005"), pack=PACK) == 1
    with pytest.raises(ValueError, match=r"0\.50% at most"):
        use_fee(price_fen=1, km=1, coefficient=Fraction("0.0051"), pack=PACK)


def test_the_facts_travel_short_and_come_back_whole() -> None:
    vehicle = a_vehicle(*same_fault(60), mileage_km=9000, read_at=LATER)
    said = vehicle.model_dump_json()
    assert VehicleFacts.model_validate_json(said) == vehicle
    assert len(said) < 60 * 130
    assert VehicleFacts().model_dump_json() == "{}"


def test_a_wait_from_the_beginning_leaves_only_what_came_after_it() -> None:
    wait = Waiting(why=WaitingKind.SPECIAL_PART_TRANSPORT, begun_at=on(100), ended_at=on(100, hour=2))
    assert counted(repaired(1, hours=5), without=(wait,)) == ((on(100, hour=2), on(100, hour=5)),)
    whole = wait.model_copy(update={"ended_at": on(100, hour=5)})
    assert counted(repaired(1, hours=5), without=(whole,)) == ()
