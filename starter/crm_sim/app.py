"""The reference CRM, `vocloop crm-sim`: what docs/connect/crm.md asks of a CRM, in its own process and database."""

import asyncio
import contextlib
import logging
import secrets
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from fastapi import APIRouter, FastAPI, Header, HTTPException, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict

import settings
from domain.ticket import Ticket
from starter.api_client import key_for
from starter.crm_sim.book import Created, CrmBook, Written
from starter.crm_sim.faults import Faults, FaultyLine, Mode
from starter.crm_sim.triggers import Triggers
from starter.sockets import listen

_STATUS = {
    Written.APPLIED: 200,
    Written.DUPLICATE: 200,
    Written.OLDER: 409,
    Written.KEY_REUSED: 422,
    Written.UNKNOWN_TICKET: 404,
}


class State(BaseModel):
    """What Vocloop writes back; docs/connect/crm.md."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    owner: str
    stage: str
    light: str
    clock: str = ""
    due_at: AwareDatetime | None = None
    closing: str = ""
    note: dict[str, str] = {}
    seq: int
    at: AwareDatetime


class Note(BaseModel):
    """What one of Vocloop's people wrote; docs/connect/crm.md."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    seq: int
    at: AwareDatetime
    kind: str
    by: str
    text: str


class ReferenceCrm:
    """The CRM behind the routes. `triggers` is None when nobody is to be told of new tickets."""

    def __init__(self, db: Path, *, trigger: str, trigger_token: str, trigger_secret: str, token: str) -> None:
        self.book = CrmBook(db)
        self.token = token
        self.triggers: Triggers | None = None
        if trigger:
            self.triggers = Triggers(self.book, base_url=trigger, token=trigger_token, secret=trigger_secret)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.triggers.run()) if self.triggers else None
        try:
            yield
        finally:
            if task:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            self.book.close()


def create_app(
    *,
    db: Path,
    trigger: str = "",
    trigger_token: str = "",
    trigger_secret: str = "",
    token: str = "",
    fail_rate: float = 0.0,
    fail_for: float = 0.0,
) -> FaultyLine:
    """The ASGI application. `trigger` is Vocloop's base URL; `fail_for` is seconds of answering 500 from the start."""
    triggers = {"trigger": trigger, "trigger_token": trigger_token, "trigger_secret": trigger_secret}
    crm = ReferenceCrm(db, **triggers, token=token)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if fail_for:
            line.faults = Faults(mode=Mode.ERROR, until_cleared=True)
            asyncio.get_running_loop().call_later(fail_for, _clear, line)
        async with crm.running():
            yield

    app = FastAPI(title="Vocloop's reference CRM", lifespan=lifespan)
    line = FaultyLine(app, fail_rate=fail_rate)
    app.state.crm, app.state.line = crm, line
    app.include_router(router)
    return line


def _clear(line: FaultyLine) -> None:
    line.faults = Faults(mode=Mode.NONE)


router = APIRouter()


def _crm(request: Request) -> ReferenceCrm:
    crm: ReferenceCrm = request.app.state.crm
    return crm


def _let_in(crm: ReferenceCrm, authorization: str) -> ReferenceCrm:
    if crm.token and not secrets.compare_digest(authorization.encode(), f"Bearer {crm.token}".encode()):
        raise HTTPException(401, "Send the bearer token this CRM was started with.")
    return crm


@router.post("/tickets", status_code=201)
async def create_ticket(ticket: Ticket, request: Request, response: Response) -> dict[str, str]:
    crm = _crm(request)
    created = crm.book.create(
        ticket.ticket_no,
        body=ticket.model_dump_json(),
        at=settings.utc_now(),
        is_triggering=crm.triggers is not None,
    )
    if created is Created.DIFFERENT:
        raise HTTPException(409, f"{ticket.ticket_no} is {created}; a ticket keeps what it was created with.")
    if created is Created.SAME:
        response.status_code = 200
    elif crm.triggers:
        crm.triggers.ring()
    return {"ticket_no": ticket.ticket_no, "result": created}


@router.put("/tickets/{ticket_no}/state")
async def write_state(
    ticket_no: str,
    state: State,
    request: Request,
    response: Response,
    idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
    authorization: Annotated[str, Header()] = "",
) -> dict[str, str]:
    crm = _let_in(_crm(request), authorization)
    written = crm.book.write(ticket_no, key=idempotency_key, state=state.model_dump(mode="json"), at=settings.utc_now())
    response.status_code = _STATUS[written]
    return {"result": written}


