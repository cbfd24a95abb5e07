"""What comes in at the doors, read totally: every message is a command or a recorded refusal to read it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from domain.commands import Command
from domain.policy import Value

MAX_MESSAGE_BYTES = 64 * 1024  # our doors refuse more; a message near 2 MiB would wedge its workflow


class Malformed(Value):
    """A message that is no command. `code` says why; what it said is not kept."""

    kind: Literal["malformed"] = "malformed"
    received_at: AwareDatetime
    name: str = Field(max_length=64)
    code: str = Field(max_length=200)


Message = Annotated[Command | Malformed, Field(union_mode="left_to_right")]

_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
_SCHEMA = _COMMAND.json_schema()
_FIELDS = frozenset(name for part in _SCHEMA["$defs"].values() for name in part.get("properties", {})) | frozenset(
    _SCHEMA["discriminator"]["mapping"]
)


def read(name: str, raw: object, *, received_at: AwareDatetime) -> Command | Malformed:
    """The command called `name` in `raw`, or why it is none. Never raises, whatever `raw` is.

    A message without `received_at` takes the given instant, so that a plain `temporal workflow signal` works.
    """
    if not isinstance(raw, Mapping):
        return _malformed(name, "not_a_mapping", received_at)
    fields: dict[Any, Any] = {"received_at": received_at, **raw, "kind": name}
    try:
        return _COMMAND.validate_python(fields)
    except ValidationError as error:
        return _malformed(name, _summary(error), received_at)
    except (ArithmeticError, LookupError, OSError, RecursionError, TypeError, ValueError):
        return _malformed(name, "unreadable", received_at)


def _malformed(name: str, code: str, received_at: AwareDatetime) -> Malformed:
    readable = name.encode(errors="replace").decode()  # half a surrogate pair is no text
    return Malformed(received_at=received_at, name=readable[:64], code=code)


def _summary(error: ValidationError) -> str:
    """Where it is wrong and how, without the input: that may be personal, and so may the keys of its mappings."""
    faults = [
        f"{'.'.join(str(part) if part in _FIELDS else '*' for part in fault['loc'])}:{fault['type']}"
        for fault in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    return "; ".join(faults[:4])[:200]
