"""Who shows neither a key nor a session is answered before a byte of what they send is read or kept."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from settings import Settings
from starter.http.principals import nobody
from starter.http.problems import answer, preferred
from starter.http.sessions import cookie_name

_CUSTOMERS = "/c/"  # who holds a customer's link is no stranger there


class Strangers:
    """ASGI middleware for the API's paths, those under `prefix`, and for what is sent to the pages under `also`.

    Whether what is shown is good is asked later, by `Who`.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, prefix: str, also: Iterable[str] = ()) -> None:
        self._app, self._cookie, self._prefix = app, f"{cookie_name(settings)}=", prefix
        self._also = tuple(path for path in also if not path.startswith(_CUSTOMERS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._guards(scope) or self._shows(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        await self._refusal(scope)(scope, receive, send)

    def _guards(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return path.startswith(self._prefix) or (scope["method"] == "POST" and path.startswith(self._also))

    def _refusal(self, scope: Scope) -> Response:
        if not scope["path"].startswith(self._prefix):
            return RedirectResponse("/sign-in", status_code=303)
        problem, language = nobody(), preferred(Headers(scope=scope).get("accept-language", ""))
        return answer(problem.code, language, headers=problem.headers)

    def _shows(self, headers: Headers) -> bool:
        return "authorization" in headers or self._cookie in headers.get("cookie", "")
