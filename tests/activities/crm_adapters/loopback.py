"""A real HTTP server on loopback that answers as a test tells it to."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Asked(NamedTuple):
    """A request. `body` is its JSON, or the fields of its form."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


class Told(NamedTuple):
    """An answer. A body that is a str is sent as it is, None as nothing, anything else as JSON."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = {}


@contextmanager
def a_server(answer: Callable[[Asked], Told]) -> Iterator[str]:
    """Yields its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer)) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def _handler(answer: Callable[[Asked], Told]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            told = answer(_asked(self))
            text = told.body if isinstance(told.body, str) else json.dumps(told.body) if told.body is not None else ""
            self.send_response(told.status)
            for name, value in {"Content-Length": str(len(text.encode())), **told.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = do_PATCH = _reply  # noqa: N815 - the standard library's names

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def _asked(handler: BaseHTTPRequestHandler) -> Asked:
    headers = {name.lower(): value for name, value in handler.headers.items()}
    raw = handler.rfile.read(int(headers.get("content-length", 0))).decode()
    is_form = "form" in headers.get("content-type", "")
    body = dict(parse_qsl(raw)) if is_form else json.loads(raw) if raw else None
    parts = urlsplit(handler.path)
    return Asked(handler.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
