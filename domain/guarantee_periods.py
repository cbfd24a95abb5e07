"""Which of the statute's periods a vehicle is in, and which its faults showed in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.repair_time import TICK
from domain.statute import StatutePack, Term
from domain.vehicle import Repair, VehicleFacts


class Warranty(StrEnum):
    """Where the vehicle stands. A vehicle that is not a household's is `repair` at best: the statute is not for it."""

    UNKNOWN = "unknown"  # nobody recorded its first day
    OUT = "out"
    RECENTLY_OUT = "recently_out"
    REPAIR = "repair"
    THREE_GUARANTEES = "three_guarantees"
    FIRST_60_DAYS = "first_60_days"


def is_covered(vehicle: VehicleFacts, pack: StatutePack) -> bool:
    """Whether the statute is for this vehicle: a household's, sold since it has been in force."""
    return vehicle.is_household and (vehicle.started_on is None or vehicle.started_on >= pack.in_force_from)


def has(vehicle: VehicleFacts, pack: StatutePack, term: Term, repair: Repair) -> bool:
    """Whether the fault showed within the period. Without a first day long periods are taken to run, short ones not."""
    showed_at = repair.appeared_at or repair.begun_at
    km = repair.mileage_km
    if km is None and vehicle.read_at and vehicle.read_at <= showed_at:
        km = vehicle.mileage_km
    start = vehicle.started_on
    if start is None:
        return term.years is not None and term.allows(km)
    day = showed_at.astimezone(ZoneInfo(pack.zone)).date()
    return start <= day <= term.last_day(start, counts_first=pack.counts_first_day) and term.allows(km)


def is_running(vehicle: VehicleFacts, pack: StatutePack, term: Term, at: datetime) -> bool:
    is_within_km = all(term.allows(km) for read_at, km in readings(vehicle) if read_at <= at)
    start = vehicle.started_on
    return is_within_km and (start is None or at < end_of(start, pack, term))


def readings(vehicle: VehicleFacts) -> Iterator[tuple[datetime, int]]:
    """Every reading of the odometer that is known, with when it was taken."""
    if vehicle.read_at and vehicle.mileage_km is not None:
        yield vehicle.read_at, vehicle.mileage_km
    for repair in vehicle.repairs:
        if repair.mileage_km is not None:
            yield repair.begun_at, repair.mileage_km


def end_of(start: date, pack: StatutePack, term: Term) -> datetime:
    """The first instant after the period's last day."""
    return _midnight_after(term.last_day(start, counts_first=pack.counts_first_day), pack)


def _midnight_after(day: date, pack: StatutePack) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(pack.zone)).astimezone(UTC)


def warranty_of(vehicle: VehicleFacts, pack: StatutePack, at: datetime) -> Warranty:
    since = out_since(vehicle, pack, at)
    if since and at >= since:
        return Warranty.RECENTLY_OUT if at < no_longer_recent(since, pack) else Warranty.OUT
    if vehicle.started_on is None:
        return Warranty.UNKNOWN
    if is_covered(vehicle, pack) and is_running(vehicle, pack, pack.three_guarantees, at):
        is_early = is_running(vehicle, pack, pack.early, at)
        return Warranty.FIRST_60_DAYS if is_early else Warranty.THREE_GUARANTEES
    return Warranty.REPAIR


def out_since(vehicle: VehicleFacts, pack: StatutePack, at: datetime) -> datetime | None:
    """When the repair warranty ended, or was first seen to have ended by the odometer."""
    term = pack.repair_warranty
    ends = [read_at for read_at, km in readings(vehicle) if read_at <= at and not term.allows(km)]
    if vehicle.started_on:
        ends.append(end_of(vehicle.started_on, pack, term))
    return min(ends, default=None)


def no_longer_recent(out_since: datetime, pack: StatutePack) -> datetime:
    day = (out_since - TICK).astimezone(ZoneInfo(pack.zone)).date()
    return _midnight_after(day + timedelta(days=pack.recently_out_days), pack)


def period_ends(vehicle: VehicleFacts, pack: StatutePack) -> Iterator[datetime]:
    """Every instant at which a period may end, or may first be seen to have ended by the odometer."""
    if vehicle.started_on:
        for term in (pack.early, pack.three_guarantees, pack.repair_warranty):
            yield end_of(vehicle.started_on, pack, term)
        yield no_longer_recent(end_of(vehicle.started_on, pack, pack.repair_warranty), pack)
    for read_at, km in readings(vehicle):
        yield read_at
        if not pack.repair_warranty.allows(km):
            yield no_longer_recent(read_at, pack)
