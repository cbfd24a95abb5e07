"""The reference CRM as its own process, on a free port."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[2]
_RUN = "import typer; from starter.crm_sim.app import crm_sim; typer.run(crm_sim)"


class CrmProcess:
    def __init__(self, db: Path, *options: str, port: int = 0) -> None:
        self._client = httpx2.Client(trust_env=False, verify=False, timeout=20)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _RUN, "--port", str(port), "--db", str(db), *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        found = re.search(r"http://\S+:(\d+)", self.process.stdout.readline())
        assert found, self.process.communicate()
        self.port = int(found[1])
        self.url = f"http://127.0.0.1:{self.port}"
        until(self._is_ready)

    def get(self, path: str) -> Any:
        return self._client.get(f"{self.url}{path}").raise_for_status().json()

    def post(self, path: str, body: Any) -> httpx2.Response:
        return self._client.post(f"{self.url}{path}", json=body)

    def put(self, path: str, body: Any, *, key: str = "", token: str = "") -> httpx2.Response:
        headers = {"Idempotency-Key": key, "Authorization": f"Bearer {token or '-'}"}
        return self._client.put(f"{self.url}{path}", json=body, headers=headers)

    def stop(self, asked: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(asked)
        try:
            self.process.communicate(timeout=15)
        finally:
            self.process.kill()
            self.process.wait()
            self._client.close()
        return self.process.returncode

    def _is_ready(self) -> bool:
        try:
            return bool(self.get("/healthz")["status"] == "ok")
        except httpx2.TransportError:
            return False


@contextmanager
def a_crm(db: Path, *options: str, port: int = 0) -> Iterator[CrmProcess]:
    crm = CrmProcess(db, *options, port=port)
    try:
        yield crm
    finally:
        crm.stop(signal.SIGKILL)


def until(is_so: Callable[[], bool], *, seconds: float = 20) -> None:
    """Poll until it is so; fails when it never is."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


def a_ticket_body(ticket_no: str = "T-1", **fields: Any) -> dict[str, Any]:
    created_at = datetime(2026, 3, 2, 1, tzinfo=UTC).isoformat()
    return {"ticket_no": ticket_no, "created_at": created_at, "tags": ["engine.stall"], **fields}


def a_state(seq: int = 1, **fields: Any) -> dict[str, Any]:
    at = datetime(2026, 3, 2, 1, seq, tzinfo=UTC).isoformat()
    return {"owner": "engine", "stage": "dispatched", "light": "green", "seq": seq, "at": at, **fields}
