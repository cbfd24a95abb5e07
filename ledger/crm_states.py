"""What the CRM should say of each complaint, by the ledger."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.outlets import CrmWrite
from domain.telling import crm_write
from ledger import policies
from ledger import tables as t
from ledger.database import reading
from ledger.projection import complaint_from


async def after(engine: AsyncEngine, ticket_no: str, *, closed_since: datetime, limit: int) -> tuple[CrmWrite, ...]:
    """The complaints behind this number, in order of their numbers, that are open or were closed since then.

    Each as the complaint's own outbox would write it last; its `at` is when its last event took effect.
    """
    c = t.complaints.c
    query = select(c.state, c.policy_version).where(
        c.ticket_no > ticket_no, or_(c.closed_at.is_(None), c.closed_at >= closed_since)
    )
    async with reading(engine) as connection:
        rows = (await connection.execute(query.order_by(c.ticket_no).limit(limit))).all()
        found = [complaint_from(row.state, await policies.known_in(connection, row.policy_version)) for row in rows]
    return tuple(crm_write(complaint, at=complaint.settled_at) for complaint in found)
