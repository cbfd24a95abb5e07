"""The reference CRM, run as a process of its own and spoken to over HTTP."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.starter.crm_process import ROOT, CrmProcess, a_crm, a_state, a_ticket_body, until


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrmProcess]:
    with a_crm(tmp_path_factory.mktemp("crm") / "crm.db", "--token", "secret") as running:
        yield running


class Vocloop:
    """A listener in Vocloop's place: answers each trigger with the next status, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.bodies, self.tokens = list(statuses), [], []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    bodies: list[str]
    tokens: list[str]

    def __enter__(self) -> "Vocloop":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                outer.tokens.append(self.headers["Authorization"])
                status = outer.statuses.pop(0) if len(outer.statuses) > 1 else outer.statuses[0]
                self.send_response(status if self.path == "/api/v1/tickets" else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


def _trigger_state(crm: CrmProcess, ticket_no: str) -> str:
    return str(crm.get(f"/tickets/{ticket_no}")["trigger"]["state"])


def test_a_ticket_is_created_once_and_keeps_its_content(crm: CrmProcess) -> None:
    body = a_ticket_body("once")
    assert [crm.post("/tickets", body).status_code for _ in range(2)] == [201, 200]
    assert crm.post("/tickets", {**body, "risk_level": 4}).status_code == 409
    assert crm.get("/tickets/once")["ticket"]["risk_level"] == 1


def test_a_state_counts_once_however_often_it_is_written(crm: CrmProcess) -> None:
    crm.post("/tickets", a_ticket_body("twice"))
    answers = [crm.put("/tickets/twice/state", a_state(), key="twice:1:crm", token="secret") for _ in range(2)]
    assert [(a.status_code, a.json()["result"]) for a in answers] == [(200, "applied"), (200, "duplicate")]
    assert len(crm.get("/tickets/twice/writes")) == 1


def test_an_older_state_is_kept_and_counted_but_does_not_apply(crm: CrmProcess) -> None:
    crm.post("/tickets", a_ticket_body("older"))
    before = crm.get("/stats")["out_of_order"]
    crm.put("/tickets/older/state", a_state(5, owner="body"), key="older:5:crm", token="secret")
    late = crm.put("/tickets/older/state", a_state(4), key="older:4:crm", token="secret")
    assert late.status_code == 409
    assert crm.get("/stats")["out_of_order"] == before + 1
    assert crm.get("/tickets/older")["state"]["owner"] == "body"
    assert [write["is_applied"] for write in crm.get("/tickets/older/writes")] == [True, False]


@pytest.mark.parametrize(
    ("ticket_no", "key", "token", "status"),
    [
        pytest.param("nobody", "nobody:1:crm", "secret", 404, id="a ticket it does not know"),
        pytest.param("known", "", "secret", 422, id="no key to recognise a repetition by"),
        pytest.param("known", "known:1:crm", "guess", 401, id="another token"),
        pytest.param("known", "known:used:crm", "secret", 422, id="a key that came with another content"),
    ],
)
def test_a_state_that_cannot_be_taken_is_refused(
    crm: CrmProcess, ticket_no: str, key: str, token: str, status: int
) -> None:
    crm.post("/tickets", a_ticket_body("known"))
    crm.put("/tickets/known/state", a_state(7), key="known:used:crm", token="secret")
    assert crm.put(f"/tickets/{ticket_no}/state", a_state(8), key=key, token=token).status_code == status


def _kept(crm: CrmProcess, ticket_no: str) -> int:
    return len(crm.get(f"/tickets/{ticket_no}/writes"))


@pytest.mark.parametrize(
    ("mode", "status", "kept"),
    [
        pytest.param("500", 500, 0, id="fails before it keeps anything"),
        pytest.param("500_after", 500, 1, id="keeps it and loses the answer"),
        pytest.param("429", 429, 0, id="asks for patience"),
    ],
)
def test_it_fails_as_often_as_asked_and_then_works(crm: CrmProcess, mode: str, status: int, kept: int) -> None:
    ticket_no = f"fails-{mode}"
    crm.post("/tickets", a_ticket_body(ticket_no))
    crm.post("/faults", {"mode": mode, "count": 2, "seconds": 3})
    put = [crm.put(f"/tickets/{ticket_no}/state", a_state(), key=f"{ticket_no}:1", token="secret") for _ in range(2)]
    assert [answer.status_code for answer in put] == [status, status]
    assert _kept(crm, ticket_no) == kept
    assert put[0].headers.get("Retry-After") == ("3" if mode == "429" else None)
    assert crm.put(f"/tickets/{ticket_no}/state", a_state(), key=f"{ticket_no}:1", token="secret").is_success
    assert _kept(crm, ticket_no) == 1


@pytest.mark.parametrize("mode", ["timeout", "reset"])
def test_it_hangs_up_without_a_word_until_cleared(crm: CrmProcess, mode: str) -> None:
    crm.post("/tickets", a_ticket_body(mode))
    crm.post("/faults", {"mode": mode, "until_cleared": True, "seconds": 0.1})
    for _ in range(2):
        with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
            crm.put(f"/tickets/{mode}/state", a_state(), key=f"{mode}:1", token="secret")
    crm.post("/faults", {"mode": "none"})
    assert crm.put(f"/tickets/{mode}/state", a_state(), key=f"{mode}:1", token="secret").json()["result"] == "applied"


def test_a_new_ticket_triggers_vocloop_until_it_is_taken_or_refused(tmp_path: Path) -> None:
    with (
        Vocloop(503, 401, 202, 422) as vocloop,
        a_crm(tmp_path / "crm.db", "--trigger", vocloop.url, "--trigger-token", "ours") as crm,
    ):
        crm.post("/tickets", a_ticket_body("T-9", words="它一直响"))
        until(lambda: _trigger_state(crm, "T-9") == "accepted")
        assert len(vocloop.bodies) == 3
        assert set(vocloop.tokens) == {"Bearer ours"}
        assert '"words":"它一直响"' in vocloop.bodies[-1]
        crm.post("/tickets", a_ticket_body("called-wrong"))
        until(lambda: _trigger_state(crm, "called-wrong") == "refused")
        assert len(vocloop.bodies) == 4, "a ticket Vocloop calls wrong is not sent for ever"


def test_a_trigger_still_owed_survives_a_restart(tmp_path: Path) -> None:
    with Vocloop(202) as vocloop:
        with a_crm(tmp_path / "crm.db", "--trigger", _nobody()) as crm:
            crm.post("/tickets", a_ticket_body("T-9"))
            until(lambda: crm.get("/tickets/T-9")["trigger"]["tries"] > 0)
            assert crm.stop() == 0, "it stops cleanly when asked"
        with a_crm(tmp_path / "crm.db", "--trigger", vocloop.url) as crm:
            until(lambda: _trigger_state(crm, "T-9") == "accepted")


def _nobody() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_it_fails_for_as_long_as_it_was_told_at_start(tmp_path: Path) -> None:
    with a_crm(tmp_path / "crm.db", "--fail-for", "0.5") as crm:
        crm.post("/tickets", a_ticket_body())
        assert crm.put("/tickets/T-1/state", a_state(), key="k").status_code == 500
        until(lambda: crm.put("/tickets/T-1/state", a_state(), key="k").is_success)


@pytest.mark.parametrize("what", ["port", "folder"])
def test_what_keeps_it_from_starting_is_said_in_one_sentence(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").write_text("")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1]) if what == "port" else "0"
        db = str(tmp_path / "crm.db" if what == "port" else tmp_path / "file" / "crm.db")
        code = "import typer; from starter.crm_sim.app import crm_sim; typer.run(crm_sim)"
        done = subprocess.run(
            [sys.executable, "-c", code, "--port", port, "--db", db], cwd=ROOT, capture_output=True, text=True
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert ("--port" if what == "port" else "--db") in done.stderr


def test_the_same_seq_under_another_key_replaces_what_is_there(crm: CrmProcess) -> None:
    crm.post("/tickets", a_ticket_body("healed"))
    for owner, key in (("engine", "healed:5:crm"), ("body", "healed:5:crm:again")):
        assert crm.put("/tickets/healed/state", a_state(5, owner=owner), key=key, token="secret").status_code == 200
    assert crm.get("/tickets/healed/state")["owner"] == "body"


def test_faults_are_the_writers_alone(crm: CrmProcess) -> None:
    crm.post("/tickets", a_ticket_body("read"))
    crm.put("/tickets/read/state", a_state(1), key="read:1:crm", token="secret")
    crm.post("/faults", {"mode": "500"})
    assert crm.get("/tickets/read/state")["seq"] == 1
    assert crm.put("/tickets/read/state", a_state(2), key="read:2:crm", token="secret").status_code == 500
