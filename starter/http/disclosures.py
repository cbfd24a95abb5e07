"""Personal data shown: to whom it may be, and the line written before it is."""

from datetime import datetime

from domain.access import Permission, is_concerned
from domain.commands import Actor
from ledger import disclosures, personal, queries
from starter.http.behind import Behind
from starter.http.principals import Principal
from starter.http.problems import Problem

MAX_WHY = 500
PERSONAL = "personal"


async def check_concerned(behind: Behind, ticket_no: str, *, who: Principal) -> None:
    """Raises the problem `not_concerned` unless the complaint is this principal's to know more of.

    What a route needs() is asked before: this is about the one complaint alone.
    """
    complaint = await queries.complaint(behind.engine, ticket_no)
    if not is_concerned(complaint, who.actor):
        raise Problem("not_concerned")


async def check_whole(behind: Behind, ticket_no: str) -> None:
    """Raises the problem `personal_gone` once the complaint's personal data was erased or restricted."""
    if await personal.standing(behind.engine, ticket_no):
        raise Problem("personal_gone")


def shown_to(who: Principal) -> Actor | None:
    """Whose personal data a search may find: what concerns this actor, or None's at all. For the ledger's queries."""
    return who.actor if who.may(Permission.SEE_PERSONAL) else None


async def disclose(behind: Behind, ticket_no: str, *, who: Principal, what: str, why: str, at: datetime) -> None:
    """Write down who is shown what, when and why. Raises LedgerUnavailable: then nothing is shown."""
    await disclosures.record(
        behind.engine,
        at=at,
        person_id=who.id,
        name=who.name.model_dump(),
        role=who.role or "",
        department=who.department,
        ticket_no=ticket_no,
        what=what,
        why=why.replace("\x00", "").strip(),
    )
