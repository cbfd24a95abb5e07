"""CX's desk: what nobody could be given yet, whom to call, whom nobody reached, and what was escalated."""

import secrets
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Path, Query, Request
from fastapi.responses import Response
from pydantic import Field, StringConstraints

from domain import commands as cmd
from domain.access import Permission
from domain.commands import Role
from domain.policy import EscalationLevel
from domain.values import TAG
from ledger import desk
from ledger.desk import Pile
from starter.api.answers import At, TicketNo
from starter.api.bodies import MAX_NOTE, body_of
from starter.api.command_routes import submit
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem
from starter.web import pages
from starter.web.desk_view import (
    AT_ONCE,
    call_rows,
    parted,
    plain_rows,
    row_of,
    suggested,
    systems,
    triage_rows,
    why_not,
    words_of,
)

router = pages.router()

ADDRESSES = {
    Pile.TRIAGE: "/desk",
    Pile.CALLS: "/desk/calls",
    Pile.UNREACHED: "/desk/unreachable",
    Pile.ARBITRATION: "/desk/arbitration",
    Pile.ESCALATIONS: "/desk/escalations",
}
FormKey = Annotated[str, Form(pattern=r"^[\x21-\x7e]{1,128}$")]
FormNote = Annotated[Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NOTE)], Form()]
_Tags = Annotated[list[Annotated[str, Field(pattern=TAG)]], Form(min_length=1, max_length=20)]
_Risk = Annotated[str, Form(pattern="^[1-5]?$")]


async def show_pile(
    request: Request, pile: Pile, who: Principal, behind: Behind, *, at: datetime, **context: Any
) -> Response:
    """A pile of the desk, or for htmx its rows and the tabs anew."""
    heights = await desk.heights(behind.engine, at=at)
    template = "desk_fresh.html" if pages.is_part(request) else "desk.html"
    more = max(0, heights[pile].total - AT_ONCE)
    return pages.page(
        request,
        who,
        template,
        pile=pile,
        heights=heights,
        addresses=ADDRESSES,
        more=more,
        exported=_EXPORTED.get(pile, "") if who.may(Permission.EXPORT) else "",
        new_key=new_key,
        **context,
    )


# The query by which the API exports a pile's complaints, with those that need nothing of the desk just now.
_EXPORTED = {
    Pile.TRIAGE: "stage=triage",
    Pile.CALLS: "stage=verification",
    Pile.UNREACHED: "stage=verification",
    Pile.ARBITRATION: "stage=arbitration",
}


def new_key() -> str:
    """For each form that is shown: sent twice it is one act."""
    return secrets.token_hex(16)


async def done(
    request: Request, ticket_no: str, kind: str, said: dict[str, Any], back: str, *, act: "Acting"
) -> Response:
    """Ask it; what became of it is told in passing, or on the pile that it came from."""
    body = body_of(kind)(**{name: value for name, value in said.items() if value not in ("", None)})
    answer = await submit(act.behind, ticket_no, kind, body, who=act.who, key=act.key, at=act.at)
    if not pages.is_part(request):
        return pages.see_other(request, f"{back}?done={ticket_no}")
    headers = {"HX-Trigger": "fresh"}
    return pages.page(
        request, act.who, "desk_said.html", headers=headers, ticket_no=ticket_no, sentence=answer.sentence
    )


class Acting:
    """Who acts, by which form, when."""

    def __init__(self, who: Principal, behind: Behind, key: str, at: datetime) -> None:
        self.who, self.behind, self.key, self.at = who, behind, key, at


Done = Annotated[str, Query(max_length=64)]


@router.get("/desk", dependencies=[needs(Permission.READ)])
async def show_triage(request: Request, who: Who, behind: BehindRoutes, at: At, done: Done = "") -> Response:
    rows = await triage_rows(behind, await desk.pile(behind.engine, Pile.TRIAGE, limit=AT_ONCE), who)
    return await show_pile(request, Pile.TRIAGE, who, behind, at=at, rows=rows, done=done)


