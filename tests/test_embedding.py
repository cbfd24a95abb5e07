"""The whole product in another team's worker, beside their workflows, their converter and codec (connect/embed.md)."""

import base64
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    PayloadCodec,
)
from temporalio.worker import Worker

import worker
from domain.commands import Actor, Role
from ledger.database import connect, migrate
from ledger.events import events_of
from policy.reading import load
from settings import Settings, utc_now
from starter.commands import Admission, Complaints
from starter.converting import convert
from tests.starter.api_server import soon
from tests.their_workflow import Invoice, Money, double
from tests.workflows.cases import a_ticket


class MoneyConverter(EncodingPayloadConverter):
    @property
    def encoding(self) -> str:
        return "theirs/money"

    def to_payload(self, value: Any) -> Payload | None:
        is_money = type(value).__name__ == "Money"  # the sandbox has a class of its own
        return Payload(metadata={"encoding": b"theirs/money"}, data=b"%d" % value.cents) if is_money else None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        return (type_hint or Money)(int(payload.data))


class TheirConverter(CompositePayloadConverter):
    def __init__(self) -> None:
        super().__init__(MoneyConverter(), *DefaultPayloadConverter().converters.values())


class Wrapped(PayloadCodec):
    """Theirs: what Temporal keeps is not to be read at a glance."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        wrapped = (base64.b85encode(payload.SerializeToString()) for payload in payloads)
        return [Payload(metadata={"encoding": b"theirs/wrapped"}, data=data) for data in wrapped]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [Payload.FromString(base64.b85decode(payload.data)) for payload in payloads]


THEIRS = replace(DataConverter.default, payload_converter_class=TheirConverter, payload_codec=Wrapped())


class Together(NamedTuple):
    client: Client
    engine: AsyncEngine
    queue: str


@pytest.fixture(scope="module")
async def together(temporal_address: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Together]:
    """As docs/connect/embed.md does it."""
    queue = f"together-{secrets.token_hex(4)}"
    settings = Settings(home=tmp_path_factory.mktemp("embedded"), secret_key="k" * 32, task_queue=queue)
    await migrate(settings.ledger_url)
    async with contextlib.AsyncExitStack() as stack:
        outlets = await stack.enter_async_context(worker.outlets(settings))
        plugins = [worker.complaint_plugin(outlets)]
        client = await Client.connect(temporal_address, data_converter=THEIRS, plugins=plugins)
        await worker.make_ready(client, outlets, settings)
        await stack.enter_async_context(Worker(client, task_queue=queue, workflows=[Invoice], activities=[double]))
        engine = connect(settings.ledger_url)
        stack.push_async_callback(engine.dispose)
        yield Together(client, engine, queue)


async def test_a_complaint_lives_in_their_worker(together: Together) -> None:
    client, engine, queue = together
    complaints, ticket = Complaints(client, engine, load(None), task_queue=queue), a_ticket()
    assert await complaints.open(ticket, received_at=utc_now()) is Admission.NEW
    said = {"actor": Actor(role=Role.CUSTOMER).model_dump(mode="json")}

    async def withdrawn() -> Any:
        return await complaints.submit(ticket.ticket_no, "withdraw", said, command_id="w1", received_at=utc_now())

    receipt = await soon(withdrawn)
    assert (receipt.accepted, receipt.stage) == (True, "closed")
    handle = client.get_workflow_handle(f"complaint-{ticket.ticket_no}")
    await handle.result()
    assert (await events_of(engine, ticket.ticket_no))[-1].kind == "closed"
    started = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    assert started.input.payloads[0].metadata["encoding"] == b"theirs/wrapped"


async def test_their_workflows_run_as_before(together: Together) -> None:
    client, _, queue = together
    assert await client.execute_workflow(Invoice.run, Money(21), id=f"paid-{queue}", task_queue=queue) == Money(42)


async def test_their_handlers_fail_as_they_mean_to(together: Together) -> None:
    client, _, queue = together
    unpaid = await client.start_workflow(Invoice.run, Money(13), id=f"unpaid-{queue}", task_queue=queue)
    await unpaid.signal(Invoice.refuse)
    with pytest.raises(WorkflowFailureError):
        await unpaid.result()


def test_converters_are_put_side_by_side_once() -> None:
    once = convert(THEIRS)
    assert convert(once).payload_converter_class is once.payload_converter_class
    assert once.payload_codec is THEIRS.payload_codec
