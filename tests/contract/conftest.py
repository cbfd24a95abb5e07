"""An API of its own: what is asked of it here at random is nothing for other tests to find."""

from collections.abc import AsyncIterator

import pytest

from tests.starter.api_server import RunningApi, an_api


@pytest.fixture(scope="session")
async def asked_api(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    async with an_api(tmp_path_factory.mktemp("asked"), temporal=temporal_address) as api:
        yield api
