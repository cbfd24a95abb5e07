"""Who shows neither a key nor a session that is good is answered before a byte of what they send is read or kept."""

import contextlib
from collections.abc import Callable, Iterable

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ledger.database import LedgerUnavailable
from settings import Settings, utc_now
from starter.http.principals import identified, nobody, shows_something
from starter.http.problems import Problem, answer, preferred

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_CUSTOMERS = ("/c/", "/report")  # who holds a customer's link is no stranger there, and our form is anybody's


class Strangers:
    """ASGI middleware for the API's paths, those under `prefix`, and for what is sent to the pages under `also`.

    What is `signed` below that path shows neither: its route looks at the signature, for which it needs the body.
    Whether what is shown is good is asked here of what is sent to the API; of the rest later, by `Who`. `to_a_page` is
    how the pages tell somebody that they are not signed in.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        settings: Settings,
        prefix: str,
        to_a_page: Callable[[Request, Problem], Response],
        also: Iterable[str] = (),
        signed: str = "",
    ) -> None:
        self._app, self._settings, self._prefix = app, settings, prefix
        self._signed, self._to_a_page = signed, to_a_page
        self._also = tuple(path for path in also if not path.startswith(_CUSTOMERS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = await self._refused(scope) if scope["type"] == "http" and self._guards(scope) else None
        await (self._refusal(scope, refused) if refused else self._app)(scope, receive, send)

    def _guards(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if self._signed and path.startswith(self._signed):
            return False
        return path.startswith(self._prefix) or (scope["method"] == "POST" and path.startswith(self._also))

    async def _refused(self, scope: Scope) -> Problem | None:
        request = Request(scope)
        if not shows_something(request, self._settings):
            return nobody()
        if scope["method"] in _SAFE_METHODS or not scope["path"].startswith(self._prefix):
            return None  # a page leads on from a session that is over better than we could
        try:
            # While the ledger is away, the route says so.
            with contextlib.suppress(LedgerUnavailable):
                return None if await identified(request, scope["app"].state.behind, at=utc_now()) else nobody()
        except Problem as problem:
            return problem
        return None

    def _refusal(self, scope: Scope, problem: Problem) -> Response:
        if not scope["path"].startswith(self._prefix):
            return self._to_a_page(Request(scope), problem)
        language = preferred(Headers(scope=scope).get("accept-language", ""))
        return answer(problem.code, language, headers=problem.headers)
