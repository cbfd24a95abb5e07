"""When each file of evidence was last read whole, and what was wrong with it then: a little is read each day."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, String, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger.columns import instant, metadata, text
from ledger.database import reading, written
from ledger.rows import upserting, write

evidence_checks = Table(
    "evidence_checks",
    metadata,
    Column("sha256", String(64), primary_key=True),
    instant("checked_at"),
    text("fault", 16),  # "" is none; its words are starter.evidence.verifying.What
)
_c = evidence_checks.c


class Check(NamedTuple):
    """`fault` is "" for a file that was whole."""

    sha256: str
    checked_at: datetime
    fault: str


async def keep(engine: AsyncEngine, found: Mapping[str, str], *, at: datetime) -> None:
    """The fault of each file, by its hash; "" for none."""
    rows = [{"sha256": sha256, "checked_at": at, "fault": fault} for sha256, fault in sorted(found.items())]

    async def work(connection: AsyncConnection) -> None:
        await write(connection, [(upserting(evidence_checks, connection.dialect.name), rows)])

    if rows:
        await written(engine, work)


async def every(engine: AsyncEngine) -> tuple[Check, ...]:
    async with reading(engine) as connection:
        return tuple(Check(*row) for row in await connection.execute(select(_c.sha256, _c.checked_at, _c.fault)))


async def faulty(engine: AsyncEngine, *, limit: int) -> tuple[Check, ...]:
    """Those that were not whole when they were last read."""
    query = select(_c.sha256, _c.checked_at, _c.fault).where(_c.fault != "").order_by(_c.sha256).limit(limit)
    async with reading(engine) as connection:
        return tuple(Check(*row) for row in await connection.execute(query))
