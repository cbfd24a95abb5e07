"""For all tests: no setting of this machine, and one real Temporal server, started the way `vocloop up` does."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import islice

import pytest

from settings import Settings
from starter.demo import theatre
from starter.demo.theatre import World
from starter.embedded import parts
from starter.embedded.supervising import Supervisor
from tests.starter.processes import free_port

SERVER = {
    # A workflow whose code fails is listed after its first failure, not after a minute of them.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "1",
    # A timer or retry that is due in a millisecond fires then, not at the server's next look at the clock, in a second.
    "history.timerProcessorMaxTimeShift": '"10ms"',
}

_MAY_SKIP = not os.environ.get("VOCLOOP_NO_SKIP")  # where everything is there, a skipped test is a failure: .ci/run


def pytest_configure() -> None:
    for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "VOCLOOP_"))]:
        del os.environ[name]
    os.environ["TEMPORAL_CONFIG_FILE"] = os.devnull


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests first, some for each of xdist's workers, which begin with an equal part of the list each: a long
    test that comes last would leave the other workers idle.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if item.get_closest_marker("long")]
    short = iter([item for item in items if not item.get_closest_marker("long")])
    parts = [long[number::workers] for number in range(workers)]
    items[:] = [item for part in parts for item in (*part, *islice(short, len(items) // workers - len(part)))]
    items += short  # what does not divide


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped") if reporter else None
    if reporter and skipped and not _MAY_SKIP:
        reporter.write_line(f"\nVOCLOOP_NO_SKIP: {len(skipped)} skipped, which is a failure here.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
async def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Shared by all tests of a process: keep to task queues and namespaces of your own."""
    home = tmp_path_factory.mktemp("temporal")
    ports = parts.Ports(temporal=free_port(), temporal_http=free_port(), temporal_ui=free_port())
    settings = Settings(home=home, temporal_address=f"127.0.0.1:{ports.temporal}")
    part = parts.temporal(settings, ports)
    options = [text for pair in SERVER.items() for text in ("--dynamic-config-value", "=".join(pair))]
    supervisor = Supervisor(home, say=print)
    try:
        await supervisor.start(replace(part, command=(*part.command, *options)))
        yield settings.temporal_address
    finally:
        await supervisor.stop()


@pytest.fixture(scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Shared by all tests of a process: a real server with skipped time, ledger, CRM, worker. Take your own tickets."""
    async with theatre.world(tmp_path_factory.mktemp("world")) as stage:
        yield stage
