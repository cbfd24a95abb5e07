"""A vehicle delivered on 1 March 2024 in Shanghai, and its repairs; times are hours after the delivery day began."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.vehicle import Repair, VehicleFacts
from policy.statutory import load_statutes

PACK = load_statutes().packs[0]
DELIVERED = date(2024, 3, 1)
DAY_0 = datetime(2024, 3, 1, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def on(day: float, *, hour: float = 0) -> datetime:
    return DAY_0 + timedelta(days=day, hours=hour)


def repaired(number: int, *, day: float = 100, hours: float | None = 1, **facts: Any) -> Repair:
    """`hours` None is a repair that is still going on."""
    ended_at = None if hours is None else on(day, hour=hours)
    return Repair(repair_no=f"R{number}", begun_at=on(day), ended_at=ended_at, **facts)


def a_vehicle(*repairs: Repair, **facts: Any) -> VehicleFacts:
    return VehicleFacts(**{"delivered_on": DELIVERED, "repairs": repairs, **facts})
