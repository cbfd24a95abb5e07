"""Where the CRM and we do not say the same, and whether its tickets are read at all."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import crm_cursors, crm_differences
from ledger.crm_differences import Standing, What
from settings import Settings
from starter.doctor.ailments import Finding

_PATIENCE = timedelta(minutes=15)

_DO = {
    What.STATE: "See why the CRM does not keep what it takes; `vocloop crm reconcile` writes it again.",
    What.MISSING: "Create the ticket in the CRM, or see why it went; `vocloop crm reconcile` writes its state then.",
    What.AHEAD: "The ledger knows less than the CRM: see whether it was restored from a backup.",
    What.UNREADABLE: "Mend the ticket in the CRM; it is read again when it changes.",
    What.CONFLICT: "Another ticket has this number: give the one in the CRM a number of its own.",
}


async def differences(engine: AsyncEngine) -> list[Finding]:
    """One finding for each that stands."""
    return [_finding(each) for each in await crm_differences.standing(engine)]


def _finding(each: Standing) -> Finding:
    since = f"{each.found_at:%Y-%m-%d %H:%M} UTC"
    # By field alone: what stands in the CRM may be a person's own text.
    said = {
        What.STATE: f"The CRM says another {', '.join(each.fields)} than we do",
        What.MISSING: "The CRM has no such ticket",
        What.AHEAD: "The CRM says a later state than we know of",
        What.UNREADABLE: f"No complaint can be made of the CRM's ticket ({each.fields.get('fault', ('', ''))[1]})",
        What.CONFLICT: "The CRM has a ticket of this number with another content than the one taken",
    }[each.what]
    return Finding(code=f"crm_{each.what}", what=f"{said}; found {since}.", where=each.ticket_no, do=_DO[each.what])


async def unread(engine: AsyncEngine, settings: Settings, at: datetime) -> list[Finding]:
    """When the CRM's tickets should be read each minute and are not."""
    if not (settings.crm_url and settings.crm_poll):
        return []
    cursor = await crm_cursors.get(engine, settings.crm_kind)
    if cursor and cursor.polled_at > at - _PATIENCE:
        return []
    since = f"since {cursor.polled_at:%Y-%m-%d %H:%M} UTC" if cursor else "yet"
    return [
        Finding(
            code="crm_unread",
            what=f"The CRM's tickets have not been read {since}.",
            where=settings.crm_kind,
            do="See that a worker runs, then `vocloop crm check`; no ticket is lost, each is taken when it is read.",
        )
    ]
