"""The complaint's page: the customer's words, what can be done now, and everything that happened, clock by clock."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from domain.access import Permission
from domain.explanations import Sentence
from ledger import marks
from starter.api.answers import At, TicketNo, known_ticket
from starter.api.command_routes import QueuedBody, submit
from starter.api.customer_links import issue_link, revoke_link
from starter.api.disclosures import WhyBody, show_personal
from starter.http.behind import Behind, BehindRoutes
from starter.http.disclosures import MAX_WHY
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem, in_both
from starter.web import complaint_forms, pages
from starter.web.complaint_files import FileRefused, taken
from starter.web.complaint_forms import FORMS, Attached, Misfilled
from starter.web.complaint_goodwill import panel
from starter.web.complaint_view import Filled, Personal, carried, offered, shown

KEY = r"^[\x21-\x7e]{1,128}$"
UPLOADS = "/complaints/"  # what is posted below it may bring files

router = pages.router()

Kind = Annotated[str, Path(pattern=rf"^({'|'.join(FORMS)})$")]
Part = Literal["standing", "added", "acts", "story", "goodwill"]
# Said in words by the form itself; everything else that goes wrong is a page of its own.
_TOLD_IN_THE_FORM = (409, 422, 503)
# What became of it is not known: the same act must be sent again, not another.
_UNDECIDED = frozenset({"ledger_unavailable", "store_unavailable"})


@router.get("/complaints/{ticket_no}", dependencies=[needs(Permission.READ)])
async def show(
    request: Request,
    ticket_no: TicketNo,
    who: Who,
    behind: BehindRoutes,
    at: At,
    done: Annotated[str, Query(max_length=64)] = "",
    queued: Annotated[str, Query(max_length=128)] = "",
    gave: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    """`done` is the act that was just taken, `queued` the key of one that is still to be decided, `gave` how goodwill
    stands that was just asked for or decided.
    """
    return await whole(request, ticket_no, who, behind, at=at, done=done, queued=queued, gw={"gave": gave})


@router.get("/complaints/{ticket_no}/parts/{part}", dependencies=[needs(Permission.READ)])
async def show_part(
    request: Request,
    ticket_no: TicketNo,
    part: Part,
    who: Who,
    behind: BehindRoutes,
    at: At,
    mark: Annotated[str, Query(max_length=100)] = "",
    queued: Annotated[str, Query(max_length=128)] = "",
) -> Response:
    """The part as it is since `mark`; an empty answer, which costs little, when nothing has happened."""
    if mark and await marks.of(behind.engine, ticket_no) == mark:
        return Response(status_code=204, headers=pages.HEADERS)
    context = await _context(ticket_no, who, behind, at=at, queued=queued)
    return pages.page(request, who, f"complaint_{part}.html", **context)


@router.post("/complaints/{ticket_no}/acts/{kind}", dependencies=[needs(Permission.ACT)])
async def act(request: Request, ticket_no: TicketNo, kind: Kind, who: Who, behind: BehindRoutes, at: At) -> Response:
    """Ask it of the complaint. Taken, it leads back to the page; else the form comes again with what was typed."""
    await known_ticket(behind, ticket_no)
    async with request.form() as form:
        attached, refused = await taken(behind, ticket_no, form, who=who, at=at)
        filled = Filled(kind, _key(form), _values(form), attached, refused=refused)
        if refused:
            return await _again(request, ticket_no, who, behind, filled, at=at)
        return await _asked(request, ticket_no, who, behind, form, filled, at=at)


async def _asked(
    request: Request, ticket_no: str, who: Principal, behind: Behind, form: FormData, filled: Filled, *, at: datetime
) -> Response:
    kind, key = filled.kind, filled.key
    try:
        body = complaint_forms.body_from(kind, form, filled.attached)
        answer = await submit(behind, ticket_no, kind, body, who=who, key=key, at=at)
    except Misfilled as fault:
        return await _again(request, ticket_no, who, behind, filled._replace(faults=dict(fault.faults)), at=at)
    except Problem as problem:
        if problem.status_code not in _TOLD_IN_THE_FORM:
            raise
        filled = filled._replace(said=_said(problem), key=key if problem.code in _UNDECIDED else _new_key())
        return await _again(request, ticket_no, who, behind, filled, at=at, status=problem.status_code)
    became = f"queued={answer.command_id}" if isinstance(answer, QueuedBody) else f"done={kind}"
    return pages.see_other(request, f"/complaints/{ticket_no}?{became}")


@router.post("/complaints/{ticket_no}/files", dependencies=[needs(Permission.ACT)])
async def upload(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At) -> Response:
    """For scripts: keep a file before its form is sent. Answers what the form then names, or why it was refused."""
    await known_ticket(behind, ticket_no)
    async with request.form() as form:
        attached, refused = await taken(behind, ticket_no, form, who=who, at=at)
    return _attached(request, who, attached, refused)


@router.post("/complaints/{ticket_no}/personal", dependencies=[needs(Permission.SEE_PERSONAL)])
async def reveal(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At) -> Response:
    """Show name, phone, VIN and plate this once, and write down that it did."""
    why = str((await request.form()).get("why", "")).replace("\x00", "").strip()[:MAX_WHY]
    if why:
        personal = Personal(await show_personal(ticket_no, WhyBody(why=why), who, behind, at))
    else:
        personal = Personal(is_misfilled=True)
    status = 200 if why else 422
    if not pages.is_part(request):
        return await whole(request, ticket_no, who, behind, at=at, personal=personal, status=status)
    context = await _context(ticket_no, who, behind, at=at, personal=personal)
    return pages.page(request, who, "complaint_words.html", status=status, **context)


@router.post("/complaints/{ticket_no}/link", dependencies=[needs(Permission.CUSTOMER_LINKS)])
async def issue(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At) -> Response:
    """End what opened the customer's page before, and show the new link this once."""
    issued = await issue_link(ticket_no, who, behind, at, Response())
    return await whole(request, ticket_no, who, behind, at=at, issued=issued.link)


