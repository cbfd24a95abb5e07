"""Goodwill's forms on the complaint's page: asking, making good, giving back."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from domain.access import Permission
from domain.explanations import Sentence
from domain.goodwill import MOST_FEN, GoodwillKind
from domain.money import fen_of
from ledger import goodwill, marks, queries
from starter.api import goodwill as api
from starter.api.answers import At, TicketNo, known_ticket
from starter.api.bodies import MAX_NOTE
from starter.api.goodwill import ActorOnly, GoodwillBody, RequestId
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem, in_both
from starter.web import complaint, pages
from starter.web.complaint_goodwill import panel

router = pages.router()

# Said in words by the form itself; all else is a page of its own.
_TOLD_IN_THE_FORM = (409, 503)
_Line = Annotated[str, StringConstraints(max_length=64)]


class Asked(BaseModel):
    """The form that asks, as somebody filled it in, right or wrong."""

    model_config = ConfigDict(frozen=True)

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    region: _Line = ""
    kind: _Line = ""
    yuan: _Line = ""
    why: Annotated[str, StringConstraints(strip_whitespace=True)] = ""

    @property
    def fen(self) -> int:
        """0 of what is no amount."""
        fen = fen_of(self.yuan) or 0
        return fen if fen <= MOST_FEN else 0


@router.post("/complaints/{ticket_no}/goodwill", dependencies=[needs(Permission.ACT)])
async def ask(
    request: Request, ticket_no: TicketNo, filled: Annotated[Asked, Form()], who: Who, behind: BehindRoutes, at: At
) -> Response:
    """Taken, the panel says how it stands; else the form comes again with what was typed."""
    faults = _faults_of(filled, behind, at)
    if faults:
        return await _panel(request, ticket_no, who, behind, at, status=422, asking=filled, faults=faults)
    body = GoodwillBody(region=filled.region, kind=GoodwillKind(filled.kind), fen=filled.fen, note=filled.why)
    try:
        answer = await api.ask_goodwill(ticket_no, body, Response(), who, behind, at, filled.key)
    except Problem as problem:
        if problem.status_code not in _TOLD_IN_THE_FORM:
            raise
        told = {"asking": filled, "told_off": _said(problem)}
        return await _panel(request, ticket_no, who, behind, at, status=problem.status_code, **told)
    return await _done(request, ticket_no, who, behind, at, answer.state or "waits")


@router.post("/complaints/{ticket_no}/goodwill/{request_id}/{act}", dependencies=[needs(Permission.ACT)])
async def settle(
    request: Request,
    ticket_no: TicketNo,
    request_id: RequestId,
    act: Annotated[str, Path(pattern=r"^(commit|release)$")],
    who: Who,
    behind: BehindRoutes,
    at: At,
) -> Response:
    """Make it good, or give it back."""
    row = await goodwill.get(behind.engine, request_id)
    if row is None or row.ticket_no != ticket_no:
        raise Problem("unknown_goodwill")
    order = api.commit_goodwill if act == "commit" else api.release_goodwill
    try:
        answer = await order(request_id, ActorOnly(), who, behind)
    except Problem as problem:
        if problem.status_code not in _TOLD_IN_THE_FORM:
            raise
        return await _panel(request, ticket_no, who, behind, at, status=problem.status_code, told_off=_said(problem))
    return await _done(request, ticket_no, who, behind, at, answer.state or "waits")


@router.get("/complaints/{ticket_no}/goodwill", dependencies=[needs(Permission.READ)])
@router.get("/complaints/{ticket_no}/goodwill/{request_id}/{act}", dependencies=[needs(Permission.READ)])
async def back(request: Request, ticket_no: TicketNo) -> Response:
    """Where a form's answer stood, asked for anew: by a reload, or by the way to the other language."""
    return pages.see_other(request, f"/complaints/{ticket_no}#goodwill")


def _faults_of(filled: Asked, behind: Behind, at: datetime) -> frozenset[str]:
    known = {each.id for each in behind.authorities.regions(at=at)}
    wrong = {
        "region": filled.region not in known,
        "kind": filled.kind not in list(GoodwillKind),
        "yuan": filled.fen == 0,
        "why": not 0 < len(filled.why) <= MAX_NOTE,
    }
    return frozenset(name for name, is_wrong in wrong.items() if is_wrong)


async def _done(request: Request, ticket_no: str, who: Principal, behind: Behind, at: datetime, state: str) -> Response:
    """With htmx the panel itself: the way to an address that differs by its anchor alone would load nothing."""
    if pages.is_part(request):
        return await _panel(request, ticket_no, who, behind, at, gave=state)
    return pages.see_other(request, f"/complaints/{ticket_no}?gave={state}#goodwill")


async def _panel(
    request: Request, ticket_no: str, who: Principal, behind: Behind, at: datetime, *, status: int = 200, **form: Any
) -> Response:
    if not pages.is_part(request):
        return await complaint.whole(request, ticket_no, who, behind, at=at, status=status, gw=form)
    await known_ticket(behind, ticket_no)
    mark = await marks.of(behind.engine, ticket_no)
    c = await queries.complaint(behind.engine, ticket_no)
    shown = await panel(behind, ticket_no, c, who=who, at=at, **form)
    return pages.page(request, who, "complaint_goodwill.html", status=status, mark=mark, gw=shown)


def _said(problem: Problem) -> Sentence:
    zh, en = in_both(problem)
    return Sentence(zh=zh, en=en)
