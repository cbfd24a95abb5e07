"""What every page stands on: its language, its words, its frame, its headers, and what it says when it cannot be shown.

A page module makes `router = pages.router()`, asks for its visitor with `Who`, reads the ledger, and ends with
`return page(request, who, "queue.html", rows=rows)`. docs/web.md tells the rest.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException

from domain.access import Permission
from domain.commands import Role
from domain.explanations import Sentence
from domain.lights import Light
from domain.wording import Both, Language
from ledger.database import LedgerUnavailable
from settings import utc_now
from starter.http import problems
from starter.http.behind import Behind
from starter.http.principals import Principal, signed_in
from starter.http.problems import Problem, is_asked_by_a_person, of_status
from starter.telling.events import Names
from starter.web import assets, times, words
from starter.web.addresses import local_address, parts_of
from starter.web.languages import language_of

CONTENT_SECURITY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
SIGN_IN = "/sign-in"
HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": CONTENT_SECURITY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()",
    # Not no-referrer: a browser then says `Origin: null` of our own forms.
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language, HX-Request",
    "X-Content-Type-Options": "nosniff",
}


class Door(NamedTuple):
    """A link in the frame's navigation. Empty `roles` are all who may read. `hands` see it where
    the policy escalates to their department.
    """

    word: str
    href: str
    roles: frozenset[Role] = frozenset()
    hands: frozenset[Role] = frozenset()


DOORS = (
    Door("board", "/board"),
    Door("queue", "/queue", frozenset(Role) - {Role.CUSTOMER, Role.DEALER}),
    Door("desk", "/desk", frozenset({Role.CX, Role.ARBITER, Role.COORDINATOR, Role.LEADERSHIP, Role.OPS})),
    # For those who have no desk, where it is a tab.
    Door(
        "escalations",
        "/desk/escalations",
        frozenset({Role.VP}),
        frozenset({Role.RESPONDER, Role.MANAGER, Role.DIRECTOR}),
    ),
    Door("red_lines", "/red-lines", frozenset(Role) - {Role.CUSTOMER, Role.DEALER, Role.RESPONDER, Role.ARBITER}),
    Door(
        "goodwill",
        "/goodwill",
        frozenset({Role.MANAGER, Role.DIRECTOR, Role.VP, Role.COORDINATOR, Role.CX, Role.LEADERSHIP, Role.OPS}),
    ),
    Door("notices", "/notices"),
    Door("webhooks", "/webhooks", frozenset({Role.OPS})),
)

_env = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# Where the problem itself speaks to a program.
_TO_A_PERSON: Mapping[str, Both] = {
    "malformed": (
        "网址或表单里有一项不正确；请返回修改。",
        "Something in the address or the form is not right; go back and mend it.",
    ),
    "not_found": ("请核对网址，或从首页进入。", "Check the address, or begin at the start."),
    "method_not_allowed": ("请返回，从页面上的链接或按钮进入。", "Go back, and come by a link or a button."),
    "unreadable_body": (
        "表单没有完整送达；请返回后再发一次。",
        "The form did not come whole; go back and send it again.",
    ),
    "too_large": (
        "请返回，少选几个文件，或选小一点的，再发一次。",
        "Go back, choose fewer or smaller files, and send it again.",
    ),
}
_TICKING = ("left", "over", "day", "hour", "minute", "second", "between", "green", "yellow", "red")


def router() -> APIRouter:
    """For a page module. Its problems are answered as pages; a visitor who is not signed in is sent to sign in."""
    return APIRouter(include_in_schema=False, route_class=PageRoute, default_response_class=HTMLResponse)


def install(app: FastAPI) -> None:
    """Tell a person in a page what no route of a page told; programs get the problem. To be called after problems'."""
    as_problem = cast(Callable[[Request, Exception], Awaitable[Response]], app.exception_handlers[HTTPException])

    async def told(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException) or not is_asked_by_a_person(request.url.path, request.headers):
            return await as_problem(request, error)
        with contextlib.suppress(LedgerUnavailable):
            request.state.who = await signed_in(request, request.app.state.behind, at=utc_now())
        problem = error if isinstance(error, Problem) else of_status(error.status_code, error.headers)
        return refused(request, problem)

    app.add_exception_handler(HTTPException, told)


