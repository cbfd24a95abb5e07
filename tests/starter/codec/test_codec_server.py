"""The codec server as the Temporal UI asks it: over HTTP, from a page of its own origin."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload, Payloads

from domain.access import Permission
from ledger import sessions
from ledger.database import connect, migrate
from ledger.keyring import new_key, written
from settings import Settings, utc_now
from starter.codec.command import origins_of
from starter.codec.server import MOST_BYTES, create_app
from starter.encrypting import codec
from starter.http.keys import make
from starter.stopping import CannotGoOn
from tests.starter.processes import free_port

UI = "http://127.0.0.1:8233"
WORDS = Payload(metadata={"encoding": b"json/plain"}, data=b'"engine"')


class Running:
    def __init__(self, settings: Settings, http: httpx2.AsyncClient) -> None:
        self.settings, self.http = settings, http

    async def key(self, *scopes: Permission) -> dict[str, str]:
        engine = connect(self.settings.ledger_url)
        made = await make(engine, name="UI", scopes=scopes, at=utc_now())
        await engine.dispose()
        return {"Authorization": f"Bearer {made.key}"}

    async def cookie(self, role: str) -> dict[str, str]:
        session_id, engine = secrets.token_urlsafe(32), connect(self.settings.ledger_url)
        id_hash, name = hashlib.sha256(session_id.encode()).hexdigest(), {"zh": "某人", "en": "Somebody"}
        said: dict[str, Any] = {"person_id": "ops-7", "name": name, "role": role, "department": "", "at": utc_now()}
        await sessions.begin(engine, id_hash=id_hash, **said)
        await engine.dispose()
        return {"Cookie": f"vocloop={session_id}"}

    async def ask(self, path: str = "/decode", *, body: Any = None, **headers: str) -> httpx2.Response:
        return await self.http.post(path, json=body if body is not None else await self.sealed(), headers=headers)

    async def sealed(self) -> dict[str, Any]:
        chosen = codec(self.settings)
        assert chosen is not None
        return MessageToDict(Payloads(payloads=await chosen.encode([WORDS])))


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Running]:
    chosen = codec(settings)
    assert chosen is not None
    app = create_app(settings, chosen, origins=frozenset({UI}), namespace="default")
    server = uvicorn.Server(uvicorn.Config(app, port=settings.codec_port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers a flag, no event
        await asyncio.sleep(0.02)
    base = f"http://127.0.0.1:{settings.codec_port}"
    async with httpx2.AsyncClient(base_url=base, trust_env=False) as http:
        yield Running(settings, http)
    server.should_exit = True
    await serving


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    home = tmp_path_factory.mktemp("codec")
    settings = Settings(home=home, payload_keys=f"k1:{written(new_key())}", codec_port=free_port())
    await migrate(settings.ledger_url)
    async with served(settings) as found:
        yield found


OPENED = {"payloads": [MessageToDict(WORDS)]}


async def test_a_key_with_the_scope_opens_and_seals(running: Running) -> None:
    key = await running.key(Permission.CODEC)
    answer = await running.ask(**key, **{"X-Namespace": "default"})
    assert (answer.status_code, answer.json()) == (200, OPENED)
    sealed = (await running.ask("/encode", body=OPENED, **key)).json()
    assert base64.b64decode(sealed["payloads"][0]["metadata"]["encoding"]) == b"binary/encrypted"
    assert (await running.ask(body=sealed, **key)).json() == OPENED


async def test_ops_signed_in_here_open_from_the_ui_alone(running: Running) -> None:
    cookie = await running.cookie("ops")
    answer = await running.ask(**cookie, Origin=UI)
    assert (answer.status_code, answer.json()) == (200, OPENED)
    assert answer.headers["Access-Control-Allow-Origin"] == UI
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": f"{UI}.evil.example"}):
        refused = await running.ask(**cookie, **headers)
        assert (refused.status_code, "Access-Control-Allow-Origin" in refused.headers) == (401, False)


async def test_whoever_may_not_is_told(running: Running) -> None:
    assert (await running.ask(**await running.key(Permission.READ))).status_code == 403
    assert (await running.ask(**await running.cookie("cx"), Origin=UI)).status_code == 403
    assert (await running.ask(Origin=UI)).status_code == 401
    assert (await running.ask(Authorization="Bearer vlk_nonsense")).status_code == 401


async def test_another_namespace_is_refused(running: Running) -> None:
    key = await running.key(Permission.CODEC)
    answer = await running.ask(**key, **{"X-Namespace": "payroll"})
    assert (answer.status_code, "namespace default" in answer.text) == (403, True)


async def test_a_browser_may_ask_first_and_only_for_the_ui(running: Running) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace"}
    answer = await running.http.options("/decode", headers={"Origin": UI, **asked})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (204, UI)
    assert "x-namespace" in answer.headers["Access-Control-Allow-Headers"]
    other = await running.http.options("/decode", headers={"Origin": "https://evil.example", **asked})
    assert "Access-Control-Allow-Origin" not in other.headers


async def test_a_foreign_host_is_misdirected(running: Running) -> None:
    assert (await running.ask(Host="rebound.example")).status_code == 421


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 400),
        (b'{"payloads": 3}', 400),
        (b"[" * 20_000, 400),  # nested without end
        (b" " * (MOST_BYTES + 1), 413),
        (b'{"payloads": []}', 200),
    ],
)
async def test_bodies_that_cannot_be_are_refused(running: Running, body: bytes, status: int) -> None:
    answer = await running.http.post("/decode", content=body, headers=await running.key(Permission.CODEC))
    assert answer.status_code == status


async def test_what_is_sealed_with_another_key_is_told(running: Running) -> None:
    other = codec(Settings(payload_keys=f"k9:{written(new_key())}"))
    assert other is not None
    body = MessageToDict(Payloads(payloads=await other.encode([WORDS])))
    answer = await running.ask(body=body, **await running.key(Permission.CODEC))
    assert (answer.status_code, "add it to VOCLOOP_PAYLOAD_KEYS" in answer.text) == (422, True)


@pytest.mark.parametrize("ui", ["127.0.0.1:8233", "https://ui.example/path", "*", "null"])
def test_what_is_no_origin_is_refused(ui: str) -> None:
    with pytest.raises(CannotGoOn, match="VOCLOOP_CODEC_UI"):
        origins_of(Settings(codec_ui=ui))


def test_origins_are_taken_as_browsers_write_them() -> None:
    assert origins_of(Settings(codec_ui="https://ui.example/, http://127.0.0.1:8233")) == {"https://ui.example", UI}
