"""Whatever somebody sends by signal or update, even past our doors, is answered or recorded and wedges nothing."""

import json
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import UpdateWorkflowExecutionLifecycleStage
from temporalio.api.update.v1 import Input, Meta, Request, WaitPolicy
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest, UpdateWorkflowExecutionRequest

from settings import utc_now
from starter.demo.theatre import World
from tests.workflows.cases import CX, Case, begin

ACTOR = {"role": "responder", "department": "powertrain", "id": "r-1"}
GOOD: dict[str, Any] = {"command_id": "poison", "actor": ACTOR}


def plain(data: bytes, encoding: bytes = b"json/plain") -> Payload:
    return Payload(metadata={"encoding": encoding}, data=data)


def said(value: object) -> list[Payload]:
    return [plain(json.dumps(value).encode())]


def nested(depth: int) -> Any:
    return {"x": nested(depth - 1)} if depth else "deep"


REJECTED = "message_rejected"
POISON: dict[str, tuple[str, list[Payload], str]] = {
    "no argument at all": ("accept", [], REJECTED),
    "two arguments": ("accept", said(GOOD) * 2, REJECTED),
    "null": ("accept", said(None), REJECTED),
    "a number": ("accept", said(7), REJECTED),
    "a list": ("accept", said([GOOD]), REJECTED),
    "a string": ("accept", said("accept, please"), REJECTED),
    "an empty mapping": ("accept", said({}), REJECTED),
    "a name nobody knows": ("explode", said(GOOD), REJECTED),
    "a name that is a query's": ("snapshot", said(GOOD), REJECTED),
    "a name in Chinese, 300 long": ("转" * 100, said(GOOD), REJECTED),
    "half a surrogate pair": ("accept", [plain(b'{"command_id": "\\ud800", "actor": {"role": "\\udfff"}}')], REJECTED),
    "a value of no enum": ("customer_reply", said({**GOOD, "answer": "maybe", "round": 1}), REJECTED),
    "a round that is no number": ("customer_reply", said({**GOOD, "answer": "confirm", "round": "one"}), REJECTED),
    "no actor": ("accept", said({"command_id": "poison"}), REJECTED),
    "an actor that is a list": ("accept", said({**GOOD, "actor": []}), REJECTED),
    "an id of 10,000 signs": ("accept", said({**GOOD, "command_id": "x" * 10_000}), REJECTED),
    "an instant without a zone": ("accept", said({**GOOD, "received_at": "2026-03-02T09:00:00"}), REJECTED),
    "an instant beyond all calendars": ("accept", said({**GOOD, "received_at": 1e300}), REJECTED),
    "infinity": ("accept", [plain(b'{"command_id": "poison", "actor": {}, "received_at": Infinity}')], REJECTED),
    "an instant in a year to come": ("accept", said({**GOOD, "received_at": "2099-01-01T00:00:00Z"}), "accepted"),
    "an instant long past": ("accept", said({**GOOD, "received_at": "1970-01-01T00:00:00Z"}), "accepted"),
    "fields nobody knows": ("accept", said({**GOOD, "colour": "red", "kind": "close_unreachable"}), "accepted"),
    "mappings 30 deep": ("accept", said({**GOOD, "actor": nested(30)}), REJECTED),
    "mappings 100,000 deep": ("accept", [plain(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)], REJECTED),
    "a string of 1 MB": ("post_progress", said({**GOOD, "note_id": "x" * 1_000_000}), REJECTED),
    "an unknown field of 60 kB": ("accept", said({**GOOD, "junk": "x" * 60_000}), "accepted"),
    "an unknown field of 1 MB": ("accept", said({**GOOD, "junk": "x" * 1_000_000}), REJECTED),
    "JSON that is cut off": ("accept", [plain(b'{"command_id": "poi')], REJECTED),
    "bytes that are no UTF-8": ("accept", [plain(b"\xff\xfe\x00{")], REJECTED),
    "an encoding nobody knows": ("accept", [plain(b"{}", b"json/martian")], REJECTED),
    "no encoding": ("accept", [Payload(data=b"{}")], REJECTED),
    "binary/null": ("accept", [plain(b"", b"binary/null")], REJECTED),
    "binary/plain": ("accept", [plain(b"\x00\x01", b"binary/plain")], REJECTED),
    "a protobuf of no known type": ("accept", [plain(b"{}", b"json/protobuf")], REJECTED),
}


