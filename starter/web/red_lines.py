"""Red lines in people's hands: who was called, acknowledging, deciding, closing with the review's outcome, drills."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from domain.access import Permission
from domain.explanations import Sentence
from domain.red_line import Act, Containment, Review
from starter.api import red_lines as api
from starter.api.answers import At
from starter.api.bodies import MAX_NOTE
from starter.api.red_line_views import RedLineView
from starter.api.red_lines import AcknowledgeBody, CloseBody, DecideBody, RedLineId
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem, in_both
from starter.web import pages

router = pages.router()

_Act = Annotated[Act, Path()]
_Key = Annotated[str, Form(pattern=r"^[0-9a-f]{32}$")]
# Said in words by the form itself; all else is a page of its own.
_TOLD_IN_THE_FORM = (409, 503)


class Filled(BaseModel):
    """A form as somebody filled it in, right or wrong."""

    model_config = ConfigDict(frozen=True)

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    choice: Annotated[str, StringConstraints(max_length=32)] = ""
    why: Annotated[str, StringConstraints(strip_whitespace=True)] = ""


@router.get("/red-lines", dependencies=[needs(Permission.READ)])
async def show_all(request: Request, who: Who, behind: BehindRoutes) -> Response:
    shown = await api.list_red_lines(who, behind)
    context: dict[str, Any] = {"red_lines": shown.items, "may_drill": who.may(Permission.DRILL), "new_key": _new_key}
    return pages.page(request, who, "redlines_list.html" if pages.is_part(request) else "redlines.html", **context)


@router.post("/red-lines/drills", dependencies=[needs(Permission.DRILL)])
async def drill(request: Request, who: Who, behind: BehindRoutes, at: At, key: _Key) -> Response:
    begun = await api.drill(who, behind, at, key)
    return pages.see_other(request, f"/red-lines/{begun.red_line_id}")


@router.get("/red-lines/{red_line_id}", dependencies=[needs(Permission.READ)])
async def show_one(
    request: Request, red_line_id: RedLineId, who: Who, behind: BehindRoutes, done: Annotated[str, Query()] = ""
) -> Response:
    """`done` is what was just ordered."""
    found = await api.show_red_line(red_line_id, who, behind)
    return _page(request, who, found, done=done if done in list(Act) else "")


@router.post("/red-lines/{red_line_id}/{act}", dependencies=[needs(Permission.ACT)])
async def order(
    request: Request,
    red_line_id: RedLineId,
    act: _Act,
    filled: Annotated[Filled, Form()],
    who: Who,
    behind: BehindRoutes,
    at: At,
) -> Response:
    """Taken, it leads back to the page; else the form comes again with what was typed."""
    try:
        await _ORDERS[act](red_line_id, filled, who, behind, at)
    except ValidationError as error:
        faults = frozenset(_FIELDS[str(each["loc"][0])] for each in error.errors())
        found = await api.show_red_line(red_line_id, who, behind)
        return _page(request, who, found, status=422, act=act, filled=filled, faults=faults)
    except Problem as problem:
        if problem.status_code not in _TOLD_IN_THE_FORM:
            raise
        said = Sentence(**dict(zip(("zh", "en"), in_both(problem), strict=True)))
        found = await api.show_red_line(red_line_id, who, behind)
        return _page(request, who, found, status=problem.status_code, act=act, filled=filled, said=said)
    return pages.see_other(request, f"/red-lines/{red_line_id}?done={act}")


@router.get("/red-lines/{red_line_id}/{act}", dependencies=[needs(Permission.READ)])
async def back(request: Request, red_line_id: RedLineId, act: _Act) -> Response:  # noqa: ARG001 - of the address
    """Where a form's answer stood, asked for anew: by a reload, or by the way to the other language."""
    return pages.see_other(request, f"/red-lines/{red_line_id}")


async def _acknowledge(red_line_id: str, filled: Filled, who: Principal, behind: Behind, at: datetime) -> RedLineView:
    return await api.acknowledge_red_line(red_line_id, AcknowledgeBody(), who, behind, at, filled.key)


async def _decide(red_line_id: str, filled: Filled, who: Principal, behind: Behind, at: datetime) -> RedLineView:
    body = DecideBody.model_validate({"containment": filled.choice, "note": filled.why or None})
    return await api.decide_red_line(red_line_id, body, who, behind, at, filled.key)


async def _close(red_line_id: str, filled: Filled, who: Principal, behind: Behind, at: datetime) -> RedLineView:
    body = CloseBody.model_validate({"review": filled.choice, "note": filled.why})
    return await api.close_red_line(red_line_id, body, who, behind, at, filled.key)


_ORDERS: Mapping[Act, Callable[[str, Filled, Principal, Behind, datetime], Awaitable[RedLineView]]] = {
    Act.ACKNOWLEDGE: _acknowledge,
    Act.DECIDE: _decide,
    Act.CLOSE: _close,
}
_FIELDS = {"containment": "choice", "review": "choice", "note": "why"}


def _page(request: Request, who: Principal, found: RedLineView, *, status: int = 200, **form: Any) -> Response:
    context: dict[str, Any] = {
        **{"line": found, "containments": tuple(Containment), "reviews": tuple(Review), "longest": MAX_NOTE},
        **{"act": "", "filled": None, "faults": frozenset(), "said": None, "done": "", "new_key": _new_key, **form},
    }
    template = "redlines_live.html" if pages.is_part(request) and not form.get("act") else "redlines_one.html"
    return pages.page(request, who, template, status=status, **context)


def _new_key() -> str:
    """One for each form shown: sent twice it is one order."""
    return secrets.token_hex(16)
