"""Vehicles and their repairs, by VIN: personal, for a VIN names its owner."""

import json
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, String, Table, Text, cast, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ticket import Ticket
from domain.vehicle import MOST_REPAIRS, Repair, VehicleFacts
from ledger import tables as t
from ledger.columns import instant, metadata, text
from ledger.database import reading, written
from ledger.personal_tables import restricted_papers
from ledger.rows import upserting

LONGEST_VIN = 17  # as long as a ticket's

vehicles = Table(
    "vehicles",
    metadata,
    Column("vin", String(LONGEST_VIN), primary_key=True),
    Column("delivered_on", Date),
    Column("invoiced_on", Date),
    Column("mileage_km", Integer),
    instant("read_at", nullable=True),
    Column("is_household", Boolean, nullable=False),
    instant("kept_at"),
    text("kept_by", 200),
)

repairs = Table(
    "repairs",
    metadata,
    Column("vin", String(LONGEST_VIN), primary_key=True),
    Column("repair_no", String(64), primary_key=True),
    instant("begun_at"),
    Column("is_quality", Boolean, nullable=False),
    Column("body", JSON, nullable=False),  # a domain.vehicle.Repair, whole
    instant("kept_at"),
    text("kept_by", 200),
)
_FACTS = ("delivered_on", "invoiced_on", "mileage_km", "read_at", "is_household")


async def keep(engine: AsyncEngine, vin: str, facts: VehicleFacts, *, at: datetime, by: str) -> bool:
    """Keep what is known of the vehicle, its repairs apart, in the place of what was. Whether anything changed."""
    row = {name: getattr(facts, name) for name in _FACTS}
    return await written(engine, partial(_keep, table=vehicles, key={"vin": _known(vin)}, row=row, at=at, by=by))


async def keep_repair(engine: AsyncEngine, vin: str, repair: Repair, *, at: datetime, by: str) -> bool:
    """Keep the repair under its number, in the place of what was. Whether anything changed. The vehicle may be new."""
    key = {"vin": _known(vin), "repair_no": repair.repair_no}
    body = repair.model_dump(mode="json")
    row = {"begun_at": repair.begun_at, "is_quality": repair.is_quality, "body": body}
    return await written(engine, partial(_keep, table=repairs, key=key, row=row, at=at, by=by))


async def facts_of(engine: AsyncEngine, vin: str) -> VehicleFacts | None:
    """What the rules need; None when nobody told us of the vehicle. Of very many repairs the last quality problems."""
    mine = _known(vin)
    last = select(repairs.c.body).where(repairs.c.vin == mine)
    last = last.order_by(repairs.c.is_quality.desc(), repairs.c.begun_at.desc(), repairs.c.repair_no)
    async with reading(engine) as connection:
        car = (await connection.execute(select(vehicles).where(vehicles.c.vin == mine))).mappings().one_or_none()
        found = [Repair.model_validate(body) for body in await connection.scalars(last.limit(MOST_REPAIRS))]
    if car is None and not found:
        return None
    known: dict[str, Any] = {name: car[name] for name in _FACTS} if car else {}
    ordered = sorted(found, key=lambda each: (each.begun_at, each.repair_no))
    return VehicleFacts(**known, repairs=tuple(ordered))


async def vin_of(connection: AsyncConnection, ticket_no: str) -> str:
    """The VIN of a complaint's vehicle, also where its papers were put away; "" when there is none."""
    vin = await connection.scalar(select(t.tickets.c.vin).where(t.tickets.c.ticket_no == ticket_no))
    if vin:
        return str(vin)
    mine = restricted_papers.c.ticket_no == ticket_no
    body = await connection.scalar(select(restricted_papers.c.body).where(mine))
    return Ticket.model_validate(body["ticket"]).vehicle.vin if body else ""


async def forget(connection: AsyncConnection, vin: str, *, but: str) -> int:
    """Drop the vehicle and its repairs unless a complaint beside `but` has it; how many rows went."""
    if not _known(vin) or await _is_anothers(connection, _known(vin), but=but):
        return 0
    gone = [await connection.execute(delete(table).where(table.c.vin == _known(vin))) for table in (repairs, vehicles)]
    return sum(each.rowcount for each in gone)


async def _is_anothers(connection: AsyncConnection, vin: str, *, but: str) -> bool:
    kept = ((t.tickets, t.tickets.c.vin), (restricted_papers, cast(restricted_papers.c.body, Text)))
    for table, where in kept:
        others = select(table.c.ticket_no).where(func.upper(where).contains(vin), table.c.ticket_no != but)
        if await connection.scalar(others.limit(1)):
            return True
    return False


async def _keep(
    connection: AsyncConnection, *, table: Table, key: dict[str, str], row: dict[str, Any], at: datetime, by: str
) -> bool:
    mine = [table.c[name] == value for name, value in key.items()]
    was = (await connection.execute(select(*(table.c[name] for name in row)).where(*mine))).mappings().one_or_none()
    if was is not None and _said(dict(was)) == _said(row):
        return False
    whole = {**key, **row, "kept_at": at, "kept_by": by}
    await connection.execute(upserting(table, connection.dialect.name), [whole])
    return True


def _said(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, default=str)


def _known(vin: str) -> str:
    return vin.strip().upper()
