"""Goodwill's own pages: each region's month as a purse, the special-claims desk's pile, and like cases side by side."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from domain.access import Permission
from domain.explanations import Sentence
from domain.goodwill import MOST_FEN, REGION, MonthText
from domain.money import fen_of, yuan
from ledger import goodwill
from starter.api import goodwill as api
from starter.api.answers import At
from starter.api.bodies import MAX_NOTE
from starter.api.goodwill import RequestId, RulingBody
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem, in_both
from starter.web import pages
from starter.web.goodwill_view import Item, items, purse

router = pages.router()

MONTHS = 12  # that a region's page goes back
_TOLD_IN_THE_FORM = (409, 503)
_Line = Annotated[str, StringConstraints(max_length=64)]


class Ruled(BaseModel):
    """The desk's form, as somebody filled it in. `yuan` counts for a grant alone."""

    model_config = ConfigDict(frozen=True)

    word: _Line = ""
    yuan: _Line = ""
    why: Annotated[str, StringConstraints(strip_whitespace=True)] = ""

    @property
    def granted(self) -> int | None:
        """In fen; 0 refuses, and None is no ruling."""
        if self.word == "refuse":
            return 0
        fen = fen_of(self.yuan) if self.word == "grant" else None
        return fen if fen and fen <= MOST_FEN else None

    @property
    def faults(self) -> frozenset[str]:
        wrong = {
            "word": self.word not in ("grant", "refuse"),
            "granted": self.word == "grant" and self.granted is None,
            "why": not 0 < len(self.why) <= MAX_NOTE,
        }
        return frozenset(name for name, is_wrong in wrong.items() if is_wrong)


@router.get("/goodwill", dependencies=[needs(Permission.READ)])
async def show_regions(request: Request, who: Who, behind: BehindRoutes, at: At) -> Response:
    """Every region's month, as it stands."""
    month = behind.goodwill.month(at)
    rows = await goodwill.since(behind.engine, month)
    purses = [purse(behind, rows, region=each.id, month=month, at=at) for each in behind.authorities.regions(at=at)]
    return await _page(request, who, behind, "goodwill.html", tab="regions", month=month, purses=purses)


@router.get("/goodwill/regions/{region}", dependencies=[needs(Permission.READ)])
async def show_region(
    request: Request,
    region: Annotated[str, Path(pattern=REGION)],
    who: Who,
    behind: BehindRoutes,
    at: At,
    month: Annotated[MonthText | None, Query()] = None,
) -> Response:
    """Its purse, what was asked for in that month, and the months before."""
    month = month or behind.goodwill.month(at)
    first = min(month, behind.goodwill.month_before(at, months=MONTHS - 1))
    rows = await goodwill.since(behind.engine, first, region=region)
    if not rows and region not in {each.id for each in behind.authorities.regions(at=at)}:
        raise Problem("not_found")
    months = sorted({row.month for row in rows} | {month, behind.goodwill.month(at)}, reverse=True)
    purses = [purse(behind, rows, region=region, month=each, at=at) for each in months]
    asked = [row for row in rows if row.month == month][::-1]
    context: dict[str, Any] = {
        "month": month,
        "purse": next(each for each in purses if each.month == month),
        "purses": purses,
        "given": await items(behind, asked, who=who, at=at, may_settle=False),
    }
    return await _page(request, who, behind, "goodwill_region.html", tab="regions", **context)


@router.get("/goodwill/desk", dependencies=[needs(Permission.READ)])
async def show_desk(
    request: Request, who: Who, behind: BehindRoutes, at: At, gave: Annotated[str, Query(max_length=16)] = ""
) -> Response:
    """What waits for the special-claims desk, the soonest due first."""
    return await _desk(request, who, behind, at, gave=gave if gave in ("held", "refused") else "")


@router.post("/goodwill/{request_id}/rule", dependencies=[needs(Permission.ACT)])
async def rule(
    request: Request, request_id: RequestId, filled: Annotated[Ruled, Form()], who: Who, behind: BehindRoutes, at: At
) -> Response:
    """Taken, it leads back to the pile; else the form comes again with what was typed."""
    granted = filled.granted
    if filled.faults or granted is None:
        return await _desk(request, who, behind, at, status=422, about=request_id, filled=filled)
    try:
        answer = await api.rule_goodwill(request_id, RulingBody(granted=granted, note=filled.why), who, behind, at)
    except Problem as problem:
        if problem.status_code not in _TOLD_IN_THE_FORM:
            raise
        zh, en = in_both(problem)
        told: dict[str, Any] = {"about": request_id, "filled": filled, "told_off": Sentence(zh=zh, en=en)}
        return await _desk(request, who, behind, at, status=problem.status_code, **told)
    return pages.see_other(request, f"/goodwill/desk?gave={answer.state or ''}")


@router.get("/goodwill/{request_id}/rule", dependencies=[needs(Permission.READ)])
async def back(request: Request, request_id: RequestId) -> Response:  # noqa: ARG001 - of the address
    """Where a form's answer stood, asked for anew: by a reload, or by the way to the other language."""
    return pages.see_other(request, "/goodwill/desk")


@router.get("/goodwill/like-cases", dependencies=[needs(Permission.READ)])
async def show_like_cases(request: Request, who: Who, behind: BehindRoutes, at: At) -> Response:
    """What like cases were paid, and what stands out."""
    found = await behind.goodwill.like_cases(at=at)
    called = {each.id: (each.zh, each.en) for each in behind.authorities.regions(at=at)}
    context: dict[str, Any] = {
        "spreads": found,
        "most": max((each.cases[-1].fen for each in found), default=0),
        "rules": behind.authorities.likeness,
        "region_named": lambda region: called.get(region, (region, region)),
    }
    return await _page(request, who, behind, "goodwill_likecases.html", tab="like_cases", **context)


async def _desk(
    request: Request, who: Principal, behind: Behind, at: datetime, *, status: int = 200, **form: Any
) -> Response:
    rows = await goodwill.at_desk(behind.engine)
    waiting: tuple[Item, ...] = await items(behind, rows, who=who, at=at, may_settle=False)
    context: dict[str, Any] = {
        "given": sorted(waiting, key=lambda each: (each.row.entry and each.row.entry.due) or at),
        "desk": behind.goodwill.desk,
        "longest": MAX_NOTE,
        **{"about": "", "filled": None, "told_off": None, "gave": "", **form},
    }
    template = "goodwill_desklist.html" if pages.is_part(request) else "goodwill_desk.html"
    return await _page(request, who, behind, template, status=status, tab="desk", **context)


async def _page(
    request: Request, who: Principal, behind: Behind, template: str, *, status: int = 200, **context: Any
) -> Response:
    waits = len(await goodwill.at_desk(behind.engine))
    return pages.page(request, who, template, status=status, yuan=yuan, waits=waits, **context)
