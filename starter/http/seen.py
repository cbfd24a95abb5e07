"""Each request as ops see it: a line in the log, a span in a trace. By route and ids, never by address or words."""

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from settings import Settings
from starter.tracing import tracer

HEADER = "X-Request-Id"
_log = logging.getLogger("vocloop.requests")


class Seen:
    """ASGI middleware, the outermost. `prefix` is the API's, which its routes leave out.

    Lines are written in the log's json format alone: a terminal is spared.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, prefix: str) -> None:
        self._app, self._endpoint, self._prefix = app, settings.otlp_endpoint, prefix
        self._is_logged = settings.log_format == "json"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, begun, told = secrets.token_hex(8), time.perf_counter(), {"status": 500}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                told["status"] = message["status"]
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with self._span(scope, told):
            try:
                await self._app(scope, receive, answer)
            finally:
                if self._is_logged:
                    ms = round((time.perf_counter() - begun) * 1000, 1)
                    about = {"request_id": request_id, "method": scope["method"], "route": self._route(scope)}
                    _log.info("answered", extra={"request": {**about, **told, "ms": ms}})

    @contextmanager
    def _span(self, scope: Scope, told: dict[str, int]) -> Iterator[None]:
        found = tracer(self._endpoint)
        if found is None:
            yield
            return
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        context = extract(dict(Headers(scope=scope)))
        with found.start_as_current_span(scope["method"], context=context, kind=SpanKind.SERVER) as span:
            yield
            span.update_name(f"{scope['method']} {self._route(scope)}")
            span.set_attribute("http.response.status_code", told["status"])

    def _route(self, scope: Scope) -> str:
        """The route's pattern: an address may hold a customer's token, and its query words."""
        route: Any = scope.get("route")
        pattern = str(getattr(route, "path", "")) or "none"
        return f"{self._prefix}{pattern}" if scope["path"].startswith(f"{self._prefix}/") else pattern
