"""An API of its own: what is asked of it here at random is nothing for other tests to find."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from starter.embedded import parts
from starter.embedded.supervising import Supervisor
from tests.starter.api_server import RunningApi, a_home


@pytest.fixture(scope="session")
async def asked_api(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    settings = await a_home(tmp_path_factory.mktemp("asked"), temporal=temporal_address)
    supervisor = Supervisor(settings.home, say=print)
    try:
        await asyncio.gather(*(supervisor.start(part(settings)) for part in (parts.worker, parts.api)))
        async with RunningApi(settings) as api:
            yield api
    finally:
        await supervisor.stop()
