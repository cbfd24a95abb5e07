"""Vocloop, by its responder API: Temporal on a file, worker, API, ledger in PostgreSQL, each a process of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import select

from bench.peers.scene import Database, Peer, process
from bench.peers.waiting import late
from ledger import tables as t
from ledger.database import migrate, reading
from settings import Settings, utc_now
from starter.embedded import parts
from starter.embedded.parts import Ports, api_address
from starter.embedded.supervising import Part
from starter.home import prepare
from starter.http.keys import make_local
from tests.chaos.actors import Book, Doors
from tests.starter.api_server import a_ledger
from tests.starter.processes import ROOT, free_port

_ESCALATED_AFTER = timedelta(days=5)  # by the shipped rules
_TAG, _OWNER, _OTHER = "engine.hard_start", "powertrain", "chassis"
_CUSTOMER = {"role": "customer", "id": "customer-1"}
_CX = {"role": "cx", "department": "cx", "id": "cx-1"}


class Vocloop:
    def __init__(self, http: httpx2.AsyncClient, processes: Sequence[int], settings: Settings) -> None:
        self._http, self.processes, self._settings = http, processes, settings
        self._api = f"{api_address(settings)}/api/v1"
        self._numbers = count(1)
        self._doors = Doors(http, api=api_address(settings), crm="", book=Book())

    async def do(self, verb: str, number: int) -> None:
        ticket_no, by, other = f"B-{number}", _of(_OWNER), _of(_OTHER)
        if verb == "create":
            await self._open(ticket_no, utc_now())
        elif verb == "assign":
            await self._ask(ticket_no, "post_progress", _CX, note="It is with the engine's people.")
        elif verb == "transfer":
            proof = [await self._doors.proof(ticket_no)]
            await self._ask(ticket_no, "transfer", by, to=_OTHER, note="The trace begins elsewhere.", evidence=proof)
        elif verb == "resolve":
            await self._ask(ticket_no, "accept", other)
            await self._claim(ticket_no, other)
        elif verb == "reopen":
            await self._ask(ticket_no, "customer_reply", _CUSTOMER, answer="reject", round=1)
        else:
            await self._claim(ticket_no, other)
            await self._ask(ticket_no, "customer_reply", _CUSTOMER, answer="confirm", round=2)

    async def overdue(self, many: int) -> list[float]:
        first = utc_now() + timedelta(seconds=30)
        dues = {f"LATE-{n}": first + timedelta(seconds=60 * n / many) for n in range(many)}
        lanes = asyncio.Semaphore(4)

        async def one(ticket_no: str, due: datetime) -> None:
            async with lanes:
                await self._open(ticket_no, due - _ESCALATED_AFTER)

        await asyncio.gather(*(one(*each) for each in dues.items()))
        if utc_now() >= first:
            raise RuntimeError("opening them took longer than the time that was left")
        await asyncio.sleep((max(dues.values()) - utc_now()).total_seconds() + 10)
        wanted = select(t.events.c.ticket_no, t.events.c.recorded_at).where(
            t.events.c.kind == "escalation_raised", t.events.c.ticket_no.startswith("LATE-")
        )
        async with a_ledger(self._settings) as engine, reading(engine) as connection:
            seen = {row.ticket_no: row.recorded_at for row in await connection.execute(wanted)}
        return late(dues, seen)

    async def _open(self, ticket_no: str, created_at: datetime) -> None:
        customer = {"name": "欧阳春晓", "phone": "13812348000", "email": "wang@example.com"}
        words = "冷车难启动，等了三天没有人回复。"
        facts = {"customer": customer, "words": words, "created_at": created_at.isoformat()}
        ticket = {"ticket_no": ticket_no, "tags": [_TAG], **facts}
        response = await self._http.post(f"{self._api}/tickets", json=ticket)
        if response.status_code not in (200, 201, 202):
            raise RuntimeError(f"{ticket_no}: {response.status_code} {response.text[:300]}")

    async def _claim(self, ticket_no: str, by: dict[str, str]) -> None:
        await self._ask(ticket_no, "claim", by, note="Part replaced, road test passed.", root_cause="design")

    async def _ask(self, ticket_no: str, kind: str, by: dict[str, str], **body: Any) -> None:
        key = f"{kind}-{next(self._numbers)}"
        answered = await self._doors.ask(ticket_no, kind, key=key, actor=by, **body)
        if not answered.is_accepted:
            raise RuntimeError(f"{kind} of {ticket_no} was refused: {await self._doors.look(ticket_no)}")


@contextlib.asynccontextmanager
async def run(database: Database, home: Path) -> AsyncIterator[Vocloop]:
    prepare(home)
    ports = Ports(temporal=free_port(), temporal_http=free_port(), temporal_ui=free_port(), crm=free_port())
    settings = Settings(
        home=home,
        temporal_address=f"127.0.0.1:{ports.temporal}",
        temporal_namespace="default",
        api_port=free_port(),
        secret_key="bench" * 8,
        database_url=f"postgresql+asyncpg://postgres@/postgres?host={database.folder}",
    )
    await migrate(settings.ledger_url)
    async with a_ledger(settings) as engine:
        key = await make_local(engine, home, at=utc_now())
    async with contextlib.AsyncExitStack() as stack:
        numbers = [
            await stack.enter_async_context(_running(part, home))
            for part in (parts.temporal(settings, ports), parts.worker(settings), parts.api(settings))
        ]
        headers = {"Authorization": f"Bearer {key}"}
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60))
        yield Vocloop(http, numbers, settings)


@contextlib.asynccontextmanager
async def _running(part: Part, home: Path) -> AsyncIterator[int]:
    part = replace(part, environment={**part.environment, "PYTHONPATH": str(ROOT)})
    with process(part.command, home / "logs" / f"{part.name}.log", env=part.environment) as number:
        async with asyncio.timeout(120):
            while not await part.is_ready(number):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.1)
        yield number


def _of(department: str) -> dict[str, str]:
    return {"role": "responder", "department": department, "id": f"{department}-1"}


PEER = Peer(
    name="Vocloop",
    version=lambda: "of this checkout",
    settings="Temporal's development server on a file, one worker, one API, no CRM to write back to, no mail server",
    door="responder API, by key",
    verbs={
        "create": "POST a complaint: it is dispatched, its clocks start, letters are written",
        "assign": "the matrix did when it was made; CX tells the customer",
        "transfer": "upload a proof, then transfer with reason and proof",
        "resolve": "accept, then claim with a root cause; the customer is asked",
        "reopen": "the customer says no",
        "close": "claim again, and the customer says yes",
    },
    clock="a timer for each complaint's next deadline",
    run=run,
)
