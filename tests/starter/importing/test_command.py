import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from starter.home import Stack, remember
from starter.importing.command import import_file
from tests.starter.processes import ROOT, child_environment

SAMPLE = Path(__file__).parents[3] / "starter/importing/data"
OWN = ["--format", "csv", "--map", str(SAMPLE / "sample_map.toml")]
TICKETS = SAMPLE / "sample_tickets.csv"
ROWS = 70

app = typer.Typer()
app.command()(import_file)


class Api(ThreadingHTTPServer):
    """Takes tickets over real HTTP as the API does; some numbers it refuses."""

    refusals = {"DEMO-0002": 409, "DEMO-0003": 422, "DEMO-0004": 503}

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: dict[str, Any] = {}
        self.lock = Lock()
        self.together = self.most_together = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        with self.server.lock:
            self.server.together += 1
            self.server.most_together = max(self.server.most_together, self.server.together)
        ticket = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = ticket["ticket_no"] in self.server.taken
        status = self.server.refusals.get(ticket["ticket_no"], 200 if known else 202)
        with self.server.lock:
            self.server.together -= 1
            if status < 400 and self.path == "/api/v1/tickets":
                self.server.taken[ticket["ticket_no"]] = ticket
        problem = {"detail": "Mend it.", "errors": [{"field": "body.tier", "how": "is unknown."}]}
        body = json.dumps(problem if status == 422 else {"detail": "Busy."}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    program = "import typer; from starter.importing.command import import_file; typer.run(import_file)"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=child_environment(**settings),
        timeout=60,
        check=False,
    )


def last_line(output: str) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(output.strip().splitlines()[-1])
    return figures


def test_a_dry_run_counts_and_sends_nothing(api: Api) -> None:
    result = CliRunner().invoke(app, [str(TICKETS), *OWN, "--dry-run", "--json", "--api", api.url])
    figures = last_line(result.stdout)
    assert result.exit_code == 0
    assert (figures["rows"], figures["accepted"], figures["rejected"]) == (ROWS, ROWS, 0)
    assert figures["dispatched"] + figures["triage"] == ROWS
    assert sum(figures["by_department"].values()) == figures["dispatched"]
    assert api.taken == {}


def test_a_dry_run_names_the_departments_to_a_person() -> None:
    result = CliRunner().invoke(app, [str(TICKETS), *OWN, "--dry-run"])
    assert "Chassis Engineering" in result.stdout
    assert "底盘工程部" in result.stdout
    assert f"{ROWS} rows: {ROWS} accepted" in result.stdout


def test_every_ticket_goes_to_the_api_and_a_refusal_names_its_line(api: Api) -> None:
    result = run(str(TICKETS), *OWN, "--json", "--api", api.url)
    figures = last_line(result.stdout)
    assert result.returncode == 0, result.stderr
    assert (figures["accepted"], figures["rejected"]) == (ROWS - 3, 3)
    assert len(api.taken) == ROWS - 3
    assert "line 3: The ticket number is already there with another content." in result.stderr
    assert "line 4: The API does not take this ticket: body.tier: is unknown." in result.stderr
    assert "line 5: The API answered 503: Busy." in result.stderr
    assert 1 <= api.most_together <= 8


def test_tickets_of_long_ago_are_created_now_unless_asked_otherwise(api: Api, tmp_path: Path) -> None:
    header = "投诉编号,投诉品牌,投诉车系,投诉车型,投诉简述,投诉问题,问题类型,投诉日期\n"
    (tmp_path / "f.csv").write_text(header + "1,a,b,c,w,车身,色差,2024-02-03\n", encoding="utf-8")
    common = [str(tmp_path / "f.csv"), "--format", "cn-complaints", "--api", api.url]
    run(*common)
    assert api.taken["1"]["created_at"] > "2026"
    run(*common, "--dates", "original")
    assert api.taken["1"]["created_at"] == "2024-02-02T16:00:00Z"


def test_an_api_that_is_away_is_one_sentence_and_exit_two(api: Api) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as taken:
        port = taken.server_port
    result = run(str(TICKETS), *OWN, "--api", f"http://127.0.0.1:{port}")
    assert result.returncode == 2
    assert f"The API at http://127.0.0.1:{port} is away" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_an_address_the_running_stack_is_meant(api: Api, tmp_path: Path) -> None:
    remember(tmp_path, Stack(temporal="127.0.0.1:1", api=api.url))
    result = run(str(TICKETS), *OWN, "--json", VOCLOOP_HOME=str(tmp_path), VOCLOOP_PUBLIC_URL="https://away.example")
    assert result.returncode == 0, result.stderr
    assert len(api.taken) == ROWS - 3


def test_a_file_that_is_none_is_one_sentence_also_when_it_is_sent(api: Api) -> None:
    result = run(str(TICKETS), "--format", "csv", "--api", api.url)
    assert (result.returncode, api.taken) == (2, {})
    assert result.stderr.strip().endswith("name the file that says what its columns are.")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.csv", "--format", "cn-complaints"], "nowhere.csv cannot be read"),
        ([str(TICKETS), "--format", "cn-complaints"], "has no column 投诉编号"),
        ([str(TICKETS), "--format", "csv"], "needs --map"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence_and_exit_two(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, [*arguments, "--dry-run"])
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_file_without_one_good_row_fails(tmp_path: Path) -> None:
    header = "投诉编号,投诉品牌,投诉车系,投诉车型,投诉简述,投诉问题,问题类型,投诉日期\n"
    (tmp_path / "f.csv").write_text(header + "1,a,b,c,w,车身,色差,\n", encoding="utf-8")
    result = CliRunner().invoke(app, [str(tmp_path / "f.csv"), "--format", "cn-complaints", "--dry-run", "--json"])
    assert result.exit_code == 1
    assert "line 2: The row has no date." in result.stderr
    assert last_line(result.stdout)["rejected"] == 1
