"""The whole of it on PostgreSQL: `vocloop up`, a ticket at the door, and what the ledger then holds."""

import asyncio
import secrets
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from starter.home import local_key
from tests.postgres import postgres_or_skip
from tests.starter.api_server import a_ticket_body, soon
from tests.starter.processes import ROOT, child_environment, free_port, wait_until

ROW = """SELECT c.stage, c.owner, c.seq, (SELECT count(*) FROM events e WHERE e.ticket_no = c.ticket_no) AS events,
    (SELECT delivered_at FROM inbox i WHERE i.ticket_no = c.ticket_no) AS delivered_at
    FROM complaints c WHERE c.ticket_no = '{}'"""


@asynccontextmanager
async def up(home: Path, *, temporal: str, database_url: str) -> AsyncIterator[str]:
    """`vocloop up` beside a Temporal server that runs already; the API's address."""
    port, said = free_port(), home.with_suffix(".said")
    environment = child_environment(VOCLOOP_DATABASE_URL=database_url, VOCLOOP_TASK_QUEUE=f"pg-{secrets.token_hex(4)}")
    process = _start(("--home", str(home), "--temporal-address", temporal, "--api-port", str(port)), said, environment)
    try:
        ready = partial(wait_until, lambda: "Stop with Ctrl-C." in said.read_text() or process.poll(), seconds=90)
        await asyncio.to_thread(ready)
        assert process.poll() is None, said.read_text()
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(process.wait, 45) == 0, said.read_text()
    finally:
        process.kill()
        process.wait()


def _start(options: tuple[str, ...], said: Path, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    command = (sys.executable, "-m", "starter.cli", "up", *options)
    with said.open("wb") as output:
        return subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=ROOT)


@pytest.mark.long
async def test_a_ticket_that_comes_in_stands_projected_in_the_database(temporal_address: str, tmp_path: Path) -> None:
    server = postgres_or_skip()
    name = await server.create()
    async with up(tmp_path / "home", temporal=temporal_address, database_url=server.url(name)) as api:
        headers = {"Authorization": f"Bearer {local_key(tmp_path / 'home')}"}
        async with httpx2.AsyncClient(base_url=api, headers=headers, trust_env=False, timeout=30) as client:
            taken = await client.post("/api/v1/tickets", json=a_ticket_body(ticket_no="PG-1"))
            assert taken.status_code in {201, 202}, taken.text

            async def shown() -> Any:
                return (await client.get("/api/v1/complaints/PG-1")).json().get("complaint")

            complaint = await soon(shown)
    (row,) = await server.ask(ROW.format("PG-1"), database=name)
    assert (row["stage"], row["owner"]) == ("dispatched", complaint["owner"])
    assert row["seq"] == row["events"] > 0
    assert row["delivered_at"]
    assert not (tmp_path / "home" / "ledger.db").exists()
    await server.drop(name)
