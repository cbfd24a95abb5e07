"""`vocloop up` as its users run it: one command, real processes, one home."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from starter.home import local_key
from tests.starter.processes import ROOT, child_environment, free_port, runs, wait_until

_PORTS = ("temporal", "temporal-http", "ui", "api", "crm")
_PARTS = {"temporal": "start-dev", "worker": "starter.cli worker", "api": "starter.cli api", "crm": "crm-sim"}


class Stack:
    """Everything on one home. It can be started again there, on the same ports."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ports = {name: free_port() for name in _PORTS}
        self.api = f"http://127.0.0.1:{self.ports['api']}"
        self.crm = f"http://127.0.0.1:{self.ports['crm']}"

    @contextmanager
    def up(self, **environment: str) -> Iterator[None]:
        self.http = httpx2.Client(trust_env=False, timeout=30)
        options = [text for name, port in self.ports.items() for text in (f"--{name}-port", str(port))]
        self._output = self.home.with_suffix(".said")
        with self._output.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "starter.cli", "up", "--home", str(self.home), "--with-crm-sim", *options],
                stdout=said,
                stderr=subprocess.STDOUT,
                env=child_environment(**environment),
                cwd=ROOT,
            )
        try:
            wait_until(lambda: "Stop with Ctrl-C." in self.said or self._process.poll() is not None, seconds=60)
            assert self._process.poll() is None, self.said
            self.http.headers["Authorization"] = f"Bearer {local_key(self.home)}"
            yield
        finally:
            self._process.kill()
            self._process.wait()
            self.http.close()

    def ledger(self) -> list[Path]:
        """Its database and the files beside it."""
        return sorted(self.home.glob("ledger.db*"))

    @property
    def said(self) -> str:
        return self._output.read_text()

    def stop(self) -> tuple[int, list[int]]:
        """Ask it to stop: its exit code, and the process ids of what it left behind."""
        children = [self.process_of(part) for part in _PARTS]
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60), [child for child in children if runs(child)]

    def kill(self, part: str) -> None:
        os.kill(self.process_of(part), signal.SIGKILL)

    def process_of(self, part: str) -> int:
        listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 2) for line in listed.splitlines()]
        parent = str(self._process.pid)
        return int(next(line[0] for line in lines if line[1] == parent and _PARTS[part] in line[2]))

    def look(self, ticket_no: str) -> dict[str, Any]:
        """The complaint as the API lists it; empty while there is none."""
        answer = self.http.get(f"{self.api}/api/v1/complaints/{ticket_no}")
        found: dict[str, Any] = (answer.json().get("complaint") if answer.is_success else None) or {}
        return found

    def until(self, ticket_no: str, **facts: str) -> None:
        def is_so() -> bool:
            return self.look(ticket_no).items() >= facts.items()

        try:
            wait_until(is_so, seconds=40)
        except AssertionError:
            raise AssertionError(f"{ticket_no} never came to {facts}; it is {self.look(ticket_no)}") from None

    def ask(self, ticket_no: str, command: str, **body: Any) -> httpx2.Response:
        return self.http.post(f"{self.api}/api/v1/complaints/{ticket_no}/{command}", json=body)

    def in_crm(self, ticket_no: str) -> list[dict[str, Any]]:
        """What was written back, in the order it came."""
        found: list[dict[str, Any]] = self.http.get(f"{self.crm}/tickets/{ticket_no}/writes").json()
        return found