@router.post("/tickets/{ticket_no}/notes")
async def add_note(
    ticket_no: str,
    note: Note,
    request: Request,
    response: Response,
    idempotency_key: Annotated[str, Header(min_length=1, max_length=200)],
    authorization: Annotated[str, Header()] = "",
) -> dict[str, str]:
    crm = _let_in(_crm(request), authorization)
    written = crm.book.tell(ticket_no, key=idempotency_key, note=note.model_dump(mode="json"))
    response.status_code = _STATUS[written]
    return {"result": written}


@router.get("/tickets/{ticket_no}/notes")
async def list_notes(ticket_no: str, request: Request) -> list[dict[str, Any]]:
    """In the order they came."""
    return _crm(request).book.notes(ticket_no)


@router.get("/tickets")
async def list_tickets(
    request: Request,
    changed_at: AwareDatetime,
    after: Annotated[str, Query(alias="id")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Those behind (changed_at, id), for whoever asks instead of being told."""
    since = changed_at.astimezone(UTC).isoformat()
    return {"items": _crm(request).book.tickets_after(since, after, limit=limit)}


@router.get("/tickets/{ticket_no}/state")
async def show_state(ticket_no: str, request: Request, response: Response) -> dict[str, Any] | None:
    """204 before the first one was written."""
    found = await show_ticket(ticket_no, request)
    state: dict[str, Any] | None = found["state"]
    if state is None:
        response.status_code = 204
    return state


@router.get("/tickets/{ticket_no}")
async def show_ticket(ticket_no: str, request: Request) -> dict[str, Any]:
    ticket = _crm(request).book.ticket(ticket_no)
    if ticket is None:
        raise HTTPException(404, Written.UNKNOWN_TICKET)
    return ticket


@router.get("/tickets/{ticket_no}/writes")
async def list_writes(ticket_no: str, request: Request) -> list[dict[str, Any]]:
    """In the order they came."""
    return _crm(request).book.writes(ticket_no)


@router.get("/stats")
async def stats(request: Request) -> dict[str, int]:
    return _crm(request).book.stats()


@router.post("/faults")
async def set_faults(faults: Faults, request: Request) -> Faults:
    line: FaultyLine = request.app.state.line
    line.faults = faults
    return faults


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


def crm_sim(
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8090,
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    db: Annotated[Path | None, typer.Option(help="Its database; by default crm-sim.db under VOCLOOP_HOME.")] = None,
    trigger: Annotated[str, typer.Option(help="Vocloop's base URL, told of every new ticket.")] = "",
    trigger_token: Annotated[str, typer.Option(help="The key Vocloop expects; by default that of its home.")] = "",
    trigger_secret: Annotated[str, typer.Option(help="Send signed events, by this secret: whsec_….")] = "",
    token: Annotated[str, typer.Option(help="The bearer token this CRM expects.")] = "",
    fail_rate: Annotated[float, typer.Option(min=0, max=1, help="Share of state writes answered 500.")] = 0.0,
    fail_for: Annotated[float, typer.Option(min=0, help="Seconds of answering 500 from the start.")] = 0.0,
) -> None:
    """Run the reference CRM: it creates tickets, triggers Vocloop, receives states, and fails on demand."""
    path = db or settings.load().home / "crm-sim.db"
    listener = _listen(host, port)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        app = create_app(
            db=path,
            trigger=trigger,
            trigger_token="" if trigger_secret else trigger_token or key_for(trigger, settings.load()),
            trigger_secret=trigger_secret,
            token=token,
            fail_rate=fail_rate,
            fail_for=fail_for,
        )
    except (OSError, sqlite3.Error) as error:
        _give_up(f"The CRM's database {path} cannot be opened ({error}); name a writable file with --db.")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    typer.echo(f"The reference CRM listens on http://{host}:{listener.getsockname()[1]} and keeps {path}")
    _serve(app, listener)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        _give_up(f"Cannot listen on {host}:{port} ({error.strerror}); choose another with --port.")


def _give_up(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(2)


def _serve(app: FaultyLine, listener: socket.socket) -> None:
    # uvicorn stops on a signal and then raises it again; being asked to stop is no failure.
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: None)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
    uvicorn.Server(config).run(sockets=[listener])
