"""Goodwill on the complaint's page: what was asked for, where it stands, asking for it, and its part of the story."""

import secrets
from datetime import datetime
from typing import Any

from domain.access import Permission, is_concerned
from domain.authority import may_ask
from domain.complaint import Complaint
from domain.goodwill import GoodwillKind, GoodwillState
from domain.money import yuan
from ledger import goodwill
from starter.api.bodies import MAX_NOTE
from starter.http.behind import Behind
from starter.http.principals import Principal
from starter.telling.events import Names
from starter.telling.goodwill import GoodwillStep, steps
from starter.web.goodwill_view import items

_SAID = (*GoodwillState, "waits")


async def panel(
    behind: Behind, ticket_no: str, c: Complaint | None, *, who: Principal, at: datetime, **form: Any
) -> dict[str, Any]:
    """What the panel's template needs. Of `form`: `asking` is a form as it was filled in with its `faults`, `told_off`
    why something was not done, and `gave` how the request stands that was just asked for or decided.
    """
    is_theirs = who.may(Permission.ACT) and may_ask(who.actor) and is_concerned(c, who.actor)
    rows = await goodwill.of_ticket(behind.engine, ticket_no)
    return {
        "ticket_no": ticket_no,
        "given": (await items(behind, rows, who=who, at=at, may_settle=is_theirs))[::-1],
        "may_ask": is_theirs,
        "regions": behind.authorities.regions(at=at),
        "goodwill_kinds": tuple(GoodwillKind),
        "yuan": yuan,
        "longest": MAX_NOTE,
        "new_key": _new_key,
        **{"asking": None, "faults": frozenset(), "told_off": None, **form},
        "gave": form.get("gave", "") if form.get("gave") in _SAID else "",
    }


async def told_of(behind: Behind, ticket_no: str, names: Names, *, at: datetime) -> tuple[GoodwillStep, ...]:
    rows = await goodwill.of_ticket(behind.engine, ticket_no)
    return tuple(each for row in rows for each in steps(row, names, region=behind.authorities.name(row.region, at=at)))


def _new_key() -> str:
    """One for each form shown: sent twice it is one request."""
    return secrets.token_hex(16)
