"""Builders for tests that start real processes."""

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from starter.embedded.supervising import Part

ROOT = Path(__file__).parents[2]


# Below the ports that systems give to whoever asks for any, so that nobody else is given one between our asking for it
# and our child's listening there; each process of the tests begins elsewhere and hands out none twice.
_PORTS = range(12_000, 32_000)
_NEXT = count(os.getpid() * 61)


def free_port() -> int:
    for number in _NEXT:
        port = _PORTS[number % len(_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("counting never ends")


@contextmanager
def listening() -> Iterator[int]:
    """A port that is taken for as long as this lasts."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield int(taken.getsockname()[1])


def runs(process_id: int) -> bool:
    """Whether the process lives; one that ended and was not yet collected by its parent does not."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_until(holds: Callable[[], object], *, seconds: float = 60.0) -> None:
    """Poll until it holds; an AssertionError when it never does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.05)


def python_part(code: str, *, marker: Path, **options: object) -> Part:
    """A child that runs `code` and is ready once it has written its process id to `marker`."""

    async def is_ready(process_id: int) -> bool:
        return _says(marker, process_id)

    return Part(
        name="child",
        command=(sys.executable, "-c", code),
        is_ready=is_ready,
        environment={"MARKER": str(marker)},
        **options,  # type: ignore[arg-type]
    )


def _says(marker: Path, process_id: int) -> bool:
    return marker.exists() and marker.read_text() == str(process_id)


READY = "import os, pathlib; pathlib.Path(os.environ['MARKER']).write_text(str(os.getpid()));"


def child_environment(**settings: str) -> dict[str, str]:
    """The environment of a command under test: ours without Temporal's or Vocloop's own settings, then those given."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("TEMPORAL_", "VOCLOOP_"))}
    return {**inherited, "PYTHONPATH": str(ROOT), "TEMPORAL_CONFIG_FILE": os.devnull, **settings}
