"""The doors stay open while what stands behind them is away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

from settings import Settings
from starter.connecting import client_plugin, connect
from starter.embedded import parts
from starter.embedded.supervising import Supervisor
from tests.starter.api_server import a_home, a_ticket_body, api_of, by, soon
from tests.starter.processes import free_port
from workflows.names import workflow_id


@asynccontextmanager
async def temporal_of(settings: Settings) -> AsyncIterator[None]:
    """A Temporal server at the address these settings name."""
    ports = parts.Ports(
        temporal=int(settings.temporal_address.rpartition(":")[2]), temporal_http=free_port(), temporal_ui=free_port()
    )
    supervisor = Supervisor(settings.home, say=print)
    try:
        await supervisor.start(parts.temporal(settings, ports))
        yield
    finally:
        await supervisor.stop()


async def received_signals(handle: WorkflowHandle[object, object]) -> list[str] | None:
    try:
        history = await handle.fetch_history()
    except RPCError:
        return None  # not started yet
    signals = [each.workflow_execution_signaled_event_attributes.signal_name for each in history.events]
    return [name for name in signals if name] or None


@pytest.mark.long
async def test_tickets_and_commands_are_taken_while_temporal_is_down_and_delivered_when_it_is_up(
    tmp_path: Path,
) -> None:
    settings = await a_home(tmp_path, temporal=f"127.0.0.1:{free_port()}")
    async with api_of(settings) as api:
        ticket = a_ticket_body()
        no = ticket["ticket_no"]
        assert (await api.post("/tickets", ticket)).status_code == 202
        queued = await api.command(no, "accept", key="while-down", actor=by("powertrain"))
        assert (queued.status_code, queued.json()["queued"]) == (202, True)
        waiting = await api.get(f"/complaints/{no}")
        assert (waiting["complaint"], waiting["ticket"]["customer"]["phone"]) == (None, "138****8000")
        assert (await api.http.get(f"/api/v1/complaints/{no}/clocks")).json()["code"] == "not_begun"
        ready = await api.http.get("/readyz")
        assert (ready.status_code, ready.json()["ledger"]["ready"]) == (503, True)
        assert ready.json()["temporal"]["ready"] is False
        async with temporal_of(settings):
            client = await connect(settings, plugins=[client_plugin()])
            handle = client.get_workflow_handle(workflow_id(no))
            assert await soon(lambda: received_signals(handle), seconds=40) == ["accept"]
            assert (await api.http.get("/readyz")).status_code == 200


@pytest.mark.long
async def test_a_command_that_no_worker_answers_is_queued_and_answered_later_under_its_key(
    temporal_address: str, tmp_path: Path
) -> None:
    settings = await a_home(tmp_path, temporal=temporal_address)
    async with api_of(settings) as api:
        ticket = a_ticket_body()
        no = ticket["ticket_no"]
        await api.post("/tickets", ticket)
        queued = await api.command(no, "accept", key="no-worker", actor=by("powertrain"))
        assert (queued.status_code, queued.json()["command_id"]) == (202, "no-worker")
        supervisor = Supervisor(settings.home, say=print)
        try:
            await supervisor.start(parts.worker(settings))
            await api.until(no, lambda complaint: complaint and complaint["stage"] == "in_work")
            receipt = await api.command(no, "accept", key="no-worker", actor=by("powertrain"))
        finally:
            await supervisor.stop()
    assert (receipt.status_code, receipt.json()["is_duplicate"]) == (200, True)


async def test_without_its_ledger_nothing_is_taken_and_everything_says_so(
    temporal_address: str, tmp_path: Path
) -> None:
    settings = await a_home(tmp_path, temporal=temporal_address)
    for file in settings.home.glob("ledger.db*"):
        file.unlink()
    (settings.home / "ledger.db").write_text("no database at all")
    async with api_of(settings) as api:
        refused = await api.post("/tickets", a_ticket_body())
        assert (refused.status_code, refused.json()["code"]) == (503, "ledger_unavailable")
        assert str(settings.home) not in refused.text
        assert (await api.http.get("/readyz")).json()["ledger"]["ready"] is False
        assert (await api.http.get("/healthz")).status_code == 200
