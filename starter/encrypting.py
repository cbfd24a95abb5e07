"""Payloads sealed before they leave for Temporal, so that who reads its database or its UI reads nothing of ours."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
)
from temporalio.exceptions import ApplicationError

from ledger.keyring import Damaged, KeyRing, Sealed, UnknownKey
from settings import Settings
from starter.stopping import CannotGoOn

ENCODING = b"binary/encrypted"
_KEY_ID = "vocloop-key"
UNREADABLE = "PayloadUnreadable"
_LARGE = 64 * 1024  # bytes from which sealing would hold the event loop up


class SealingCodec(PayloadCodec):
    """AES-256-GCM. A payload is sealed whole, what it says of its own form included; its key's id stands beside it.

    A payload that is not sealed is passed on as it is, so that complaints begun before there were keys go on.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await _worked(self._sealed, payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Raises ApplicationError "PayloadUnreadable", which is worth repeating: a worker that has the key can."""
        return await _worked(self._opened, payloads)

    def _sealed(self, payload: Payload) -> Payload:
        sealed = self._ring.seal(payload.SerializeToString(), about=ENCODING)
        return Payload(metadata={"encoding": ENCODING, _KEY_ID: sealed.key_id.encode()}, data=sealed.content)

    def _opened(self, payload: Payload) -> Payload:
        key_id = payload.metadata.get(_KEY_ID, b"").decode(errors="replace")
        if payload.metadata.get("encoding") != ENCODING or not key_id:
            return payload
        try:
            return Payload.FromString(self._ring.open(Sealed(key_id, payload.data), about=ENCODING))
        except UnknownKey:
            why = f"A payload is sealed with key {key_id[:32]}, which is not here: add it to VOCLOOP_PAYLOAD_KEYS."
        except (Damaged, DecodeError):
            why = f"A payload sealed with key {key_id[:32]} was changed, or that key is another here: correct the key."
        raise ApplicationError(why, type=UNREADABLE) from None


def codec(settings: Settings) -> SealingCodec | None:
    """The codec that the settings ask for. Raises CannotGoOn when the keys cannot be read."""
    try:
        ring = KeyRing.read(settings.payload_keys, setting="VOCLOOP_PAYLOAD_KEYS")
    except ValueError as fault:
        raise CannotGoOn(str(fault)) from None
    return SealingCodec(ring) if ring else None


def sealing(given: DataConverter, chosen: PayloadCodec | None) -> DataConverter:
    """The converter with this codec, unless it has one of its own. Failures are then sealed with what they say."""
    if chosen is None or given.payload_codec is not None:
        return given
    is_plain = given.failure_converter_class is DefaultFailureConverter
    failures = DefaultFailureConverterWithEncodedAttributes if is_plain else given.failure_converter_class
    return replace(given, payload_codec=chosen, failure_converter_class=failures)


async def _worked(work: Callable[[Payload], Payload], payloads: Sequence[Payload]) -> list[Payload]:
    if sum(len(payload.data) for payload in payloads) < _LARGE:
        return [work(payload) for payload in payloads]
    return await asyncio.to_thread(lambda: [work(payload) for payload in payloads])