def page(
    request: Request,
    who: Principal | None,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    form_to: str = "",
    **context: Any,
) -> HTMLResponse:
    """The template as a response, or a part of a page for htmx.

    Beside `context` a template has what `docs/web.md` lists. `form_to` is another origin that a form of this page ends
    at (a sign-in provider's).
    """
    language = language_of(request)
    content = _env.get_template(template).render(**_frame(request, who, template, language), **context)
    security = f"{CONTENT_SECURITY} {form_to}" if form_to else CONTENT_SECURITY
    said = {"Content-Language": "zh-CN" if language == "zh" else "en", "Content-Security-Policy": security}
    return HTMLResponse(content, status_code=status, headers={**HEADERS, **said, **(headers or {})})


def is_part(request: Request) -> bool:
    """Whether htmx asks for a part of the page that it shows already."""
    return request.headers.get("hx-request") == "true"


def see_other(request: Request, address: str) -> Response:
    """Go on to `address` (one of ours) after a form, with or without htmx."""
    if is_part(request):
        return Response(status_code=200, headers={**HEADERS, "HX-Redirect": address})
    return RedirectResponse(address, status_code=303, headers=HEADERS)


class PageRoute(APIRoute):
    """A route whose problems are told to a person."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_as_page(request: Request) -> Response:
            try:
                return await answer(request)
            except Problem as problem:
                return refused(request, problem)
            except RequestValidationError:
                return refused(request, Problem("malformed"))
            except LedgerUnavailable:
                return refused(request, Problem("ledger_unavailable"))

        return answer_as_page


_IN_PASSING = {"HX-Retarget": "#said", "HX-Reswap": "innerHTML"}


def refused(request: Request, problem: Problem) -> Response:
    """The problem as a page, as a passing word when htmx asked, or the way to the sign-in."""
    who = getattr(request.state, "who", None)
    if problem.code == "not_signed_in":
        sign_in = f"{SIGN_IN}?next={quote(_shown_at(request), safe='')}"
        if not is_part(request):
            return see_other(request, sign_in)
        # The page stays, with all that was typed into it; the way to the sign-in opens beside it.
        return page(request, who, "signed_out.html", status=401, headers=_IN_PASSING, sign_in=sign_in)
    detail = problem.detail_in_both or _TO_A_PERSON.get(problem.code)
    told = json.loads(bytes(problems.answer(problem.code, language_of(request), detail=detail, **problem.extra).body))
    template, headers = "problem.html", dict(problem.headers or {})
    if is_part(request):
        template, headers = "problem_said.html", {**headers, **_IN_PASSING}
    return page(request, who, template, status=told["status"], headers=headers, told=told)


def _shown_at(request: Request) -> str:
    """The page to come back to: this one, or the one that htmx or a form stood on."""
    if is_part(request):
        parts = parts_of(request.headers.get("hx-current-url", ""))
    elif request.method == "GET":
        parts = parts_of(str(request.url))
    else:
        return "/"
    return local_address(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _frame(request: Request, who: Principal | None, template: str, language: Language) -> dict[str, Any]:
    """What every template has."""
    behind: Behind = request.app.state.behind
    at, names = utc_now(), Names(behind.files)
    policy = behind.files.policy_at(at)
    zone, raised_to = policy.calendar.zone, {rung.to for rung in policy.escalations}
    t = words.speaker(words.page_of(template), language)

    def speak(said: Sentence | Both) -> str:
        zh, en = (said.zh, said.en) if isinstance(said, Sentence) else said
        return zh if language == "zh" else en

    return {
        "t": t,
        "words_of": lambda page: words.speaker(page, language),
        "lang": language,
        "who": who,
        "at": at,
        "path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "csrf": who.csrf if who else "",
        "static": assets.address,
        "doors": [door for door in DOORS if _is_open(door, who, raised_to)],
        "ticking": json.dumps({key: t(f"ticking.{key}") for key in _TICKING}, ensure_ascii=False),
        "speak": speak,
        "named": lambda code: speak(names.of(code)),
        "tag_named": lambda code: speak(names.tag(code)),
        "local": lambda instant: times.local(instant, zone, at=at),
        "full": lambda instant: times.full(instant, zone),
        "utc": times.utc,
        "length": lambda value: times.length(value, language),
        "light_of": _light,
    }


def _is_open(door: Door, who: Principal | None, raised_to: Collection[str]) -> bool:
    if who is None or not who.may(Permission.READ):
        return False
    return not door.roles or who.role in door.roles or (who.role in door.hands and who.department in raised_to)


def _light(yellow_at: datetime | None, due_at: datetime | None, at: datetime) -> Light:
    """As `domain.clocks` has it, for clocks that are shown by their instants."""
    if due_at is not None and at >= due_at:
        return Light.RED
    return Light.YELLOW if yellow_at is not None and at >= yellow_at else Light.GREEN
