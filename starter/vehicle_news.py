"""What becomes known of a vehicle reaches the complaints of it: those that are open, and each that is opened later."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.case import CaseFacts
from domain.complaint import Stage
from ledger import queries, tickets, vehicles
from policy.statutory import Statutes

Submit = Callable[..., Awaitable[object]]  # `starter.commands.Complaints.submit`

_ACTOR = {"role": "integration", "id": "vehicles"}


async def tell_complaints(engine: AsyncEngine, statutes: Statutes, vin: str, *, submit: Submit, at: datetime) -> int:
    """Report the vehicle's facts to its open complaints; how many there are. Safe to repeat: the same is told once."""
    known = await known_of(engine, statutes, vin, at=at)
    if known is None:
        return 0
    body = {"actor": _ACTOR, **known.model_dump(mode="json")}
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
    told = 0
    for ticket in await tickets.by_vin(engine, vin):
        found = await queries.complaint(engine, ticket.ticket_no)
        if found is None or found.stage is not Stage.CLOSED:
            key = f"vehicle-{digest}"
            await submit(ticket.ticket_no, "report_facts", body, command_id=key, received_at=at)
            told += 1
    return told


async def known_of(engine: AsyncEngine, statutes: Statutes, vin: str, *, at: datetime) -> CaseFacts | None:
    """The vehicle and the statute that it is held against, as a complaint carries them; None of one nobody told of."""
    vehicle = await vehicles.facts_of(engine, vin) if vin else None
    return CaseFacts(vehicle=vehicle, statute=statutes.of(vehicle, at=at)) if vehicle else None
