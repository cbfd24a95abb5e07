"""What ops see of a complaint's way through the processes: traces and logs, by ids, with nothing personal."""

import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from tests.starter.api_server import NAME, PHONE, VIN, RunningApi, an_api, by, soon
from tests.starter.otlp_collector import Collector, a_collector

SECRETS = (NAME, PHONE, VIN, "难启动")


class Watched(NamedTuple):
    api: RunningApi
    collector: Collector
    ticket_no: str
    request_id: str


@pytest.fixture(scope="module")
async def watched(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    """One complaint, from its ticket to its end, in processes that trace and log for a collector."""
    home = tmp_path_factory.mktemp("watched")
    with a_collector() as collector:
        options: dict[str, Any] = {"otlp_endpoint": collector.url, "log_format": "json"}
        async with an_api(home, temporal=temporal_address, **options) as api:
            ticket_no = (await api.opened())["ticket_no"]
            searched = await api.http.get("/api/v1/complaints", params={"vin": VIN})
            assert (await api.command(ticket_no, "accept", actor=by("powertrain"))).status_code == 200
            assert (await api.command(ticket_no, "withdraw", actor=by("", "customer"))).status_code == 200
            yield Watched(api, collector, ticket_no, searched.headers["X-Request-Id"])


async def test_a_trace_leads_from_the_crms_trigger_to_the_closure(watched: Watched) -> None:
    spans = {"POST /api/v1/tickets", "RunWorkflow:ComplaintWorkflow", "RunActivity:deliver"}
    spans |= {"CompleteWorkflow:ComplaintWorkflow", "StartWorkflow:ComplaintWorkflow"}

    async def whole() -> bool | None:
        triggered = watched.collector.traces("POST /api/v1/tickets")
        return any(spans <= watched.collector.names(trace) for trace in triggered) or None

    assert await soon(whole)


async def test_a_command_is_sent_in_its_own_trace_and_handled_in_the_complaints(watched: Watched) -> None:
    async def handled() -> bool | None:
        (asked,) = watched.collector.traces("POST /api/v1/complaints/{ticket_no}/accept") or {""}
        (told,) = watched.collector.traces("HandleUpdate:accept") or {""}
        started = watched.collector.traces("StartWorkflow:ComplaintWorkflow")
        return ("StartWorkflowUpdate:accept" in watched.collector.names(asked) and {told} == started) or None

    assert await soon(handled)


async def test_nothing_personal_is_in_a_trace(watched: Watched) -> None:
    assert watched.collector.spans
    assert not [secret for secret in SECRETS if secret.encode() in watched.collector.raw]


async def test_the_log_is_one_object_a_line_with_ids_and_nothing_personal(watched: Watched) -> None:
    text = "".join(file.read_text() for file in sorted(watched.api.settings.home.rglob("*.log")))
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    (asked,) = [line for line in lines if line.get("request_id") == watched.request_id]
    assert (asked["route"], asked["status"]) == ("/api/v1/complaints", 200)
    assert {"at", "level", "logger", "event"} <= asked.keys()
    assert any(line["logger"] == "vocloop.worker" for line in lines)
    assert not [secret for secret in SECRETS if secret in text]
