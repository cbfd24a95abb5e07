"""Where the CRM and the ledger do not say the same: kept while it is so, for the doctor and whoever mends it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime
from sqlalchemy import JSON, Column, String, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.policy import Value
from ledger.columns import instant, metadata, number, ticket_no
from ledger.database import reading, written

crm_differences = Table(
    "crm_differences",
    metadata,
    ticket_no(primary_key=True),
    Column("what", String(16), primary_key=True),
    Column("fields", JSON, nullable=False),
    instant("found_at"),  # the first time
    instant("seen_at"),
    number("times"),
)
_d = crm_differences.c


class What(StrEnum):
    STATE = "state"  # the ticket says another state than we do
    MISSING = "missing"  # the CRM has no such ticket
    AHEAD = "ahead"  # the ticket says a later state than we know of
    UNREADABLE = "unreadable"  # no ticket of ours can be made of it
    CONFLICT = "conflict"  # a ticket of this number came before with another content


class Difference(Value):
    """`fields` are names → (ours, theirs), codes and instants; of an UNREADABLE one {"fault": ("", the code)}."""

    ticket_no: str
    what: What
    fields: dict[str, tuple[str, str]] = {}


class Standing(Difference):
    """It was found at `found_at` and, so many times by now, again; last at `seen_at`."""

    found_at: AwareDatetime
    seen_at: AwareDatetime
    times: int


async def keep(engine: AsyncEngine, differences: Collection[Difference], *, at: datetime) -> None:
    """They were found at `at`, for the first time or again."""

    async def work(connection: AsyncConnection) -> None:
        for each in differences:
            said = {"fields": each.model_dump(mode="json")["fields"], "seen_at": at}
            mine = update(crm_differences).where(_d.ticket_no == each.ticket_no, _d.what == each.what)
            if not (await connection.execute(mine.values(times=_d.times + 1, **said))).rowcount:
                row = {"ticket_no": each.ticket_no, "what": each.what, "found_at": at, "times": 1}
                await connection.execute(insert(crm_differences).values(**row, **said))

    if differences:
        await written(engine, work)


async def over(engine: AsyncEngine, ticket_nos: Iterable[str], *, what: Collection[What]) -> None:
    """Of these tickets nothing of these kinds stands any more."""
    gone = list(ticket_nos)
    mine = delete(crm_differences).where(_d.ticket_no.in_(gone), _d.what.in_(list(what)))

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(mine)

    async with reading(engine) as connection:
        is_known = (await connection.execute(select(_d.ticket_no).where(mine.whereclause).limit(1))).first()  # type: ignore[arg-type]
    if is_known:  # hardly ever: a write is a lock that others wait for
        await written(engine, work)


async def standing(engine: AsyncEngine, *, limit: int = 500) -> tuple[Standing, ...]:
    """The oldest first."""
    query = select(crm_differences).order_by(_d.found_at, _d.ticket_no, _d.what).limit(limit)
    async with reading(engine) as connection:
        rows = (await connection.execute(query)).mappings().all()
    return tuple(Standing.model_validate(dict(row)) for row in rows)