@pytest.mark.parametrize("channel", ["signal", "update"])
@pytest.mark.parametrize("poison", POISON)
async def test_poison_is_recorded_and_the_complaint_goes_on(world: World, channel: str, poison: str) -> None:
    name, payloads, expected = POISON[poison]
    case = await begin(world)
    await (signal if channel == "signal" else update)(case, name, payloads)
    receipt = await case.send("withdraw", CX)
    assert (receipt.accepted, receipt.stage) == (True, "closed")
    await case.handle.result()
    assert await case.kinds() == ["opened", "dispatched", expected, "closed"]
    history = await case.history()
    assert [each for each in history if "FAILED" in each or "TIMED_OUT" in each] == []


async def test_what_is_recorded_of_poison_quotes_nothing_of_it(world: World) -> None:
    case = await begin(world)
    secret = "王小明 13800001111"
    await case.handle.signal("accept", {**GOOD, "actor": {"role": secret, secret: secret}, secret: secret})
    await case.handle.signal("accept", secret)
    rejected = await case.events_of(REJECTED)
    assert [event.code for event in rejected] == ["accept.actor.role:enum", "not_a_mapping"]
    assert all(secret not in event.model_dump_json() for event in rejected)


async def test_a_malformed_update_is_answered_with_a_receipt_that_says_why(world: World) -> None:
    case = await begin(world)
    receipt = await case.ask("claim", {**GOOD, "root_cause": "bad luck"})
    assert not receipt.accepted
    assert receipt.code.startswith("malformed: claim.note_id:missing")
    assert (receipt.stage, receipt.owner) == ("dispatched", "powertrain")


async def test_an_id_that_comes_again_with_another_content_is_refused_and_recorded(world: World) -> None:
    case = await begin(world)
    said = {**GOOD, "note_id": await case.note(), "root_cause": "design"}
    first = await case.ask("claim", said)
    later = {**said, "received_at": utc_now().isoformat()}
    assert (await case.ask("claim", later)).is_duplicate  # when it came is no part of what it says
    other = await case.ask("claim", {**said, "root_cause": "usage"})
    assert (other.accepted, other.code, other.command_id) == (False, "command_id_reused", first.command_id)
    await case.handle.signal("accept", GOOD)
    rejected = await case.events_of(REJECTED)
    assert [(event.name, event.code) for event in rejected] == [(kind, other.code) for kind in ("claim", "accept")]
    assert await case.check() == ()


async def test_a_repeated_command_gets_its_first_receipt_whatever_has_happened_since(world: World) -> None:
    case = await begin(world)
    first = await case.ask("accept", GOOD)
    await case.claim()
    again = await case.ask("accept", GOOD)
    assert again == first.model_copy(update={"is_duplicate": True})
    assert again.stage == "in_work"


async def test_a_door_cannot_reach_back_past_what_is_settled(world: World) -> None:
    case = await begin(world)
    await case.pass_time(hours=5)
    await case.ask("accept", {**GOOD, "received_at": (utc_now() - timedelta(days=9)).isoformat()})
    breach, accepted = (await case.events_of("clock_breached"))[0], (await case.events_of("accepted"))[0]
    assert accepted.at >= breach.at


async def test_an_update_of_1_9_mb_is_still_answered(world: World) -> None:
    """Our doors take 64 KiB. Only past them, and only within a hair of Temporal's 2 MiB, could a workflow wedge."""
    case = await begin(world)
    receipt = await case.ask("accept", {**GOOD, "junk": "x" * 1_900_000})
    assert receipt.code == "malformed: too_large"
    assert (await case.send("withdraw", CX)).stage == "closed"


async def signal(case: Case, name: str, payloads: list[Payload]) -> None:
    client = case.world.env.client
    request = SignalWorkflowExecutionRequest(
        namespace=client.namespace, signal_name=name, input=Payloads(payloads=payloads)
    )
    request.workflow_execution.workflow_id = case.handle.id
    await client.workflow_service.signal_workflow_execution(request)


async def update(case: Case, name: str, payloads: list[Payload]) -> None:
    client = case.world.env.client
    asked = Input(name=name, args=Payloads(payloads=payloads))
    completed = UpdateWorkflowExecutionLifecycleStage.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED
    request = UpdateWorkflowExecutionRequest(
        namespace=client.namespace,
        wait_policy=WaitPolicy(lifecycle_stage=completed),
        request=Request(meta=Meta(update_id=f"raw-{name[:9]}"), input=asked),
    )
    request.workflow_execution.workflow_id = case.handle.id
    answer = await client.workflow_service.update_workflow_execution(request, timeout=timedelta(seconds=20))
    assert answer.outcome.HasField("success"), answer.outcome
