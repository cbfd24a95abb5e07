"""A migrated ledger with one customer's ticket in it, for what goes out to people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ticket import Customer, Ticket, Vehicle
from ledger import tickets
from tests.builders import T0
from tests.ledger.building import a_ledger


@asynccontextmanager
async def a_ledger_with(folder: Path, ticket: Ticket) -> AsyncIterator[AsyncEngine]:
    async with a_ledger(folder) as engine:
        await tickets.keep(engine, ticket, received_at=T0)
        yield engine


def a_whole_ticket(ticket_no: str = "T-1", **customer: Any) -> Ticket:
    someone = {"name": "王小明", "phone": "13800138000", "email": "wang@example.org", **customer}
    return Ticket(
        ticket_no=ticket_no,
        created_at=T0,
        tags=("engine.stall",),
        customer=Customer.model_validate(someone),
        vehicle=Vehicle(vin="LSVAA1234A5678901", brand="长风", model="CF5"),
        words="高速上突然没动力 <b>很危险</b>",
    )
