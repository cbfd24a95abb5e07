"""Who shows neither a key nor a session is answered before a byte of what they send is read or kept."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from settings import Settings
from starter.http.principals import nobody
from starter.http.problems import answer, preferred
from starter.http.sessions import cookie_name


class Strangers:
    """ASGI middleware for the paths under `prefix`. Whether what is shown is good is asked later, by `Who`."""

    def __init__(self, app: ASGIApp, *, settings: Settings, prefix: str) -> None:
        self._app, self._cookie, self._prefix = app, f"{cookie_name(settings)}=", prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix) or self._shows(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        problem, language = nobody(), preferred(Headers(scope=scope).get("accept-language", ""))
        await answer(problem.code, language, headers=problem.headers)(scope, receive, send)

    def _shows(self, headers: Headers) -> bool:
        return "authorization" in headers or self._cookie in headers.get("cookie", "")
