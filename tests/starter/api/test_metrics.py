"""What Prometheus is told: counts and ages of everything, nothing of anybody."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.starter.api_server import ENGINE_NOISE, NAME, PHONE, VIN, RunningApi, an_api


@pytest.fixture(scope="module")
async def own_api(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApi]:
    async with an_api(tmp_path_factory.mktemp("counted"), temporal=temporal_address) as api:
        yield api


async def told(api: RunningApi) -> tuple[dict[tuple[str, ...], float], str]:
    response = await api.http.get("/metrics")
    assert response.status_code == 200, response.text
    families = text_string_to_metric_families(response.text)
    samples = [sample for family in families for sample in family.samples]
    return {(each.name, *each.labels.values()): each.value for each in samples}, response.text


async def test_what_stands_and_waits_is_counted(own_api: RunningApi) -> None:
    for _ in range(2):
        await own_api.opened()
    await own_api.opened(ENGINE_NOISE, age=timedelta(days=4))  # its resolution clock has run out
    figures, text = await told(own_api)
    assert figures["vocloop_open_complaints", "powertrain", "green"] == 2
    assert sum(value for key, value in figures.items() if key[0] == "vocloop_open_complaints") == 3
    assert figures["vocloop_inbox_waiting",] == 0
    assert figures["vocloop_overdue_unhandled",] == 0
    assert (figures["vocloop_up", "ledger"], figures["vocloop_up", "temporal"]) == (1, 1)
    assert ("vocloop_task_queue_backlog", "workflow") in figures
    assert figures["vocloop_workflows_with_problems",] == 0
    assert not any(secret in text for secret in (NAME, PHONE, VIN))


async def test_who_has_no_key_is_told_nothing(own_api: RunningApi) -> None:
    async with own_api.client() as stranger:
        assert (await stranger.get("/metrics")).status_code == 401
