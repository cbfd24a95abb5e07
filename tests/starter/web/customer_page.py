"""The customer's page served over a real ledger, with Temporal away, and a customer's browser before it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain.commands import RootCause
from domain.policy import Policy
from ledger import customer_links, inbox, surveys
from ledger.links import LinkSigner, hash_of
from policy import reading
from settings import Settings, utc_now
from starter.commands import Complaints
from starter.connecting import client_plugin, connect
from starter.evidence.store import EvidenceStore
from starter.http.behind import Behind
from starter.sockets import listen
from starter.web import assets
from starter.web.customer import make_router
from tests.builders import CUSTOMER, HOUR, NOTE, T0, Played, of

SECRET = "s" * 32
SIGNER = LinkSigner(SECRET, base_url="http://here")
ANSWER = {"answer": "reject", "attitude": "5", "recommend": "0", "words": "还是响 <b>"}
LINK = f"/c/{SIGNER.customer_token('T-1', 1)}"


def path_of(round_number: int = 1) -> str:
    """The link of a single survey, as an earlier release sent it."""
    return f"/c/{SIGNER.token('T-1', round_number)}"


class Page:
    """A served page, its ledger, and a customer's browser."""

    def __init__(self, engine: AsyncEngine, http: httpx2.AsyncClient) -> None:
        self.engine, self.http = engine, http

    async def invited(self, number: int = 1, *, at: Any = None) -> None:
        token_hash = hash_of(SIGNER.token("T-1", number))
        await surveys.invite(
            self.engine, ticket_no="T-1", round=number, token_hash=token_hash, invited_at=at or utc_now()
        )

    async def written_to(self, *, at: datetime | None = None) -> None:
        """A letter with the complaint's link went out."""
        await customer_links.to_send(self.engine, SIGNER, ticket_no="T-1", at=at or utc_now())

    async def get(self, path: str = "", **query: str) -> httpx2.Response:
        return await self.http.get(path or path_of(), params=query)

    async def send(self, form: dict[str, str], path: str = "") -> httpx2.Response:
        return await self.http.post(path or path_of(), data=form)

    async def send_with(self, form: dict[str, str], *pictures: Any, path: str = "") -> httpx2.Response:
        """As a browser sends the form. A picture is (name, content, type)."""
        return await self.http.post(path or LINK, data=form, files=[("pictures", each) for each in pictures])

    async def commands(self) -> list[inbox.InboxRow]:
        return list(await inbox.undelivered(self.engine, before=utc_now(), limit=10))


@asynccontextmanager
async def served(
    engine: AsyncEngine, folder: Path, *, visits: int = 1000, misses: int = 1000, posts: int = 1000
) -> AsyncIterator[Page]:
    """Temporal is away here: what is sent lies in the inbox, where it can be looked at."""
    settings = Settings(temporal_address="127.0.0.1:1", secret_key=SECRET)
    files, client = reading.load(), await connect(settings, plugins=[client_plugin()], is_lazy=True)
    store = EvidenceStore(folder / "evidence")
    app = FastAPI()
    app.state.behind = Behind(
        settings, engine, files, client, Complaints(client, engine, files, task_queue="none"), store
    )
    app.include_router(make_router(visits_a_minute=visits, misses_a_minute=misses, posts_a_minute=posts))
    app.include_router(assets.router)
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        async with httpx2.AsyncClient(base_url=base_url, trust_env=False, verify=False, timeout=30) as http:
            yield Page(engine, http)
    finally:
        server.should_exit = True
        await task
        listener.close()


def claimed(times: int = 1, *, policy: Policy | None = None) -> Played:
    """Accepted and claimed; every claim but the last was rejected."""
    played = Played("engine.stall", policy=policy)
    played.send(cmd.Accept, at=T0 + HOUR, by=of("engine"))
    for number in range(1, times + 1):
        at = T0 + (2 * number) * HOUR
        played.send(cmd.Claim, at=at, by=of("engine"), note_id=NOTE, root_cause=RootCause.DESIGN)
        if number < times:
            played.send(cmd.CustomerReply, at=at + HOUR, by=CUSTOMER, answer=cmd.Answer.REJECT, round=number)
    return played
