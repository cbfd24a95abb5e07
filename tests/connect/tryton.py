"""Tryton with its complaints, as a process of its own from an environment of its own: GPL, never imported by us.

Its environment and an empty database are made once and kept under build/; that takes a minute or two.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.starter.crm_process import until
from tests.starter.processes import free_port

ROOT = Path(__file__).parents[2]
_REQUIREMENTS = Path(__file__).parent / "tryton-requirements.txt"
_PASSWORD, KEY = "admin-of-the-tests", "k" * 40
_CONFIG = """
[database]
uri = sqlite://
path = {folder}
[web]
listen = localhost:{port}
[session]
authentications = password
"""


def built() -> Path:
    """Where Tryton is installed, beside an empty database. Skips the test, with the reason, when it cannot be made."""
    whole = hashlib.sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    home = ROOT / "build" / f"tryton-{whole}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:  # two test processes make one
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "made").exists():
            try:
                _install(home)
            except (OSError, subprocess.SubprocessError) as error:
                pytest.skip(f"Tryton cannot be installed from {_REQUIREMENTS.name}: {error}")
    return home


def _install(home: Path) -> None:
    shutil.rmtree(home / "venv", ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(home / "venv"))
    pip = (str(home / "venv/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    _run(*pip, "--no-deps", "--requirement", str(_REQUIREMENTS))
    (home / "password").write_text(_PASSWORD)
    (home / "trytond.conf").write_text(_CONFIG.format(folder=home, port=0))
    (home / "crm.sqlite").write_bytes(b"")
    _run(
        *(str(home / "venv/bin/trytond-admin"), "-c", str(home / "trytond.conf"), "-d", "crm", "--all"),
        *("--email", "admin@example.com", "-u", "sale_complaint", "--activate-dependencies"),
        TRYTONPASSFILE=str(home / "password"),
    )
    (home / "made").touch()


def _run(*command: str, **environment: str) -> None:
    subprocess.run(command, check=True, timeout=600, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)


class Tryton:
    """A running one. `url` is as VOCLOOP_CRM_URL has it, KEY its user application's."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}/crm"
        self._client = httpx2.Client(trust_env=False, verify=False, timeout=60)
        self._headers = {"Authorization": f"Bearer {KEY}"}
        self.parts_of_a_complaint: dict[str, Any] = {}

    def answers(self) -> bool:
        try:
            return self._client.get(f"{self.url}/rest/model/ir.lang").status_code == 401
        except httpx2.TransportError:
            return False

    def set_up(self, *, type_name: str) -> None:
        """By its own API: a user application with a key, a company, a customer, a type of complaints."""
        user, token, _ = self._rpc("common.db.login", "admin", {"password": _PASSWORD}, "en")
        session = f"Session {b64encode(f'admin:{user}:{token}'.encode()).decode()}"
        application = {"user": user, "application": "rest", "key": KEY}
        self._rpc("model.res.user.application.create", [application], {}, session=session)
        rate = {"rate": {"__class__": "Decimal", "decimal": "1"}, "date": _date(2020)}
        yuan = {"name": "Yuan", "symbol": "¥", "code": "CNY", "rates": [["create", [rate]]]}
        maker = {
            "party": self.create("party.party", name="Maker"),
            "currency": self.create("currency.currency", **yuan),
        }
        company = self.create("company.company", **maker)
        self.asked("PUT", f"res.user/{user}", {"companies": [["add", [company]]], "company": company})
        (sale,) = self.find("ir.model", [["name", "=", "sale.sale"]])
        kind = self.create("sale.complaint.type", name=type_name, origin=sale["id"])
        phone = {"type": "mobile", "value": "+8613800138000"}
        customer = self.create("party.party", name="王女士", contact_mechanisms=[["create", [phone]]])
        self.parts_of_a_complaint = {"company": company, "type": kind, "customer": customer}

    def complain(self, words: str = "早上总是打不着火。", **fields: Any) -> str:
        """Somebody writes a complaint down and hands it in; its number."""
        complaint = self.create("sale.complaint", **self.parts_of_a_complaint, description=words, **fields)
        self.asked("POST", f"sale.complaint/{complaint}/wait", {})
        (row,) = self.find("sale.complaint", [["id", "=", complaint]], "number")
        return str(row["number"])

    def complaint(self, number: str) -> dict[str, Any]:
        """Its state, and its notes in order."""
        (row,) = self.find("sale.complaint", [["number", "=", number]], "state")
        notes = self.find("ir.note", [["resource", "=", f"sale.complaint,{row['id']}"]], "message")
        return {
            "state": row["state"],
            "notes": [note["message"] for note in sorted(notes, key=lambda note: note["id"])],
        }

    def create(self, model: str, **fields: Any) -> int:
        return int(self.asked("POST", model, fields)["id"])

    def find(self, model: str, domain: list[Any], *fields: str) -> list[dict[str, Any]]:
        names = "".join(f"&f={field}" for field in fields)
        packed = urlsafe_b64encode(dumps(domain).encode()).decode()
        found: list[dict[str, Any]] = self.asked("GET", f"{model}?d={packed}{names}")
        return found

    def asked(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.url}/rest/model/{path}"
        response = self._client.request(method, url, json=body, headers=self._headers)
        assert response.is_success, response.text
        return response.json()

    def _rpc(self, method: str, *params: Any, session: str = "") -> Any:
        headers = {"Authorization": session} if session else {}
        body = {"id": 1, "method": method, "params": list(params)}
        said = self._client.post(f"{self.url}/rpc/", json=body, headers=headers).raise_for_status().json()
        assert "error" not in said, said
        return said["result"]


def _date(year: int) -> dict[str, Any]:
    return {"__class__": "date", "year": year, "month": 1, "day": 1}


@contextmanager
def a_tryton(folder: Path, *, type_name: str) -> Iterator[Tryton]:
    """With a database of its own in `folder`."""
    home, port = built(), free_port()
    shutil.copy(home / "crm.sqlite", folder / "crm.sqlite")
    config = folder / "trytond.conf"
    config.write_text(_CONFIG.format(folder=folder, port=port))
    with (folder / "trytond.log").open("wb") as log:
        command = (str(home / "venv/bin/trytond"), "-c", str(config), "-d", "crm")
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            tryton = Tryton(port)
            until(tryton.answers, seconds=120)
            tryton.set_up(type_name=type_name)
            yield tryton
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
