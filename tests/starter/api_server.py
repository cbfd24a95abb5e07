"""The API over HTTP, and what tests send it."""

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger.database import connect, migrate
from settings import Settings, utc_now
from starter.embedded import parts
from starter.embedded.parts import api_address
from starter.embedded.supervising import Supervisor
from starter.home import local_key
from starter.http.keys import make_local
from tests.starter.processes import free_port

T = TypeVar("T")
NAME, PHONE, VIN = "欧阳春晓", "13812348000", "LSVAA4182E2987654"
HARD_START, JERKING, ENGINE_NOISE = "engine.hard_start", "transmission.jerking", "engine.noise"
_numbers = itertools.count(1)
_run = secrets.token_hex(3)


async def a_home(home: Path, *, temporal: str) -> Settings:
    """Settings of a throw-away home with a migrated ledger, its key, a free port and a task queue of its own."""
    settings = Settings(
        home=home,
        temporal_address=temporal,
        api_port=free_port(),
        task_queue=f"api-{secrets.token_hex(4)}",
        secret_key=secrets.token_hex(16),
        webhook_allow="127.0.0.1",
    )
    await migrate(settings.ledger_url)
    async with a_ledger(settings) as engine:
        await make_local(engine, home, at=utc_now())
    return settings


@asynccontextmanager
async def a_ledger(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """The home's own ledger, for what no door tells."""
    engine = connect(settings.ledger_url)
    try:
        yield engine
    finally:
        await engine.dispose()


def a_ticket_no() -> str:
    return f"API-{_run}-{next(_numbers)}"


def a_ticket_body(*tags: str, ticket_no: str = "", age: timedelta = timedelta(), **fields: Any) -> dict[str, Any]:
    """A ticket as the CRM sends it, created `age` ago, with personal data in all places that may hold some."""
    return {
        "ticket_no": ticket_no or a_ticket_no(),
        "created_at": (datetime.now(UTC) - age).isoformat(),
        "tags": list(tags) or [HARD_START],
        "customer": {"name": NAME, "phone": PHONE, "email": "ouyang@example.com"},
        "vehicle": {"vin": VIN, "plate": "沪A12345"},
        "words": f"我是{NAME}，电话 {PHONE}，车架号 {VIN}，冷车难启动。",
        **fields,
    }


def by(department: str, role: str = "responder") -> dict[str, str]:
    return {"role": role, "department": department, "id": f"{department}-1"}


class RunningApi:
    """The API of these settings, as a system sees it that holds the home's key: it may all, and speaks for anybody."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self._stack = settings, AsyncExitStack()
        self.http = self.client(local_key(settings.home))

    def client(self, key: str = "") -> httpx2.AsyncClient:
        """Whoever holds this key; without one nobody. Close it."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx2.AsyncClient(base_url=api_address(self.settings), headers=headers, trust_env=False, timeout=30)

    async def __aenter__(self) -> "RunningApi":
        await self._stack.enter_async_context(self.http)
        return self

    async def __aexit__(self, *raised: Any) -> None:
        await self._stack.aclose()

    async def get(self, path: str, **query: Any) -> Any:
        response = await self.http.get(f"/api/v1{path}", params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        return await self.http.post(f"/api/v1{path}", json=body, headers=headers)

    async def opened(self, *tags: str, **fields: Any) -> dict[str, Any]:
        """A complaint that has begun, as the API shows it."""
        body = a_ticket_body(*tags, **fields)
        response = await self.post("/tickets", body)
        assert response.status_code == 202, response.text
        return await self.until(body["ticket_no"], lambda complaint: complaint is not None)

    async def until(self, ticket_no: str, holds: Callable[[Any], object]) -> dict[str, Any]:
        """The complaint's view as soon as `holds` of its standing."""

        async def view() -> dict[str, Any] | None:
            found: dict[str, Any] = await self.get(f"/complaints/{ticket_no}")
            return found if holds(found["complaint"]) else None

        return await soon(view)

    async def command(self, ticket_no: str, name: str, *, key: str = "", **body: Any) -> httpx2.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.post(f"/complaints/{ticket_no}/{name}", body, **headers)

    async def proof(self, ticket_no: str, content: bytes = b"DTC P0301 at 62 km/h\n") -> dict[str, str]:
        """Evidence uploaded for the ticket, as a command attaches it."""
        response = await self.upload(ticket_no, content)
        assert response.status_code in (200, 201), response.text
        return {"kind": "log", "sha256": response.json()["sha256"]}

    async def upload(self, ticket_no: str, content: bytes, *, kind: str = "log") -> httpx2.Response:
        form = {"ticket_no": ticket_no, "kind": kind}
        return await self.http.post("/api/v1/evidence", data=form, files={"file": ("trace.txt", content)})


@asynccontextmanager
async def api_of(settings: Settings) -> AsyncIterator[RunningApi]:
    """An API of its own, without a worker; Temporal may be away."""
    supervisor = Supervisor(settings.home, say=print)
    try:
        await supervisor.start(replace(parts.api(settings), is_ready=partial(_lives, settings)))
        async with RunningApi(settings) as api:
            yield api
    finally:
        await supervisor.stop()


async def _lives(settings: Settings, _process_id: int) -> bool:
    try:
        async with RunningApi(settings) as api:
            return (await api.http.get("/healthz")).status_code == 200
    except httpx2.TransportError:
        return False


async def soon(look: Callable[[], Awaitable[T | None]], *, seconds: float = 20) -> T:
    """What `look` finds, as soon as it finds something."""
    async with asyncio.timeout(seconds):
        while (found := await look()) is None:  # noqa: ASYNC110 - the state lives in another process
            await asyncio.sleep(0.05)
    return found


@asynccontextmanager
async def an_api(home: Path, *, temporal: str, **more: Any) -> AsyncIterator[RunningApi]:
    """An API in a process of its own, with a worker and a ledger, for as long as this lasts. `more` are settings."""
    settings = (await a_home(home, temporal=temporal)).model_copy(update=more)
    supervisor = Supervisor(settings.home, say=print)
    try:
        await asyncio.gather(*(supervisor.start(part(settings)) for part in (parts.worker, parts.api)))
        async with RunningApi(settings) as api:
            yield api
    finally:
        await supervisor.stop()
