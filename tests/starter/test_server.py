import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from settings import Settings
from starter.http.listening import is_loopback
from starter.server import serve
from starter.stopping import CannotGoOn
from tests.starter.api_server import RunningApi, a_ticket_body
from tests.starter.processes import ROOT, child_environment, free_port, listening, wait_until

API = (sys.executable, "-m", "starter.cli", "api")


def test_a_taken_port_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    environment = child_environment(VOCLOOP_HOME=str(tmp_path), VOCLOOP_TEMPORAL_ADDRESS="127.0.0.1:1")
    with listening() as port:
        command = [*API, "--port", str(port)]
        stopped = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert stopped.returncode == 2
    assert stopped.stderr == f"Port {port} is taken: free it, or choose another with --port.\n"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"api_host": "0.0.0.0", "temporal_address": "127.0.0.1:1"}, "nobody is let in from outside"),  # no ledger yet
        ({"temporal_address": ""}, "start one with `vocloop up`"),  # waiting would never end: no server is named
        ({"policy": Path("nowhere")}, "run `vocloop policy check`"),
    ],
)
async def test_what_can_never_work_is_said_before_it_listens(
    tmp_path: Path, settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CannotGoOn, match=re.escape(sentence)):
        await serve(Settings(home=tmp_path, api_port=free_port(), **settings))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),  # the whole block is this machine
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # every address, so also the network's
        ("192.168.1.4", False),
        ("vocloop.example", False),  # who knows where that leads
    ],
)
def test_only_this_machine_counts_as_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """An API of its own, without ledger and Temporal: it lives all the same."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    environment = child_environment(VOCLOOP_HOME=str(tmp_path), VOCLOOP_TEMPORAL_ADDRESS="127.0.0.1:1")
    started = subprocess.Popen([*API, "--port", str(port)], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: _lives(address))
        yield started, address
    finally:
        started.kill()
        started.wait()


def test_asked_to_stop_it_stops_at_once_and_without_fault(process: tuple[subprocess.Popen[bytes], str]) -> None:
    started, _ = process
    begun = time.monotonic()
    started.send_signal(signal.SIGTERM)
    assert started.wait(timeout=15) == 0
    assert time.monotonic() - begun < 5


def _lives(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/healthz", trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


async def test_a_host_that_is_not_ours_is_refused(running_api: RunningApi) -> None:
    """A web page whose own name leads to this machine must not reach the API."""
    response = await running_api.http.get("/api/v1/complaints", headers={"Host": "rebound.example"})
    assert (response.status_code, response.json()["code"]) == (421, "misdirected")


async def test_another_web_site_cannot_make_a_browser_act(running_api: RunningApi) -> None:
    response = await running_api.post("/tickets", a_ticket_body(), **{"Sec-Fetch-Site": "cross-site"})
    assert (response.status_code, response.json()["code"]) == (403, "cross_site")


async def test_unknown_addresses_and_methods_are_problems_too(running_api: RunningApi) -> None:
    nowhere = await running_api.http.get("/api/v1/nowhere")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    unfit = await running_api.http.delete("/api/v1/tickets")
    assert (unfit.status_code, unfit.json()["code"]) == (405, "method_not_allowed")


async def test_it_is_ready_and_its_first_page_leads_on(running_api: RunningApi) -> None:
    assert (await running_api.http.get("/readyz")).json()["ready"] is True
    assert (await running_api.http.get("/")).headers["location"] == "/board"
    async with running_api.client() as nobody:
        assert (await nobody.get("/")).headers["location"] == "/sign-in?next=%2F"


async def test_the_page_of_documentation_names_every_route_and_fetches_nothing(running_api: RunningApi) -> None:
    page = (await running_api.http.get("/docs")).text
    described = (await running_api.http.get("/openapi.json")).json()
    assert not [path for path in described["paths"] if f" {path}</code>" not in page]
    assert "<script" not in page
    assert "//" not in page.replace("<!doctype", "")


async def test_the_customers_page_answers_under_c(running_api: RunningApi) -> None:
    response = await running_api.http.get(f"/c/{'x' * 22}")
    assert (response.status_code, response.headers["content-type"]) == (404, "text/html; charset=utf-8")
