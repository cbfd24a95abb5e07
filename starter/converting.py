"""Payloads: ours as pydantic's JSON, and everything else as the converter says that was there before us."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, ClassVar, get_args

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import DataConverter, DefaultPayloadConverter, PayloadCodec, PayloadConverter

from starter.encrypting import sealing

_OURS = frozenset({"domain", "activities", "workflows"})


def convert(given: DataConverter | None, *, codec: PayloadCodec | None = None) -> DataConverter:
    """The given converter with our payloads as pydantic's; its codec, its failures and its own types stay.

    `codec` is for one that has none.
    """
    given = sealing(given or DataConverter.default, codec)
    theirs = given.payload_converter_class
    if theirs in (DefaultPayloadConverter, PydanticPayloadConverter) or issubclass(theirs, _Beside):
        ours: type[PayloadConverter] = theirs if issubclass(theirs, _Beside) else PydanticPayloadConverter
    else:
        ours = _beside(theirs)
    return replace(given, payload_converter_class=ours)


class _Beside(PayloadConverter):
    """Two converters, chosen by whose the type is."""

    theirs: ClassVar[type[PayloadConverter]]

    def __init__(self) -> None:
        self._theirs, self._ours = self.theirs(), PydanticPayloadConverter()

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        return [self._of(type(value)).to_payloads([value])[0] for value in values]

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        hints = [*(type_hints or ()), *[None] * len(payloads)]
        return [
            self._of(hint).from_payloads([payload], [hint] if hint else None)[0]
            for payload, hint in zip(payloads, hints, strict=False)
        ]

    def _of(self, hint: Any) -> PayloadConverter:
        return self._ours if _is_ours(hint) else self._theirs


@lru_cache
def _beside(theirs: type[PayloadConverter]) -> type[_Beside]:
    return type(f"{theirs.__name__}BesideVocloop", (_Beside,), {"theirs": theirs})


def _is_ours(hint: Any) -> bool:
    """Also a collection of ours, or ours or None."""
    module = str(getattr(hint, "__module__", ""))
    return module.partition(".")[0] in _OURS or any(_is_ours(part) for part in get_args(hint))
