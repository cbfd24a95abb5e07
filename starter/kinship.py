"""What belongs together is found as it comes in: linked, and where it is the same report told twice, merged."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.kinship import Windows, may_join, relations
from ledger import kin, queries, tickets
from ledger.kin import Owed

Submit = Callable[..., Awaitable[object]]  # `starter.commands.Complaints.submit`

ACTOR = {"role": "integration", "id": "kinship"}
WAITS_FOR_OTHERS = timedelta(minutes=1)  # tickets that came with it may still be on their way


async def look(engine: AsyncEngine, windows: Windows, *, submit: Submit, at: datetime) -> int:
    """Look at those that came in since the last look; how many. Safe to repeat, also by several at once."""
    looked = 0
    for row in await kin.owed(engine):
        looked += await _look_at(engine, row, windows, submit=submit, at=at)
    return looked


async def _look_at(engine: AsyncEngine, row: Owed, windows: Windows, *, submit: Submit, at: datetime) -> bool:
    numbers = [ticket.ticket_no for ticket in await tickets.by_vin(engine, row.vin)]
    known = {number: await queries.complaint(engine, number) for number in numbers}
    c, begun = known.get(row.ticket_no), {number: each for number, each in known.items() if each}
    if c is None or (len(begun) < len(known) and at - row.taken_at < WAITS_FOR_OTHERS):
        return False
    found = relations(c, begun.values(), windows)
    if target := next((each.ticket_no for each in found if may_join(c, begun[each.ticket_no], each.kin)), None):
        await _merge(row.ticket_no, target, submit=submit, at=at)
    await kin.found(engine, row.ticket_no, found, at=at)
    return True


async def _merge(ticket_no: str, target: str, *, submit: Submit, at: datetime) -> None:
    body: Mapping[str, object] = {"actor": ACTOR, "ticket_no": target}
    await submit(ticket_no, "merge_into", body, command_id=f"same-report-{target}", received_at=at)