@router.get("/desk/calls", dependencies=[needs(Permission.READ)])
async def show_calls(request: Request, who: Who, behind: BehindRoutes, at: At, done: Done = "") -> Response:
    """Those whose call is due or near, then the others, who may be called before."""
    rows = await call_rows(behind, await desk.pile(behind.engine, Pile.CALLS), who, at=at)
    return await show_pile(request, Pile.CALLS, who, behind, at=at, rows=rows[:AT_ONCE], done=done)


@router.get("/desk/unreachable", dependencies=[needs(Permission.READ)])
async def show_unreached(request: Request, who: Who, behind: BehindRoutes, at: At, done: Done = "") -> Response:
    rows = await call_rows(behind, await desk.pile(behind.engine, Pile.UNREACHED, limit=AT_ONCE), who, at=at)
    refused = {row.ticket_no: why_not(row.c, cmd.CloseUnreachable, who) for row in rows}
    return await show_pile(request, Pile.UNREACHED, who, behind, at=at, rows=rows, done=done, refused=refused)


@router.get("/desk/arbitration", dependencies=[needs(Permission.READ)])
async def show_disputes(request: Request, who: Who, behind: BehindRoutes, at: At, done: Done = "") -> Response:
    rows = await plain_rows(behind, await desk.pile(behind.engine, Pile.ARBITRATION, limit=AT_ONCE), who)
    return await show_pile(request, Pile.ARBITRATION, who, behind, at=at, rows=rows, done=done)


@router.get("/desk/escalations", dependencies=[needs(Permission.READ)])
async def show_escalations(request: Request, who: Who, behind: BehindRoutes, at: At, done: Done = "") -> Response:
    mine, others = parted(await desk.raised(behind.engine), who.actor)
    rows = [*mine, *others]
    may = who.may(Permission.ACT) and who.role is not Role.CUSTOMER
    return await show_pile(
        *(request, Pile.ESCALATIONS, who, behind),
        at=at,
        rows=rows,
        mine=mine,
        others=others,
        lines=await words_of(behind, {each.ticket_no for each in rows}),
        may=may,
        done=done,
    )


@router.get("/desk/triage/{ticket_no}", dependencies=[needs(Permission.READ)])
async def show_choice(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes) -> Response:
    """Every tag of the matrix to choose from, beside the customer's words."""
    row = await row_of(behind, ticket_no)
    if row is None:
        raise Problem("not_begun")
    row = row._replace(
        why_not=why_not(row.c, cmd.Reclassify, who), suggestions=suggested(behind.files, row.words, row.c)
    )
    offered = systems(behind.files, row.c)
    return pages.page(request, who, "desk_choice.html", row=row, systems=offered, new_key=new_key)


@router.post("/desk/triage/{ticket_no}", dependencies=[needs(Permission.ACT)])
async def classify(
    request: Request,
    ticket_no: TicketNo,
    who: Who,
    behind: BehindRoutes,
    at: At,
    key: FormKey,
    tags: _Tags,
    note: FormNote = "",
    risk_level: _Risk = "",
) -> Response:
    """Give it these tags; the matrix then says whose it is."""
    said = {"tags": tuple(dict.fromkeys(tags)), "note": note, "risk_level": int(risk_level) if risk_level else None}
    return await done(request, ticket_no, "reclassify", said, "/desk", act=Acting(who, behind, key, at))


@router.post("/desk/unreachable/{ticket_no}", dependencies=[needs(Permission.ACT)])
async def close(
    request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At, key: FormKey, note: FormNote = ""
) -> Response:
    act = Acting(who, behind, key, at)
    return await done(request, ticket_no, "close_unreachable", {"note": note}, "/desk/unreachable", act=act)


@router.post("/desk/escalations/{ticket_no}/{level}", dependencies=[needs(Permission.ACT)])
async def acknowledge(
    request: Request,
    ticket_no: TicketNo,
    level: Annotated[EscalationLevel, Path()],
    who: Who,
    behind: BehindRoutes,
    at: At,
    key: FormKey,
) -> Response:
    act = Acting(who, behind, key, at)
    return await done(request, ticket_no, "acknowledge", {"level": level}, "/desk/escalations", act=act)