@router.post("/complaints/{ticket_no}/link/revoke", dependencies=[needs(Permission.CUSTOMER_LINKS)])
async def revoke(request: Request, ticket_no: TicketNo, who: Who, behind: BehindRoutes, at: At) -> Response:
    await revoke_link(ticket_no, who, behind, at)
    return pages.see_other(request, f"/complaints/{ticket_no}#link")


@router.get("/complaints/{ticket_no}/acts/{kind}", dependencies=[needs(Permission.READ)])
@router.get("/complaints/{ticket_no}/link", dependencies=[needs(Permission.READ)])
@router.get("/complaints/{ticket_no}/link/revoke", dependencies=[needs(Permission.READ)])
@router.get("/complaints/{ticket_no}/personal", dependencies=[needs(Permission.READ)])
async def back(request: Request, ticket_no: TicketNo) -> Response:
    """Where a form's answer stood, asked for anew: by a reload, or by the way to the other language."""
    return pages.see_other(request, f"/complaints/{ticket_no}")


async def whole(
    request: Request,
    ticket_no: str,
    who: Principal,
    behind: Behind,
    *,
    at: datetime,
    status: int = 200,
    **more: Any,
) -> Response:
    """The page as `_context` has it."""
    context = await _context(ticket_no, who, behind, at=at, **more)
    return pages.page(request, who, "complaint.html", status=status, **context)


async def _again(
    request: Request,
    ticket_no: str,
    who: Principal,
    behind: Behind,
    filled: Filled,
    *,
    at: datetime,
    status: int = 422,
) -> Response:
    """The form with what was typed, in its page or as parts: what refused it may have changed all that is shown."""
    if not pages.is_part(request):
        return await whole(request, ticket_no, who, behind, at=at, filled=filled, status=status)
    context = await _context(ticket_no, who, behind, at=at, filled=filled)
    return pages.page(request, who, "complaint_again.html", status=status, **context)


async def _context(
    ticket_no: str,
    who: Principal,
    behind: Behind,
    *,
    at: datetime,
    filled: Filled | None = None,
    personal: Personal | None = None,
    done: str = "",
    queued: str = "",
    issued: str = "",
    gw: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    """`issued` is a link to the customer's page that is shown this once; `gw` a form of goodwill's panel."""
    mark = await marks.of(
        behind.engine, ticket_no
    )  # before all else: what comes meanwhile is fetched again, not missed
    facts = await shown(behind, ticket_no, who=who, at=at)
    is_decided = facts.c is not None and queued in facts.c.seen
    choices = offered(facts.c, who, at=at)
    return {
        "shown": facts,
        "mark": mark,
        "filled": carried(filled, choices["acts"]),
        "personal": personal or Personal(),
        "done": done if done in FORMS else "",
        "queued": "" if is_decided else queued,
        "issued": issued,
        "new_key": _new_key,
        "gw": await panel(behind, ticket_no, facts.c, who=who, at=at, **(gw or {})),
        **choices,
    }


def _attached(
    request: Request, who: Principal, attached: tuple[Attached, ...], refused: tuple[FileRefused, ...]
) -> Response:
    status = 422 if refused else 200
    return pages.page(
        request, who, "complaint_attached.html", status=status, attached=attached, refused=refused, only=True
    )


def _key(form: FormData) -> str:
    """One for each form shown: sent twice it is one act."""
    given = form.get("key", "")
    return given if isinstance(given, str) and given.isascii() and given.isalnum() and len(given) <= 64 else _new_key()


def _new_key() -> str:
    return secrets.token_hex(16)


def _values(form: FormData) -> dict[str, list[str]]:
    return {name: [str(each) for each in form.getlist(name) if isinstance(each, str)] for name in form}


def _said(problem: Problem) -> Sentence:
    zh, en = in_both(problem)
    return Sentence(zh=zh, en=en)
