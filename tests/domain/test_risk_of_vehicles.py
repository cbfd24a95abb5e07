"""The vehicle's record in the grade: days in repair, repairs of the same fault, the warranty, the floors of the law."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import commands as cmd
from domain.case import CaseFacts
from domain.complaint import Complaint
from domain.core import open_complaint
from domain.risk import grade, next_rise
from domain.risk_table import Dimension, Floor
from domain.vehicle import Repair, VehicleFacts
from policy.reading import load
from tests.builders import CX, HOUR, Played, a_policy, a_ticket
from tests.domain.vehicles import PACK, a_vehicle, on, repaired
from tests.risks import RISK

TABLE = load().policy_at(on(900)).risk
NOISE = "transmission.jerking"


def a_case(*repairs: Repair, day: float, tag: str = NOISE, **facts: Any) -> Complaint:
    """A complaint opened on the vehicle's `day`, of a fault of function, under the shipped points table."""
    policy = a_policy(
        matrix={
            "owners": {"transmission": [NOISE, "brakes.failure"]},
            "supporters": {},
            "complex_tags": [],
            "red_line_tags": [],
        }
    )
    known = CaseFacts(vehicle=a_vehicle(*repairs, **facts), statute=PACK)
    ticket = a_ticket(tag, at=on(day)).model_copy(update={"case": known})
    return open_complaint(ticket, policy=policy.model_copy(update={"risk": TABLE}), now=on(day)).complaint


def level(c: Complaint, *, day: float) -> int:
    graded = grade(c, at=on(day))
    assert graded
    return graded.level


def jerks(times: int, **facts: Any) -> list[Repair]:
    return [repaired(n, day=100 + n, fault=NOISE, **facts) for n in range(times)]


@pytest.mark.parametrize(
    ("repairs", "day", "expected", "floor", "reason"),
    [
        ([repaired(1, day=45, mileage_km=2100, fault="brakes.failure")], 46, 5, Floor.GUARANTEE_MET, "article 23"),
        (jerks(4), 110, 4, Floor.GUARANTEE_NEAR, "the fourth repair: one step before"),
        (jerks(5), 110, 5, Floor.GUARANTEE_MET, "the fifth"),
        ([repaired(1, hours=240), repaired(2, day=120, hours=480)], 150, 4, Floor.GUARANTEE_NEAR, "30 days"),
        ([repaired(1, hours=240), repaired(2, day=120, hours=481)], 150, 5, Floor.GUARANTEE_MET, "one hour makes 31"),
        ([repaired(1, hours=120)], 110, 2, None, "five days are not over five"),
        ([repaired(1, hours=120.5)], 110, 3, Floor.GUARANTEE_REPAIR, "a courtesy car is due"),
        ([repaired(1, day=7, replaced=("transmission",))], 8, 5, Floor.GUARANTEE_MET, "article 22: within 7 days"),
    ],
)
def test_the_law_sets_floors(
    repairs: list[Repair], day: float, expected: int, floor: Floor | None, reason: str
) -> None:
    c = a_case(*repairs, day=day)
    graded = grade(c, at=on(day))
    assert graded
    assert graded.level == c.risk_level == expected, reason
    assert (floor in graded.floors) if floor else (graded.floors == ()), reason


def test_a_fleets_car_is_not_the_laws() -> None:
    thirty_one_days = [repaired(1, hours=240), repaired(2, day=120, hours=481)]
    graded = grade(a_case(*thirty_one_days, day=150, is_household=False), at=on(150))
    assert graded
    assert graded.floors == ()
    assert graded.points[Dimension.REPAIR_DAYS] == 14


def test_maintenance_weighs_nothing() -> None:
    graded = grade(a_case(*jerks(5, is_quality=False), day=110), at=on(110))
    assert graded
    assert {graded.points[each] for each in (Dimension.REPAIRS, Dimension.REPAIR_DAYS)} == {0}


def test_a_repair_that_goes_on_raises_it_at_the_very_second() -> None:
    c = a_case(repaired(1, day=100, hours=None), day=101)
    assert c.risk_level < 3
    played = open_complaint(c.ticket, policy=c.policy, now=on(101)).complaint
    seen = []
    while (rise := next_rise(played)) and rise.at < on(140):
        seen.append((rise.at - on(100), rise.grade.level))
        played = played.but(risk_level=rise.grade.level, settled_at=rise.at)
    assert (timedelta(days=5, seconds=1), 3) in seen, "a courtesy car from the sixth day"
    assert seen[-1] == (timedelta(days=30, seconds=1), 5), "the thirty-first day"


def test_the_vehicles_news_are_facts_like_others() -> None:
    played = Played("engine.oil", policy=a_policy(risk=RISK), at=on(200))
    vehicle = a_vehicle(*[repaired(n, day=190 + n, fault="engine.oil") for n in range(5)])
    crm = cmd.Actor(role=cmd.Role.INTEGRATION, id="vehicles")
    played.send(cmd.ReportFacts, at=on(200) + HOUR, by=crm, vehicle=vehicle, statute=PACK)
    assert played.complaint.case.vehicle == vehicle
    played.send(cmd.ReportFacts, at=on(200) + 2 * HOUR, by=CX, cost_fen=100)
    assert played.complaint.case.vehicle == vehicle, "what is not said stays"
    assert played.complaint.case.cost_fen == 100


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 700), st.booleans()), max_size=6, unique_by=lambda r: r[0]),
    st.integers(1, 300),
    st.integers(1, 300),
)
def test_one_more_repair_or_day_never_lowers_it(many: list[tuple[int, int, bool]], day: int, hours: int) -> None:
    repairs = [
        repaired(n, day=begun, hours=took, fault=NOISE if same else "") for n, (begun, took, same) in enumerate(many)
    ]
    before = level(a_case(*repairs, day=301), day=301)
    assert level(a_case(*repairs, repaired(99, day=day, hours=hours, fault=NOISE), day=301), day=301) >= before
    if repairs:
        longer = repairs[0].model_copy(update={"ended_at": repairs[0].begun_at + timedelta(days=90)})
        assert level(a_case(longer, *repairs[1:], day=400), day=400) >= level(a_case(*repairs, day=400), day=400)


def test_a_vehicle_travels_whole_and_small() -> None:
    case = CaseFacts(vehicle=a_vehicle(*jerks(3)), statute=PACK)
    carried = case.model_dump_json()
    assert CaseFacts.model_validate_json(carried) == case
    assert len(carried) < 4_000
    assert VehicleFacts() == VehicleFacts.model_validate(VehicleFacts().model_dump())


def test_only_repairs_of_what_is_complained_of_count_as_repeated() -> None:
    others = [each.model_copy(update={"fault": "brakes.failure"}) for each in jerks(4)]
    for repairs, counts in ((jerks(4), True), (others, False)):
        graded = grade(a_case(*repairs, day=200), at=on(200))
        assert graded
        assert bool(graded.points.get(Dimension.REPAIRS)) is counts
