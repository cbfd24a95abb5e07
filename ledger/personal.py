"""How the personal data of each complaint stands: whole, restricted or erased; and the key of each complaint.

History names notes by ids that are made of their texts. The key they are made with is the complaint's own: once it is
destroyed nobody can try whether an id is that of a text they guess.
"""

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger.database import reading
from ledger.personal_tables import complaint_keys, personal_acts
from ledger.rows import insert_new

_a = personal_acts.c


class Act(StrEnum):
    RESTRICTED = "restricted"  # kept, and shown to ops alone
    ERASED = "erased"


class PersonalAct(NamedTuple):
    """`counts` is what was forgotten, by kind. `why` says on which ground, and names nobody."""

    number: int
    ticket_no: str
    act: Act
    at: datetime
    by: str
    why: str
    counts: Mapping[str, int]


async def standing(engine: AsyncEngine, ticket_no: str) -> PersonalAct | None:
    """What was done last with the complaint's personal data; None while it is whole."""
    return (await standing_of(engine, [ticket_no])).get(ticket_no)


async def erased_at(engine: AsyncEngine, ticket_no: str) -> datetime | None:
    """When the complaint's data was erased; what came with it until then is gone. None unless it was."""
    last = await standing(engine, ticket_no)
    return last.at if last and last.act is Act.ERASED else None


async def standing_of(engine: AsyncEngine, ticket_nos: Collection[str]) -> dict[str, PersonalAct]:
    """As `standing`, of those of these whose data is whole no more."""
    if not ticket_nos:
        return {}
    async with reading(engine) as connection:
        return await standing_in(connection, ticket_nos)


async def standing_in(connection: AsyncConnection, ticket_nos: Collection[str]) -> dict[str, PersonalAct]:
    last = select(func.max(_a.number)).where(_a.ticket_no.in_(ticket_nos)).group_by(_a.ticket_no)
    rows = await connection.execute(select(personal_acts).where(_a.number.in_(last)))
    return {row.ticket_no: PersonalAct(**{**row._mapping, "act": Act(row.act)}) for row in rows}


async def acts(engine: AsyncEngine) -> tuple[PersonalAct, ...]:
    """All that was ever done, in order: enough to do it again on a restored backup."""
    async with reading(engine) as connection:
        rows = await connection.execute(select(personal_acts).order_by(_a.number))
        return tuple(PersonalAct(**{**row._mapping, "act": Act(row.act)}) for row in rows)


async def record(
    connection: AsyncConnection,
    ticket_no: str,
    act: Act,
    *,
    at: datetime,
    by: str,
    why: str,
    counts: Mapping[str, int],
) -> None:
    row = {"ticket_no": ticket_no, "act": act, "at": at, "by": by, "why": why, "counts": dict(counts)}
    await connection.execute(insert(personal_acts).values(**row))


async def key_of(connection: AsyncConnection, ticket_no: str) -> bytes:
    """The complaint's key, made when there is none."""
    await insert_new(connection, complaint_keys, {"ticket_no": ticket_no, "key": secrets.token_hex(32)})
    key = await connection.scalar(select(complaint_keys.c.key).where(complaint_keys.c.ticket_no == ticket_no))
    return bytes.fromhex(key or "")


async def destroy_key(connection: AsyncConnection, ticket_no: str) -> None:
    await connection.execute(delete(complaint_keys).where(complaint_keys.c.ticket_no == ticket_no))
