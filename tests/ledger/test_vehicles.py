"""Vehicles and repairs by VIN: kept once, whole, and forgotten with the last complaint that names them."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ticket import Ticket, Vehicle
from domain.vehicle import MOST_REPAIRS, Repair, VehicleFacts
from ledger import erasing, restricting, tickets, vehicles
from tests.builders import DAY, HOUR, T0
from tests.ledger.building import a_ledger

VIN = "LSVAA4182E2184847"
BY = "dealer-7"
FACTS = VehicleFacts(delivered_on=date(2024, 3, 1), mileage_km=9000, read_at=T0)


def a_repair(number: int, *, is_quality: bool = True) -> Repair:
    return Repair(repair_no=f"R-{number:03}", begun_at=T0 + number * HOUR, fault="engine.stall", is_quality=is_quality)


async def a_complaint(engine: AsyncEngine, ticket_no: str, *, vin: str = VIN) -> None:
    ticket = Ticket(ticket_no=ticket_no, created_at=T0, vehicle=Vehicle(vin=vin))
    await tickets.keep(engine, ticket, received_at=T0)


async def erase(engine: AsyncEngine, ticket_no: str) -> None:
    await erasing.erase(engine, ticket_no, at=T0 + DAY, by="dpo-1", why="request", is_forced=True)


async def test_what_is_kept_comes_back_whole_and_in_order(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        assert await vehicles.facts_of(engine, VIN) is None
        await vehicles.keep(engine, VIN, FACTS, at=T0, by=BY)
        for number in (2, 1):
            await vehicles.keep_repair(engine, f" {VIN.lower()} ", a_repair(number), at=T0, by=BY)
        found = await vehicles.facts_of(engine, VIN)
    assert found == FACTS.model_copy(update={"repairs": (a_repair(1), a_repair(2))})


async def test_the_same_again_changes_nothing_and_another_takes_its_place(tmp_path: Path) -> None:
    done = a_repair(1).model_copy(update={"ended_at": T0 + DAY})
    async with a_ledger(tmp_path) as engine:
        told = [await vehicles.keep_repair(engine, VIN, each, at=T0, by=BY) for each in (a_repair(1),) * 2 + (done,)]
        kept = [await vehicles.keep(engine, VIN, each, at=T0, by=BY) for each in (FACTS, FACTS, VehicleFacts())]
        found = await vehicles.facts_of(engine, VIN)
    assert (told, kept) == ([True, False, True], [True, False, True])
    assert found == VehicleFacts(repairs=(done,))


async def test_of_very_many_repairs_the_last_quality_problems_travel(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        for number in range(MOST_REPAIRS + 5):
            await vehicles.keep_repair(engine, VIN, a_repair(number, is_quality=number != 60), at=T0, by=BY)
        found = await vehicles.facts_of(engine, VIN)
    assert found
    assert [each.repair_no for each in found.repairs] == [f"R-{n:03}" for n in range(4, 65) if n != 60]


@pytest.mark.parametrize("is_restricted", [False, True])
async def test_a_vehicle_is_forgotten_with_the_last_complaint_that_names_it(
    tmp_path: Path, is_restricted: bool
) -> None:
    async with a_ledger(tmp_path) as engine:
        await a_complaint(engine, "T-1")
        await a_complaint(engine, "T-2", vin=VIN.lower())
        await vehicles.keep(engine, VIN, FACTS, at=T0, by=BY)
        await vehicles.keep_repair(engine, VIN, a_repair(1), at=T0, by=BY)
        if is_restricted:
            await restricting.restrict(engine, "T-2", at=T0, by="dpo-1", why="retention")
        await erase(engine, "T-1")
        assert await vehicles.facts_of(engine, VIN)
        await erase(engine, "T-2")
        assert await vehicles.facts_of(engine, VIN) is None


async def test_erasing_a_complaint_without_a_vehicle_leaves_others(tmp_path: Path) -> None:
    async with a_ledger(tmp_path) as engine:
        await a_complaint(engine, "T-1", vin="")
        await vehicles.keep(engine, VIN, FACTS, at=T0, by=BY)
        await erase(engine, "T-1")
        assert await vehicles.facts_of(engine, VIN)
