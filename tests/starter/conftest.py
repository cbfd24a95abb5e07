"""A real Temporal server for the tests of this folder, started the way `vocloop up` starts it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from settings import Settings
from starter import parts
from starter.supervising import Supervisor
from tests.starter.processes import free_port

# A workflow whose code fails is listed after its first failure, not after a minute of them.
REPORT_AT_ONCE = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1"


@pytest.fixture(scope="session")
async def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    home = tmp_path_factory.mktemp("temporal")
    ports = parts.Ports(temporal=free_port(), temporal_http=free_port(), temporal_ui=free_port())
    settings = Settings(home=home, temporal_address=f"127.0.0.1:{ports.temporal}")
    part = parts.temporal(settings, ports)
    supervisor = Supervisor(home, say=print)
    try:
        await supervisor.start(replace(part, command=(*part.command, "--dynamic-config-value", REPORT_AT_ONCE)))
        yield settings.temporal_address
    finally:
        await supervisor.stop()


@pytest.fixture(autouse=True)
def _no_profile_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_PROFILE"):
        monkeypatch.delenv(name, raising=False)
