"""One running API for all tests of the doors: its own process, with a real worker, ledger and Temporal behind it."""

from collections.abc import AsyncIterator

import pytest

from tests.starter.api_server import RunningApi, an_api


@pytest.fixture(scope="session")
async def running_api(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    async with an_api(tmp_path_factory.mktemp("api"), temporal=temporal_address) as api:
        yield api
