"""The edge of the API: what is refused before a route sees it, and errors that no route told in words."""

import asyncio
import contextlib
import logging
import secrets
import traceback
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.messages import MAX_MESSAGE_BYTES
from settings import Settings
from starter.http.problems import Problem, is_asked_by_a_person, preferred, told

_log = logging.getLogger("vocloop.api")

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")
_HEARD_OUT_BYTES = 128 * 1024 * 1024  # beyond any photo or short video
_PATIENCE_S = 20
_EVERYWHERE = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))


TellsPerson = Callable[[Request, Problem], Response]


class Edge:
    """ASGI middleware. `larger` names paths whose bodies may be longer than 64 KiB, in bytes; "/that/" all below it.
    `as_page` tells a problem to a person; programs, and everybody without it, get it as problem+json.

    A foreign Host is refused, for a web page could otherwise reach a loopback API by a name of its own.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Settings, larger: dict[str, int], as_page: TellsPerson | None = None
    ) -> None:
        self._app, self._larger, self._as_page = app, larger, as_page
        named = (settings.api_host, urlsplit(settings.base_url).hostname or "")
        self._hosts = {name.lower() for name in (*_LOOPBACK_NAMES, *named)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = self._limit(scope["path"])
        refused = self._refusal(scope, headers, limit)
        if refused:
            if refused == "too_large" and "expect" not in headers:
                await _hear_out(receive)
            # Where the body ends is not sure: what comes behind it must not be taken for another request.
            closing = {"Connection": "close"} if refused == "unreadable_body" else None
            await self._told(Problem(refused, headers=closing), scope, headers)(scope, receive, _hardened(send))
            return
        await self._pass_on(scope, _capped(receive, limit), send, headers)

    def _limit(self, path: str) -> int:
        below = (limit for prefix, limit in self._larger.items() if prefix.endswith("/") and path.startswith(prefix))
        return self._larger.get(path) or max(below, default=MAX_MESSAGE_BYTES)

    def _refusal(self, scope: Scope, headers: Headers, limit: int) -> str:
        """The problem's code, "" when the request may pass."""
        if _host_name(headers.get("host", "")) not in self._hosts:
            return "misdirected"
        is_foreign = headers.get("sec-fetch-site") == "cross-site" and scope["method"] not in _SAFE_METHODS
        if is_foreign and scope["path"].startswith("/api/"):
            return "cross_site"
        if "content-length" in headers and "transfer-encoding" in headers:
            return "unreadable_body"
        length = headers.get("content-length", "0")
        return "too_large" if length.isdecimal() and int(length) > limit else ""

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        has_begun = False

        async def send_on(message: Message) -> None:
            nonlocal has_begun
            has_begun = has_begun or message["type"] == "http.response.start"
            await hardened(message)

        hardened = _hardened(send)
        try:
            await self._app(scope, receive, send_on)
        except Exception as error:  # noqa: BLE001 - the process edge: nobody above could answer the caller
            reference = secrets.token_hex(6)
            _log.error("%s: %s %s failed: %s", reference, scope["method"], _route(scope), _where(error))
            if not has_begun:
                problem = Problem("internal", reference=reference)
                await self._told(problem, scope, headers)(scope, receive, _hardened(send))

    def _told(self, problem: Problem, scope: Scope, headers: Headers) -> Response:
        if self._as_page and is_asked_by_a_person(scope["path"], headers):
            try:
                return self._as_page(Request(scope), problem)
            except Exception as error:  # noqa: BLE001 - what broke the page may break this one; then plainly
                _log.error("a problem could not be told as a page: %s", _where(error))
        return told(problem, preferred(headers.get("accept-language", "")))


def _host_name(host: str) -> str:
    """Without its port; "" of what is no host at all, as `[::1`."""
    with contextlib.suppress(ValueError):
        return urlsplit(f"//{host}").hostname or ""
    return ""


def _hardened(send: Send) -> Send:
    """`send` that adds what every answer says to browsers."""

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": _with_everywhere(message.get("headers", ()))}
        await send(message)

    return send_on


def _with_everywhere(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """A route's own word stands."""
    said = list(headers)
    named = {name.lower() for name, _ in said}
    return [*said, *(header for header in _EVERYWHERE if header[0] not in named)]


def _capped(receive: Receive, limit: int) -> Receive:
    """`receive` that raises a problem once more than `limit` bytes of body have come, whatever was announced."""
    taken = 0

    async def receive_capped() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise Problem("too_large")
        return message

    return receive_capped


async def _hear_out(receive: Receive) -> None:
    """Read what will be refused, within reason, and drop it: most clients look at no answer before they have sent all,
    and would only see the connection break. One that says `Expect: 100-continue` waits for the answer instead.
    """
    heard, more = 0, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while more and heard < _HEARD_OUT_BYTES:
                message = await receive()
                heard += len(message.get("body", b""))
                more = message.get("more_body", False)


def _route(scope: Scope) -> str:
    """The route's template: the path itself may carry what is personal."""
    return str(getattr(scope.get("route"), "path", "an unknown address"))


def _where(error: Exception) -> str:
    """The error's class and the frames it passed. Not its text, which may quote the customer."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    passed = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames)
    return f"{type(error).__name__} at {passed}"
