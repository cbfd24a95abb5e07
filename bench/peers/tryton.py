"""Tryton with `sale_complaint`, by its REST API. It has no assignee, no hand-over and no deadline."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx2

from bench.peers.scene import CannotRunHere, Database, Peer, finish, process
from bench.peers.waiting import answers, asked
from tests.connect import tryton as connected
from tests.starter.processes import free_port

_CONFIG = """
[database]
uri = postgresql://
[web]
listen = localhost:{port}
[session]
authentications = password
"""
_STEPS = {"resolve": ("wait", "approve"), "reopen": ("draft",), "close": ("wait", "approve")}


class TrytonComplaints:
    def __init__(self, http: httpx2.AsyncClient, processes: Sequence[int], parts: dict[str, Any]) -> None:
        self._http, self.processes, self._parts = http, processes, parts
        self._ids: dict[int, int] = {}

    async def do(self, verb: str, number: int) -> None:
        if verb == "create":
            said = await asked(
                self._http, "POST", "sale.complaint", description="冷车难启动，等了三天没有人回复。", **self._parts
            )
            self._ids[number] = said["id"]
        elif verb in _STEPS:
            for step in _STEPS[verb]:
                await asked(self._http, "POST", f"sale.complaint/{self._ids[number]}/{step}")
        else:
            await asked(self._http, "PUT", f"sale.complaint/{self._ids[number]}", description=f"{verb}: powertrain")

    async def overdue(self, _many: int) -> list[float]:
        return []


@contextlib.asynccontextmanager
async def run(database: Database, home: Path) -> AsyncIterator[TrytonComplaints]:
    made, port = _installed(), free_port()
    config = home / "trytond.conf"
    config.write_text(_CONFIG.format(port=port))
    env = {"PGHOST": str(database.folder), "PGUSER": "postgres", "TRYTONPASSFILE": str(made / "password")}
    finish("createdb", "--host", str(database.folder), "--username", "postgres", "crm")
    admin = (str(made / "venv/bin/trytond-admin"), "-c", str(config), "-d", "crm")
    finish(
        *(*admin, "--all", "--email", "admin@example.com", "-u", "sale_complaint", "--activate-dependencies"),
        env=env,
        timeout=900,
    )
    serve = (str(made / "venv/bin/trytond"), "-c", str(config), "-d", "crm")
    with process(serve, home / "trytond.log", env=env) as number:
        crm = connected.Tryton(port)
        url, headers = f"{crm.url}/rest/model/", {"Authorization": f"Bearer {connected.KEY}"}
        async with httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as http:
            await answers(http, "ir.lang")
            await asyncio.to_thread(crm.set_up, type_name="启动困难")
            yield TrytonComplaints(http, [number], crm.parts_of_a_complaint)


def _installed() -> Path:
    try:
        made = connected.built()
    except BaseException as reason:  # noqa: BLE001 - pytest's skip, which is what it says to a test
        raise CannotRunHere(str(reason)) from None
    finish(str(made / "venv/bin/pip"), "install", "--quiet", "psycopg[binary,pool]==3.3.9")
    return made


PEER = Peer(
    name="Tryton",
    version=lambda: "8.2 with sale_complaint",
    settings="trytond as it comes, one process",
    door="REST API, by key",
    verbs={
        "create": "POST a complaint",
        "assign": "PUT its description: it has no assignee",
        "transfer": "PUT its description: it is handed to nobody",
        "resolve": "wait and approve it, which processes it",
        "reopen": "draft",
        "close": "wait and approve it again; nobody asks the customer",
    },
    clock="none: a complaint has a day and no deadline",
    run=run,
)
