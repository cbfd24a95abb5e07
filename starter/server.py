"""The responder API: tickets, commands, lists, evidence. It translates, and decides nothing."""

import contextlib
import signal
import socket
from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response

import settings as environment
from settings import Settings, utc_now
from starter.api import (
    board_exports,
    campaigns,
    command_routes,
    crm_events,
    customer_links,
    disclosures,
    evidence,
    exports,
    goodwill,
    health,
    letters,
    like_cases,
    lists,
    log_exports,
    metrics,
    red_lines,
    seats,
    tickets,
    vehicles,
    webhooks,
)
from starter.api.answers import PREFIX
from starter.api.crm_signatures import channels_in, secrets_in
from starter.api.described import described
from starter.connecting import client_plugin, connect
from starter.evidence.opening import open_store
from starter.http import docs, problems
from starter.http.behind import opened, read_policy
from starter.http.edge import Edge
from starter.http.listening import refuse_open
from starter.http.principals import secured
from starter.http.problems import Problem
from starter.http.seen import Seen
from starter.http.strangers import Strangers
from starter.letters_in.mailbox import address_of, reading_mail
from starter.logs import set_up
from starter.sockets import listen
from starter.stopping import CannotGoOn, run
from starter.web import (
    assets,
    board,
    complaint,
    complaint_live,
    customer,
    desk,
    desk_case,
    desk_seats,
    goodwill_forms,
    languages,
    notices,
    pages,
    queue,
    report,
    sign_in,
)
from starter.web import campaigns as campaign_page
from starter.web import goodwill as goodwill_pages
from starter.web import red_lines as red_line_pages
from starter.web import vehicle as vehicle_page
from starter.web import webhooks as webhook_pages
from starter.web.complaint_files import MOST_AT_ONCE

_GRACE_S = 5  # for requests under way when asked to stop

_ABOUT = """
A carmaker's complaints, each with one owner, one governing clock and one next deadline.

Errors are RFC 9457 problems; their `code` is stable, `title` and `detail` follow Accept-Language (zh, en).
A system sends its key as `Authorization: Bearer vlk_…` (`vocloop key create`); people sign in at /sign-in. Names,
phones, VINs and plates are masked; `POST /complaints/{ticket_no}/personal` shows them to those it concerns, and writes
down that it did.
"""
_LISTS = (lists, exports, board_exports, log_exports)
# No page of the framework's, which would fetch from elsewhere; and names of operations that clients can be made from.
_NAMED: dict[str, Any] = {"docs_url": None, "redoc_url": None, "generate_unique_id_function": lambda route: route.name}

_PAGES = (
    *(assets, languages, sign_in, board, complaint, complaint_live, queue, desk, desk_case, desk_seats, notices),
    *(vehicle_page, campaign_page, goodwill_forms, goodwill_pages, red_line_pages, webhook_pages),
)


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application. It starts while Temporal is away, and raises CannotGoOn where it can never work."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        assets.tell_missing()
        async with opened(settings) as behind, reading_mail(behind):
            app.state.behind = behind
            yield

    app = FastAPI(title="Vocloop", version="1", description=_ABOUT, lifespan=lifespan, **_NAMED)
    problems.install(app)
    pages.install(app)
    larger = _larger(settings)
    signed = f"{PREFIX}{crm_events.BELOW}"
    app.add_middleware(
        Strangers, settings=settings, prefix=f"{PREFIX}/", to_a_page=pages.refused, also=larger, signed=signed
    )
    app.add_middleware(Edge, settings=settings, larger=larger, as_page=_as_page)
    app.add_middleware(Seen, settings=settings, prefix=PREFIX)
    app.include_router(_versioned())
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(docs.router)
    for web in _PAGES:
        app.include_router(web.router)
    app.include_router(customer.make_router())
    app.include_router(report.make_router())
    describe = app.openapi
    app.openapi = lambda: described(secured(problems.described(describe()), settings))  # type: ignore[method-assign]
    return app


def _as_page(request: Request, problem: Problem) -> Response:
    told = customer.refused if request.url.path.startswith((customer.BELOW, report.AT)) else pages.refused
    return told(request, problem)


def _larger(settings: Settings) -> dict[str, int]:
    """Where more bytes may be sent than elsewhere, and how many."""
    return {
        f"{PREFIX}{letters.LETTERS}": 2 * settings.max_evidence_bytes,
        f"{PREFIX}/evidence": settings.max_evidence_bytes + evidence.FORM_BYTES,
        customer.BELOW: customer.form_bytes(settings.max_evidence_bytes),
        report.AT: customer.form_bytes(settings.max_evidence_bytes),
        complaint.UPLOADS: settings.max_evidence_bytes * MOST_AT_ONCE + evidence.FORM_BYTES,
        desk_case.UPLOADS: settings.max_evidence_bytes + evidence.FORM_BYTES,
    }


def _versioned() -> APIRouter:
    router = APIRouter(prefix=PREFIX)
    for room in (
        tickets,
        crm_events,
        letters,
        command_routes,
        *_LISTS,
        evidence,
        disclosures,
        customer_links,
        vehicles,
        goodwill,
        like_cases,
        campaigns,
        red_lines,
        seats,
        webhooks,
    ):
        router.include_router(room.router)
    return router


async def serve(settings: Settings) -> None:
    """Answer requests until SIGTERM or Ctrl-C. Raises CannotGoOn when it cannot begin."""
    await refuse_open(settings, at=utc_now())
    with _listen(settings) as listener:
        read_policy(settings)
        secrets_in(settings.crm_signing)  # says now what is wrong with it, and with the next two
        channels_in(settings.crm_channels)
        if settings.mailbox:
            address_of(settings.mailbox)
        open_store(settings)
        await connect(settings, plugins=[client_plugin()], is_lazy=True)  # says now when no server is named at all
        config = uvicorn.Config(
            create_app(settings),
            access_log=False,  # a query may hold a VIN
            log_level="warning",
            timeout_graceful_shutdown=_GRACE_S,
            server_header=False,
            # Unless told whom to believe, the peer itself counts: anybody may write X-Forwarded-For.
            proxy_headers=bool(settings.forwarded_allow_ips),
            forwarded_allow_ips=settings.forwarded_allow_ips,
        )
        # uvicorn stops on a signal and then raises it again; being asked to stop is no failure.
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: None)
        typer.echo(f"The API listens on http://{settings.api_host}:{listener.getsockname()[1]}")
        await uvicorn.Server(config).serve(sockets=[listener])


def _listen(settings: Settings) -> socket.socket:
    try:
        return listen(settings.api_host, settings.api_port)
    except (OSError, OverflowError):
        taken = f"Port {settings.api_port} is taken: free it, or choose another with --port."
        raise CannotGoOn(taken) from None


def api(
    host: Annotated[str | None, typer.Option(help="Beyond loopback only with a sign-in or keys.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="0 takes a free one.")] = None,
) -> None:
    """Run the API until SIGTERM or Ctrl-C. Exit codes: 0 stopped as asked, 2 could not start."""
    given = {"api_host": host, "api_port": port}
    chosen = {key: value for key, value in given.items() if value is not None}
    settings = environment.load().model_copy(update=chosen)
    set_up(settings)
    run(serve(settings))
