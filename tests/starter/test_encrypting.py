import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, Worker

import worker
from ledger.keyring import KeyRing, new_key, written
from settings import Settings
from starter.connecting import client_plugin, connect
from starter.converting import convert
from starter.encrypting import ENCODING, UNREADABLE, SealingCodec, codec, sealing
from starter.stopping import CannotGoOn
from tests.telling_workflow import Telling
from tests.test_embedding import THEIRS
from tests.workflows.replaying import history_of, recorded

OLD, NEW = new_key(), new_key()
WORDS = Payload(metadata={"encoding": b"json/plain"}, data=b'"brake noise"')


def a_codec(**keys: bytes) -> SealingCodec:
    return SealingCodec(KeyRing(keys))


async def test_what_is_sealed_is_opened_and_cannot_be_read_before() -> None:
    [sealed] = await a_codec(k1=OLD).encode([WORDS])
    assert sealed.metadata["encoding"] == ENCODING
    assert b"brake" not in sealed.SerializeToString()
    assert await a_codec(k1=OLD).decode([sealed]) == [WORDS]


async def test_the_same_is_never_sealed_to_the_same() -> None:
    one, other = await a_codec(k1=OLD).encode([WORDS, WORDS])
    assert one.data != other.data


async def test_a_large_payload_is_sealed_as_well() -> None:
    large = Payload(metadata=WORDS.metadata, data=b"x" * 200_000)
    assert await a_codec(k1=OLD).decode(await a_codec(k1=OLD).encode([large, WORDS])) == [large, WORDS]


async def test_after_rotation_the_new_key_seals_and_the_old_one_still_opens() -> None:
    [before], [after] = await a_codec(k1=OLD).encode([WORDS]), await a_codec(k2=NEW, k1=OLD).encode([WORDS])
    assert (before.metadata["vocloop-key"], after.metadata["vocloop-key"]) == (b"k1", b"k2")
    assert await a_codec(k2=NEW, k1=OLD).decode([before, after]) == [WORDS, WORDS]


async def test_what_was_in_clear_before_there_were_keys_is_still_read() -> None:
    assert await a_codec(k1=OLD).decode([WORDS]) == [WORDS]


def _of_another_id(sealed: Payload) -> None:
    sealed.metadata["vocloop-key"] = b"k2"


def _with_a_bit_turned(sealed: Payload) -> None:
    sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])


def _cut_short(sealed: Payload) -> None:
    sealed.data = sealed.data[:5]


def _under_no_key(sealed: Payload) -> None:
    sealed.metadata["vocloop-key"] = b"k9"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_under_no_key, "sealed with key k9, which is not here: add it to VOCLOOP_PAYLOAD_KEYS"),
        (_of_another_id, "was changed"),  # the same key under another id: the id is bound, too
        (_with_a_bit_turned, "was changed"),
        (_cut_short, "was changed"),
    ],
)
async def test_what_cannot_be_opened_is_told_and_worth_repeating(
    spoil: Callable[[Payload], None], sentence: str
) -> None:
    [sealed] = await a_codec(k1=OLD).encode([WORDS])
    spoil(sealed)
    with pytest.raises(ApplicationError, match=sentence) as told:
        await a_codec(k1=OLD, k2=OLD).decode([sealed])
    assert (told.value.type, told.value.non_retryable) == (UNREADABLE, False)


def test_without_keys_nothing_is_sealed() -> None:
    assert codec(Settings(payload_keys="")) is None
    assert sealing(DataConverter.default, None) is DataConverter.default


@pytest.mark.parametrize(
    "keys",
    [
        "k1",  # no key
        "k1:AAAA",  # too short
        f"k 1:{written(OLD)}",  # no id
        f"k1:{written(OLD)},k1:{written(NEW)}",  # twice
        f"k1:{written(OLD)[:-3]}*==",  # no base64
    ],
    ids=["no key", "too short", "no id", "twice", "no base64"],  # the keys are made anew each time
)
def test_keys_that_cannot_be_read_are_one_sentence_without_them(keys: str) -> None:
    with pytest.raises(CannotGoOn, match=r"^VOCLOOP_PAYLOAD_KEYS cannot be read at its key [12]: ") as told:
        codec(Settings(payload_keys=keys))
    assert written(OLD)[:8] not in str(told.value)


def test_another_teams_codec_stays() -> None:
    assert convert(THEIRS, codec=a_codec(k1=OLD)).payload_codec is THEIRS.payload_codec


def test_failures_are_sealed_with_what_they_say() -> None:
    converted = convert(None, codec=a_codec(k1=OLD))
    assert converted.failure_converter_class is DefaultFailureConverterWithEncodedAttributes


async def _client(address: str, keys: str) -> Client:
    return await connect(Settings(temporal_address=address, payload_keys=keys), plugins=[client_plugin()])


async def test_temporal_keeps_nothing_of_what_is_sealed(temporal_address: str) -> None:
    client, queue = await _client(temporal_address, f"k1:{written(OLD)}"), f"sealed-{secrets.token_hex(4)}"
    async with Worker(client, task_queue=queue, workflows=[Telling]):
        handle = await client.start_workflow(Telling.run, "brake noise", id=queue, task_queue=queue, memo={"m": "said"})
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.message == "the customer said brake noise"
    history = (await handle.fetch_history()).to_json()
    assert all(text not in history for text in ("brake", "customer said", "YnJha2Ug", "said"))


async def test_a_worker_without_the_key_waits_for_it_and_the_next_goes_on(temporal_address: str) -> None:
    lacking, queue = await _client(temporal_address, f"k2:{written(NEW)}"), f"rotated-{secrets.token_hex(4)}"
    sealing_client = await _client(temporal_address, f"k1:{written(OLD)}")
    handle = await sealing_client.start_workflow(Telling.run, "thanks", id=queue, task_queue=queue)
    async with Worker(lacking, task_queue=queue, workflows=[Telling]):
        await _until_a_task_failed(handle)
    having = await _client(temporal_address, f"k2:{written(NEW)},k1:{written(OLD)}")
    async with Worker(having, task_queue=queue, workflows=[Telling]):
        assert await having.get_workflow_handle(queue).result() == "thanks"


async def _until_a_task_failed(handle: WorkflowHandle[Any, Any]) -> None:
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_task_failed_event_attributes"):
            return


async def test_histories_recorded_in_clear_replay_with_keys(tmp_path: Path) -> None:
    settings = Settings(secret_key="replay" * 8, payload_keys=f"k1:{written(OLD)}", home=tmp_path)
    async with worker.outlets(settings) as outlets:
        replayer = Replayer(workflows=[], plugins=[worker.complaint_plugin(outlets)])
        for path in recorded()[:2]:
            await replayer.replay_workflow(history_of(path))
