import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import VersioningBehavior
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

import worker
from activities.watching import FailureLog
from settings import Settings
from starter.connecting import client_plugin, connect
from starter.converting import convert
from starter.stopping import CannotGoOn
from tests.astray_workflow import Astray
from tests.fragile_workflows import Fragile, Persistent, succeed_at_the_twelfth
from tests.starter.processes import ROOT, child_environment, wait_until
from workflows.guarding import REFUSAL, Guard


@asynccontextmanager
async def guarded(address: str, queue: str) -> AsyncIterator[Client]:
    client = await connect(Settings(temporal_address=address), plugins=[client_plugin()])
    interceptors = [Guard(), FailureLog()]
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Fragile, Persistent],
        activities=[succeed_at_the_twelfth],
        interceptors=interceptors,
    ):
        yield client


async def test_handlers_that_break_are_recorded_and_the_workflow_goes_on(temporal_address: str) -> None:
    async with guarded(temporal_address, "fragile") as client:
        handle: WorkflowHandle[Any, list[str]] = await client.start_workflow(
            Fragile.run, id="fragile", task_queue="fragile"
        )
        for signal in ("raise_value_error", "raise_application_error", "take_one", "end"):
            await handle.signal(signal)
        assert await handle.result() == [
            "raise_value_error:ValueError",
            "raise_application_error:ApplicationError",
            "take_one:TypeError",
        ]


async def test_an_update_that_breaks_is_answered_without_its_cause(temporal_address: str) -> None:
    async with guarded(temporal_address, "dividing") as client:
        handle: WorkflowHandle[Any, list[str]] = await client.start_workflow(
            Fragile.run, id="dividing", task_queue="dividing"
        )
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await handle.execute_update("divide")
        await handle.signal("end")
        assert await handle.result() == ["divide:ZeroDivisionError"]
    cause = refused.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.message, cause.cause) == (REFUSAL, "the message was refused", None)


async def test_an_update_that_answers_with_an_error_is_let_through(temporal_address: str) -> None:
    async with guarded(temporal_address, "answering") as client:
        handle: WorkflowHandle[Any, list[str]] = await client.start_workflow(
            Fragile.run, id="answering", task_queue="answering"
        )
        with pytest.raises(WorkflowUpdateFailedError) as answered:
            await handle.execute_update("answer")
        await handle.signal("end")
        assert await handle.result() == []
    assert isinstance(answered.value.cause, ApplicationError)
    assert answered.value.cause.type == "Answer"


async def test_an_activity_retried_on_and_on_is_logged_at_powers_of_ten(
    temporal_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="vocloop.worker"):
        async with guarded(temporal_address, "persistent") as client:
            await client.execute_workflow(Persistent.run, id="persistent", task_queue="persistent")
    lines = [record.getMessage() for record in caplog.records if record.name == "vocloop.worker"]
    assert lines == [
        f"succeed_at_the_twelfth failed for persistent, attempt {attempt}: ConnectionError" for attempt in (1, 10)
    ]


def test_the_converter_replaces_the_payloads_converter_alone() -> None:
    encoded = DefaultFailureConverterWithEncodedAttributes
    converted = convert(DataConverter(failure_converter_class=encoded))
    assert converted.payload_converter_class is PydanticPayloadConverter
    assert converted.failure_converter_class is encoded


@pytest.mark.parametrize(
    ("deployment", "build_id"),
    [("", ""), ("vocloop", ""), ("", "b1")],  # half of it is not enough
)
def test_a_worker_is_unversioned_unless_the_environment_gives_both(deployment: str, build_id: str) -> None:
    assert worker.deployment_config(Settings(deployment=deployment, build_id=build_id)) is None


def test_a_versioned_worker_pins_its_complaints() -> None:
    config = worker.deployment_config(Settings(deployment="vocloop", build_id="b1"))
    assert config is not None
    assert config.use_worker_versioning
    assert config.default_versioning_behavior is VersioningBehavior.PINNED


async def test_an_import_the_sandbox_does_not_expect_is_refused(
    temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, temporal_address=temporal_address)
    await worker.check(settings)
    monkeypatch.setattr(worker, "ComplaintWorkflow", Astray)
    with pytest.raises(CannotGoOn, match=r"does not fit the sandbox: .*jinja2"):
        await worker.check(settings)


async def test_settings_that_cannot_be_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match="VOCLOOP_SMTP_URL"):
        async with worker.outlets(Settings(home=tmp_path, smtp_url="nonsense")):
            pass


def test_asked_to_stop_the_worker_stops_and_takes_its_ready_file_with_it(temporal_address: str, tmp_path: Path) -> None:
    environment = child_environment(VOCLOOP_HOME=str(tmp_path), VOCLOOP_TEMPORAL_ADDRESS=temporal_address)
    ready = tmp_path / "worker.ready"
    with subprocess.Popen([sys.executable, "-m", "worker"], env=environment, cwd=ROOT) as process:
        try:
            wait_until(lambda: ready.exists() and ready.read_text() == str(process.pid), seconds=60)
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert not ready.exists()
