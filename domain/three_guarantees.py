"""The three guarantees (三包): how near a vehicle is to each threshold of the statute, and when time alone moves it.

A repair counts towards a threshold when its fault showed within the period concerned; a threshold once reached is not
lost when the period ends. What a repairer still has open counts on. This informs; it does not replace counsel.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction

from domain.guarantee_periods import Warranty, has, is_covered, is_running, period_ends, warranty_of
from domain.repair_time import DAY, TICK, counted, days, reached
from domain.statute import Clause, Limit, StatutePack, Term
from domain.values import Value
from domain.vehicle import Repair, VehicleFacts


class Meter(Value):
    """One threshold. `value` is of `subject`: a repair's number, a fault tag, an assembly or part; "" is the vehicle.

    `limit` is what `value` must exceed where `is_strict`, else what it must reach. Some thresholds ask for more
    than the number: `is_open_point` says that the number is reached, and not yet known to have been in vain.
    """

    clause: Clause
    article: str
    value: int
    limit: int
    is_strict: bool
    near_from: int | None = None
    subject: str = ""
    is_met: bool = False
    is_near: bool = False
    is_open_point: bool = False


class Standing(Value):
    """What is reached, what is one step before, and the warranty that is left."""

    met: tuple[Clause, ...] = ()
    near: tuple[Clause, ...] = ()
    warranty: Warranty = Warranty.UNKNOWN


def meters(vehicle: VehicleFacts, pack: StatutePack, *, at: datetime) -> tuple[Meter, ...]:
    """Every threshold at an instant, in the statute's order; none for a vehicle that the statute is not for."""
    if not is_covered(vehicle, pack):
        return ()
    return tuple(_Reading(vehicle, pack, at).meters())


def standing(vehicle: VehicleFacts, pack: StatutePack, *, at: datetime) -> Standing:
    """The meters in short, and the warranty at that instant."""
    found = meters(vehicle, pack, at=at)
    return Standing(
        met=tuple(each.clause for each in found if each.is_met),
        near=tuple(each.clause for each in found if each.is_near),
        warranty=warranty_of(vehicle, pack, at),
    )


def next_change(vehicle: VehicleFacts, pack: StatutePack, *, after: datetime) -> datetime | None:
    """The first instant later than `after` at which time alone changes the standing; None when it never does."""
    now = standing(vehicle, pack, at=after)
    later = sorted({at for at in turning_points(vehicle, pack, after) if at > after})
    return next((at for at in later if standing(vehicle, pack, at=at) != now), None)


def use_fee(*, price_fen: int, km: int, coefficient: Fraction, pack: StatutePack) -> int:
    """What the consumer pays for the use had, in fen, rounded down: never more than the formula gives.

    Raises ValueError for a coefficient beyond the statute's, or a negative amount.
    """
    if not 0 < coefficient <= pack.use_fee.most:
        raise ValueError(f"the coefficient lies above 0 and is {float(pack.use_fee.most):.2%} at most")
    if price_fen < 0 or km < 0:
        raise ValueError("a price and a distance are not negative")
    return int(price_fen * km * coefficient / 1000)


