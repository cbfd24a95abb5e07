"""Random vehicles: getting worse never takes a right away, and the next change is the one a scan finds."""

from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from domain.three_guarantees import next_change, standing
from domain.vehicle import Repair, VehicleFacts, Waiting, WaitingKind
from tests.domain.vehicles import PACK, a_vehicle, on

QUIET = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CODES = ("engine", "engine/block", "transmission", "suspension/arm", "seats")
FAULTS = ("", "body.wind_noise", "brakes.failure")
hours = st.integers(0, 900)


@st.composite
def waits(draw: st.DrawFn, begun_hour: int) -> Waiting:
    begun = begun_hour + draw(st.integers(-50, 200))
    length = draw(st.none() | st.integers(0, 300))
    ended_at = None if length is None else on(0, hour=begun + length)
    return Waiting(why=draw(st.sampled_from(WaitingKind)), begun_at=on(0, hour=begun), ended_at=ended_at)


@st.composite
def repairs(draw: st.DrawFn, number: int) -> Repair:
    begun = draw(st.integers(0, 24 * 780))
    length = draw(st.none() | hours)
    return Repair(
        repair_no=f"R{number}",
        begun_at=on(0, hour=begun),
        ended_at=None if length is None else on(0, hour=begun + length),
        fault=draw(st.sampled_from(FAULTS)),
        is_quality=draw(st.booleans()),
        is_serious_safety=draw(st.booleans()),
        has_failed=draw(st.booleans()),
        replaced=tuple(draw(st.sets(st.sampled_from(CODES), max_size=2))),
        excluded=tuple(draw(st.lists(waits(begun), max_size=2))),
    )


@st.composite
def vehicles(draw: st.DrawFn) -> VehicleFacts:
    found = [draw(repairs(n)) for n in range(draw(st.integers(0, 5)))]
    km = draw(st.none() | st.integers(0, 70_000))
    read_at = None if km is None else on(draw(st.integers(0, 900)))
    first = a_vehicle().delivered_on if draw(st.booleans()) else None
    return a_vehicle(*found, mileage_km=km, read_at=read_at, delivered_on=first)


def never_better(vehicle: VehicleFacts, worse: VehicleFacts, hour: int) -> None:
    before, after = (standing(each, PACK, at=on(0, hour=hour)) for each in (vehicle, worse))
    assert set(before.met) <= set(after.met)
    assert set(before.near) <= {*after.near, *after.met}


@QUIET
@given(vehicles(), repairs(99), st.integers(0, 24 * 900))
def test_one_more_repair_never_takes_a_right_away(vehicle: VehicleFacts, more: Repair, hour: int) -> None:
    never_better(vehicle, vehicle.model_copy(update={"repairs": (*vehicle.repairs, more)}), hour)


@QUIET
@given(vehicles(), st.integers(0, 24 * 900), hours, st.integers(0, 4))
def test_a_longer_or_graver_repair_never_takes_a_right_away(
    vehicle: VehicleFacts, hour: int, longer: int, which: int
) -> None:
    assume(which < len(vehicle.repairs))
    one = vehicle.repairs[which]
    ended_at = one.ended_at + timedelta(hours=longer) if one.ended_at else None
    graver = one.model_copy(update={"ended_at": ended_at, "is_serious_safety": True, "has_failed": True})
    others = (*vehicle.repairs[:which], graver, *vehicle.repairs[which + 1 :])
    never_better(vehicle, vehicle.model_copy(update={"repairs": others}), hour)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(vehicles(), st.integers(0, 24 * 800))
def test_the_next_change_is_the_one_that_an_hourly_scan_finds(vehicle: VehicleFacts, hour: int) -> None:
    """All begins on the hour, and a day begun shows one second later: so each second after an hour, 40 days long."""
    start = on(0, hour=hour)
    now, then = standing(vehicle, PACK, at=start), next_change(vehicle, PACK, after=start)
    ticks = (start + timedelta(hours=n, seconds=s) for n in range(40 * 24) for s in (0, 1))
    scanned = next((at for at in ticks if at > start and standing(vehicle, PACK, at=at) != now), None)
    assert then == scanned if scanned else then is None or then > start + timedelta(days=39)
