"""One customer to call, and one dispute to rule on: the desk's two pages for a single complaint."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from domain import commands as cmd
from domain.access import Permission
from domain.commands import CallOutcome, Evidence, Ratings
from domain.complaint import Stage
from domain.explanations import Sentence
from starter.api.answers import At, TicketNo, known_ticket
from starter.api.bodies import body_of
from starter.api.command_routes import submit
from starter.api.disclosures import WhyBody, show_personal
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem, in_both
from starter.web import pages
from starter.web.complaint_files import taken
from starter.web.complaint_forms import FACTORS
from starter.web.desk import Acting, FormKey, FormNote, done, new_key
from starter.web.desk_view import call_clock, call_of, case_of, row_of, what_was_done, why_not

UPLOADS = "/desk/calls/"  # what is posted below it may bring a recording
_WHY = "verification call"

router = pages.router()


@router.get("/desk/calls/{ticket_no}", dependencies=[needs(Permission.READ)])
async def show_call(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At) -> Response:
    return await _call(request, ticket_no, who, behind, at=at)


@router.post("/desk/calls/{ticket_no}/number", dependencies=[needs(Permission.SEE_PERSONAL)])
async def show_number(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At) -> Response:
    """The number this once; that it was shown is written down."""
    personal = await show_personal(ticket_no, WhyBody(why=_WHY), who, behind, at)
    return await _call(request, ticket_no, who, behind, at=at, customer=personal.customer)


@router.get("/desk/calls/{ticket_no}/number", dependencies=[needs(Permission.READ)])
async def back_to_call(request: Request, ticket_no: TicketNo) -> Response:
    """A reload hides the number again."""
    return pages.see_other(request, f"/desk/calls/{ticket_no}")


@router.post("/desk/calls/{ticket_no}", dependencies=[needs(Permission.ACT)])
async def record(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At) -> Response:
    """Keep what the customer said, with the recording where one was made."""
    await known_ticket(behind, ticket_no)
    form = await request.form()
    attached, refused = await taken(behind, ticket_no, form, who=who, at=at)
    if refused:
        zh, en = refused[0].why
        return await _call(request, ticket_no, who, behind, at=at, form=form, said=Sentence(zh=zh, en=en), status=422)
    evidence = [Evidence(kind=each.kind, sha256=each.sha256).model_dump(mode="json") for each in attached]
    try:
        body = body_of("record_verification_call").model_validate(_answer(form) | {"evidence": evidence})
    except ValidationError:
        raise Problem("malformed") from None
    try:
        await submit(
            behind, ticket_no, "record_verification_call", body, who=who, key=_text(form, "key") or None, at=at
        )
    except Problem as problem:
        if problem.status_code not in (409, 422):
            raise
        zh, en = in_both(problem)
        said = Sentence(zh=zh, en=en)
        return await _call(request, ticket_no, who, behind, at=at, form=form, said=said, status=problem.status_code)
    return pages.see_other(request, f"/desk/calls?done={ticket_no}")


async def _call(
    request: Request,
    ticket_no: str,
    who: Principal,
    behind: Behind,
    *,
    at: datetime,
    form: FormData | None = None,
    said: Sentence | None = None,
    customer: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    row = await row_of(behind, ticket_no)
    if row is None or row.c.stage is not Stage.VERIFICATION:
        return pages.see_other(request, f"/complaints/{ticket_no}")
    row = row._replace(
        clock=call_clock(row.c), call=call_of(row.c, at=at), why_not=why_not(row.c, cmd.RecordVerificationCall, who)
    )
    context: dict[str, Any] = {
        "row": row,
        "claimed": await what_was_done(behind, ticket_no),
        "customer": customer,
        "may_see": who.may(Permission.SEE_PERSONAL),
        "given": {name: _text(form, name) for name in form} if form else {},
        "said": said,
        "factors": FACTORS,
        "outcomes": tuple(CallOutcome),
        "new_key": new_key,
    }
    return pages.page(request, who, "desk_call.html", status=status, **context)


def _answer(form: FormData) -> dict[str, Any]:
    """What was answered; a call that reached nobody rates nothing."""
    outcome = _text(form, "outcome")
    rated = {factor: _text(form, f"ratings.{factor}") for factor in Ratings.model_fields}
    ratings = {factor: int(given) for factor, given in rated.items() if given.isdecimal() and given.isascii()}
    said: dict[str, Any] = {"outcome": outcome}
    if ratings and outcome != CallOutcome.UNREACHED:
        said["ratings"] = ratings
    if note := _text(form, "note"):
        said["note"] = note
    return said


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.replace("\r\n", "\n").replace("\x00", "").strip() if isinstance(value, str) else ""


@router.get("/desk/arbitration/{ticket_no}", dependencies=[needs(Permission.READ)])
async def show_case(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes) -> Response:
    return await _case(request, ticket_no, who, behind)


@router.post("/desk/arbitration/{ticket_no}", dependencies=[needs(Permission.ACT)])
async def rule(
    request: Request,
    ticket_no: TicketNo,
    who: Who,
    behind: BehindRoutes,
    at: At,
    key: FormKey,
    owner: Annotated[str, Form(max_length=64)] = "",
    other: Annotated[str, Form(max_length=64)] = "",
    note: FormNote = "",
) -> Response:
    """The ruling is final, so it needs its reason."""
    chosen = other or owner
    if not chosen or not note:
        fault = "owner" if not chosen else "note"
        return await _case(request, ticket_no, who, behind, fault=fault, owner=chosen, note=note, status=422)
    act = Acting(who, behind, key, at)
    said = {"owner": chosen, "note": note}
    return await done(request, ticket_no, "arbitrate", said, "/desk/arbitration", act=act)


async def _case(
    request: Request,
    ticket_no: str,
    who: Principal,
    behind: Behind,
    *,
    fault: str = "",
    owner: str = "",
    note: str = "",
    status: int = 200,
) -> Response:
    case = await case_of(behind, ticket_no, who)
    if case is None:
        return pages.see_other(request, f"/complaints/{ticket_no}")
    context: dict[str, Any] = {"case": case, "fault": fault, "owner": owner, "note": note, "new_key": new_key}
    return pages.page(request, who, "desk_arbitration.html", status=status, **context)
