"""The codec server: opens sealed payloads for the Temporal UI and CLI, for those who may, and says who asked."""

import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import PayloadCodec
from temporalio.exceptions import ApplicationError

from domain.access import Permission
from domain.commands import Role
from ledger import database
from policy.reading import PolicyFiles, load
from settings import Settings, utc_now
from starter.http import keys, sessions
from starter.http.rate_limit import RateLimit

MOST_BYTES = 8 << 20  # a page of the UI's, many payloads of 64 KiB at most
_WRONG_KEYS_A_MINUTE = 20
_ALLOWED_HEADERS = "authorization, authorization-extras, content-type, x-namespace"

Work = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]

_log = logging.getLogger("vocloop.codec")


class Refused(Exception):  # noqa: N818 - an answer
    """`sentence` says what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status, self.sentence = status, sentence


class Doorkeeper:
    """Who may have payloads opened: a key with the scope, or a person signed in here whose role has it."""

    def __init__(self, settings: Settings, engine: AsyncEngine, files: PolicyFiles, *, origins: frozenset[str]) -> None:
        self._settings, self._engine, self._files, self._origins = settings, engine, files, origins
        self._wrong = RateLimit(_WRONG_KEYS_A_MINUTE)

    async def who(self, request: Request) -> str:
        """The asker's id. Raises Refused, LedgerUnavailable."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if given.startswith("vlk_"):
            return await self._by_key(request, given.strip() if scheme.lower() == "bearer" else "")
        # A cookie goes with every request of the browser's, so only pages of the UI may use it.
        if request.headers.get("origin") not in self._origins:
            raise _NOBODY
        return await self._by_session(request)

    async def _by_key(self, request: Request, given: str) -> str:
        row = await keys.row_of(self._engine, given, at=utc_now())
        if row is None:
            if not self._wrong.admits(request.client.host if request.client else ""):
                raise Refused(429, "Too many wrong keys came from here: wait a minute.")
            raise _NOBODY
        if Permission.CODEC not in row.scopes:
            raise _MAY_NOT
        return f"key-{row.key_id}"

    async def _by_session(self, request: Request) -> str:
        row = await sessions.row_of(self._engine, sessions.held_id(request, self._settings), at=utc_now())
        if row is None:
            raise _NOBODY
        if Permission.CODEC not in self._files.access.of(Role(row.role)):
            raise _MAY_NOT
        return row.person_id


def create_app(settings: Settings, codec: PayloadCodec, *, origins: frozenset[str], namespace: str) -> FastAPI:
    """`origins` are those of the UI, `https://host:port`; `namespace` is the only one whose payloads are opened."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = database.connect(settings.ledger_url)
        app.state.door = Doorkeeper(settings, engine, load(settings.policy), origins=origins)
        yield
        await engine.dispose()

    hosts = {"127.0.0.1", "localhost", "::1", settings.codec_host, urlsplit(settings.base_url).hostname}
    app = FastAPI(title="Vocloop codec", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)

    @app.middleware("http")
    async def at_the_edge(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        if _host(request) not in hosts:
            return Response("Ask this server by its own name.", 421)
        answer = Response(status_code=204) if request.method == "OPTIONS" else await go_on(request)
        answer.headers.update(_said_to_browsers(request, origins))
        return answer

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/decode")
    async def decode(request: Request) -> Response:
        return await _answered(request, codec.decode, namespace=namespace)

    @app.post("/encode")
    async def encode(request: Request) -> Response:
        return await _answered(request, codec.encode, namespace=namespace)

    return app


_NOBODY = Refused(401, "Sign in to Vocloop in this browser, or send a key with the scope codec as Authorization.")
_MAY_NOT = Refused(403, "Whoever asks may not open payloads: that takes the permission codec.")


async def _answered(request: Request, work: Work, *, namespace: str) -> Response:
    try:
        who = await request.app.state.door.who(request)
        if request.headers.get("x-namespace", namespace) != namespace:
            raise Refused(403, f"Only payloads of the namespace {namespace} are opened here.")
        sent = Parse(await _body(request), Payloads(), ignore_unknown_fields=True)
        done = Payloads(payloads=await work(sent.payloads))
    except Refused as refused:
        return Response(refused.sentence, refused.status, media_type="text/plain")
    except (ParseError, UnicodeDecodeError, RecursionError):
        return Response('Send {"payloads": […]} as Temporal\'s UI does.', 400, media_type="text/plain")
    except ApplicationError as unreadable:
        return Response(unreadable.message, 422, media_type="text/plain")
    except database.LedgerUnavailable:
        return Response("The ledger is away, so nobody can be let in: try again.", 503, media_type="text/plain")
    _log.info("%s: %s payloads, %s", who, len(sent.payloads), request.url.path)
    return Response(MessageToJson(done), media_type="application/json", headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            raise Refused(413, f"Send at most {MOST_BYTES >> 20} MiB at once.")
    return bytes(body)


def _host(request: Request) -> str | None:
    with contextlib.suppress(ValueError):
        return urlsplit(f"//{request.headers.get('host', '')}").hostname
    return None


def _said_to_browsers(request: Request, origins: frozenset[str]) -> dict[str, str]:
    said = {"Vary": "Origin", "X-Content-Type-Options": "nosniff"}
    origin = request.headers.get("origin", "")
    if origin not in origins:
        return said
    return said | {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Max-Age": "600",
    }