class _Reading:
    """One vehicle at one instant."""

    def __init__(self, vehicle: VehicleFacts, pack: StatutePack, at: datetime) -> None:
        self.vehicle, self.pack, self.at = vehicle, pack, at
        begun = [each for each in vehicle.repairs if each.is_quality and each.begun_at <= at]
        self._begun = sorted(begun, key=lambda each: (each.begun_at, each.repair_no))
        self._counted = self._within(pack.three_guarantees)
        self._is_running = is_running(vehicle, pack, pack.three_guarantees, at)

    def meters(self) -> Iterator[Meter]:
        early, pack = self._within(self.pack.early), self.pack
        yield self._happened(Clause.ASSEMBLY, (_of(each, pack.assemblies, defects=True) for each in early))
        yield self._courtesy_car()
        first = self._within(self.pack.first_days)
        yield self._happened(Clause.FIRST_DAYS, (_of(each, pack.assemblies) for each in first))
        yield self._happened(Clause.FAILURE, ([each.fault] if each.fault in pack.failures else [] for each in early))
        yield self._safety()
        yield self._replaced(Clause.ASSEMBLIES, {each.repair_no: _assemblies(each, pack) for each in self._counted})
        yield self._replaced(Clause.PARTS, {each.repair_no: _parts(each, pack) for each in self._counted})
        yield self._days()
        yield self._times()

    def _within(self, term: Term) -> list[Repair]:
        return [each for each in self._begun if has(self.vehicle, self.pack, term, each)]

    def _happened(self, clause: Clause, subjects: Iterable[list[str]]) -> Meter:
        """Something that is met by happening once."""
        found = [subject for each in subjects for subject in each]
        limit = self.pack.clause[clause]
        return _meter(clause, limit, len(found), next(iter(found), ""), may_step=False)

    def _courtesy_car(self) -> Meter:
        """Each repair for itself, the wait for parts included."""
        clause, limit = Clause.COURTESY_CAR, self.pack.clause[Clause.COURTESY_CAR]
        found = [
            _meter(clause, limit, days(each, self.at), each.repair_no, may_step=_is_open(each, self.at))
            for each in self._within(self.pack.repair_warranty)
        ]
        none = _meter(clause, limit, 0, "", may_step=False)
        return max(found, key=_how_far, default=none)

    def _safety(self) -> Meter:
        return self._in_vain(Clause.SAFETY, [each for each in self._counted if each.is_serious_safety], "")

    def _replaced(self, clause: Clause, codes: dict[str, set[str]]) -> Meter:
        """The code that is furthest."""
        named = {code for each in codes.values() for code in each}
        found = [
            self._in_vain(clause, [each for each in self._counted if code in codes[each.repair_no]], code)
            for code in sorted(named)
        ]
        none = _meter(clause, self.pack.clause[clause], 0, "", may_step=False)
        return max(found, key=_how_far, default=none)

    def _in_vain(self, clause: Clause, repairs: list[Repair], subject: str) -> Meter:
        """So many repairs, and the fault is still there or a new one: the number alone is not enough.

        It is in vain when one from the last needed on has failed, or another followed it.
        """
        limit = self.pack.clause[clause]
        needed = limit.first_over
        is_in_vain = len(repairs) > needed or any(each.has_failed for each in repairs[needed - 1 :])
        meter = _meter(clause, limit, len(repairs), subject, may_step=self._is_running)
        if meter.is_met and not is_in_vain:
            return meter.model_copy(update={"is_met": False, "is_near": self._is_running, "is_open_point": True})
        return meter

    def _days(self) -> Meter:
        """Each repair in whole begun days, then added up."""
        total = sum(days(each, self.at, without=each.excluded) for each in self._counted)
        may_step = self._is_running or any(_is_open(each, self.at) for each in self._counted)
        return _meter(Clause.DAYS, self.pack.clause[Clause.DAYS], total, "", may_step=may_step)

    def _times(self) -> Meter:
        faults = Counter(each.fault for each in self._counted if each.fault)
        fault, times = max(faults.items(), key=lambda pair: pair[1], default=("", 0))
        return _meter(Clause.TIMES, self.pack.clause[Clause.TIMES], times, fault, may_step=self._is_running)


def _meter(clause: Clause, limit: Limit, value: int, subject: str, *, may_step: bool) -> Meter:
    """`may_step` says whether the last step can still be made; else nothing is near."""
    is_met = value >= limit.first_over
    return Meter(
        clause=clause,
        article=limit.article,
        value=value,
        limit=limit.more_than if limit.more_than is not None else limit.first_over,
        is_strict=limit.more_than is not None,
        near_from=limit.near_from,
        subject=subject,
        is_met=is_met,
        is_near=may_step and not is_met and limit.near_from is not None and value >= limit.near_from,
    )


def _how_far(meter: Meter) -> tuple[bool, bool, bool, int]:
    return meter.is_met, meter.is_near, meter.is_open_point, meter.value


def _of(repair: Repair, systems: tuple[str, ...], *, defects: bool = False) -> list[str]:
    """The codes replaced, or also found at fault, that belong to any of these systems."""
    codes = (*repair.replaced, *repair.defective) if defects else repair.replaced
    return [code for code in codes if code.partition("/")[0] in systems]


def _assemblies(repair: Repair, pack: StatutePack) -> set[str]:
    return set(repair.replaced) & set(pack.assemblies)


def _parts(repair: Repair, pack: StatutePack) -> set[str]:
    """Main parts; one that came with its whole assembly is not counted twice."""
    whole = _assemblies(repair, pack)
    return {code for code in _of(repair, pack.systems) if "/" in code and code.partition("/")[0] not in whole}


def _is_open(repair: Repair, at: datetime) -> bool:
    return repair.ended_at is None or repair.ended_at > at


def turning_points(vehicle: VehicleFacts, pack: StatutePack, after: datetime) -> Iterator[datetime]:
    """Every instant at which anything measured may change."""
    yield from period_ends(vehicle, pack)
    for repair in vehicle.repairs:
        yield repair.begun_at
        if repair.ended_at is not None:
            yield repair.ended_at
        if _is_open(repair, after):
            yield from _day_turns(repair, pack)


def _day_turns(repair: Repair, pack: StatutePack) -> Iterator[datetime]:
    """When another of its days begins, until it alone is over every threshold in days."""
    most = max(pack.clause[each].first_over for each in (Clause.DAYS, Clause.COURTESY_CAR))
    for spans in (counted(repair), counted(repair, without=repair.excluded)):
        yield from (at for full in range(most) if (at := reached(spans, full * DAY + TICK)))
