"""What the CRM refused for good: kept in the ledger, so that it is seen when the complaint has long ended."""

from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import crm_refusals
from ledger.crm_refusals import Refused
from starter.doctor.ailments import Finding

_LIMIT = 500  # states looked at


async def crm_refused(engine: AsyncEngine) -> list[Finding]:
    """One finding for each complaint of which the CRM lacks states."""
    owed = await crm_refusals.owed(engine, limit=_LIMIT)
    return [_finding(ticket_no, tuple(refused)) for ticket_no, refused in groupby(owed, lambda r: r.write.ticket_no)]


def _finding(ticket_no: str, refused: tuple[Refused, ...]) -> Finding:
    states = "a state" if len(refused) == 1 else f"{len(refused)} states"
    since = min(each.refused_at for each in refused)
    is_given_up = all(each.given_up_at for each in refused)
    goes_on = "it is closed, and nobody asks again" if is_given_up else "it is asked again by itself"
    return Finding(
        code="crm_refused",
        what=f"The CRM refused {states} for good ({refused[-1].why}) since {since:%Y-%m-%d %H:%M} UTC; {goes_on}.",
        where=ticket_no,
        do="Create the ticket in the CRM or mend its address; then `vocloop ledger send-again` sends what it lacks.",
    )
