"""A message as it comes in at a workflow, read totally. Called from workflow code only."""

from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from domain.messages import MAX_MESSAGE_BYTES, Malformed, Message, read


def size(arguments: Sequence[RawValue]) -> int:
    """In bytes, as it came."""
    return sum(len(argument.payload.data) for argument in arguments)


def message(name: str, arguments: Sequence[RawValue]) -> Message:
    """The command, or why it is none. Both channels end here."""
    if size(arguments) > MAX_MESSAGE_BYTES:
        return Malformed(received_at=workflow.now(), name=name[:64], code="too_large")
    return read(name, _decoded(arguments), received_at=workflow.now())


def _decoded(arguments: Sequence[RawValue]) -> object:
    """The message's one argument as plain JSON; None, which is no mapping, for anything else that was sent."""
    if len(arguments) != 1:
        return None
    try:
        return workflow.payload_converter().from_payload(arguments[0].payload, dict[str, Any])
    except (RuntimeError, ValueError, TypeError, RecursionError, KeyError, AssertionError):
        return None
