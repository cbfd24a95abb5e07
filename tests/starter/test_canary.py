"""The canary: a real complaint to Temporal and the worker, and nothing to anybody else."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx2
import pytest
from sqlalchemy import func, select

from ledger import tables as t
from ledger.database import reading
from policy.reading import load
from settings import utc_now
from starter.canary import flown
from starter.connecting import client_plugin, connect
from tests.starter.api_server import RunningApi, a_ledger, an_api
from tests.starter.processes import free_port


@pytest.fixture(scope="module")
async def watched(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    """Its worker's figures are exported."""
    address = f"127.0.0.1:{free_port()}"
    async with an_api(tmp_path_factory.mktemp("watched"), temporal=temporal_address, metrics_address=address) as api:
        yield api


async def test_a_deadline_fires_on_time_and_leaves_no_trace_but_a_figure(watched: RunningApi) -> None:
    settings, files = watched.settings, load(None)
    client = await connect(settings, plugins=[client_plugin()])
    at = utc_now() - timedelta(seconds=58)  # so that its deadline is two seconds away
    flight = await flown(client, files, at=at, task_queue=settings.task_queue, clock=utc_now)
    assert flight.is_on_time, flight
    await client.get_workflow_handle(flight.workflow_id).result()
    async with a_ledger(settings) as engine, reading(engine) as connection:
        assert await connection.scalar(select(func.count()).select_from(t.events)) == 0
        assert await connection.scalar(select(func.count()).select_from(t.notices)) == 0
    async with httpx2.AsyncClient(trust_env=False) as http:
        told = (await http.get(f"http://{settings.metrics_address}/metrics")).text
    assert re.search(r"^vocloop_canary_fired.* 1$", told, re.M)
    assert re.search(r"^vocloop_canary_lateness", told, re.M)
    assert re.search(r'^vocloop_outlet_attempts.*activity="append_to_ledger".*outcome="done"', told, re.M), told
