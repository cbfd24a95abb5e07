"""The bodies of the command routes: the domain's commands as people send them.

Each is its command without what the door adds (kind, id, instant of receipt), with a note's text where the command
carries the note's id. Unknown keys are refused here: a misspelt field must not be lost in silence.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field, create_model

from domain.commands import Actor, Command, Evidence, Ratings
from starter.http.problems import Problem

MAX_NOTE = 4000
STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

Text = Annotated[str, Field(min_length=1, max_length=MAX_NOTE, pattern=r"\S")]
COMMANDS: dict[str, type[BaseModel]] = {
    command.model_fields["kind"].default: command for command in get_args(get_args(Command)[0])
}


class ActorBody(Actor):
    """For whom a system speaks whose key has `on_behalf`. A person leaves it out, or gives themself."""

    model_config = STRICT | ConfigDict(
        json_schema_extra={"examples": [{"role": "responder", "department": "powertrain", "id": "e-1024"}]}
    )


class EvidenceBody(Evidence):
    model_config = STRICT


class RatingsBody(Ratings):
    model_config = STRICT


_STRICTER: dict[Any, Any] = {tuple[Evidence, ...]: tuple[EvidenceBody, ...], Ratings: RatingsBody}
_DOORS_OWN = ("kind", "command_id", "received_at", "policy", "vehicle", "statute", "red_line_words", "terms")


def route_of(kind: str) -> str:
    """request_support → request-support."""
    return kind.replace("_", "-")


def body_of(kind: str) -> type[BaseModel]:
    """The strict body for the command of this kind."""
    fields: dict[str, Any] = {}
    for name, field in COMMANDS[kind].model_fields.items():
        if name == "note_id":
            fields["note"] = (Text, ...) if field.is_required() else (Text | None, None)
        elif name == "actor":
            fields["actor"] = (ActorBody | None, None)
        elif name not in _DOORS_OWN:
            fields[name] = (_STRICTER.get(field.annotation, field.annotation), field)
    model: type[BaseModel] = create_model(
        f"{''.join(part.title() for part in kind.split('_'))}Body",
        __config__=STRICT,
        __doc__=COMMANDS[kind].__doc__,
        **fields,
    )
    return model


def as_sent(body: BaseModel) -> dict[str, Any]:
    """What the caller said, as plain JSON. Raises a problem for a NUL, which no database keeps in text."""
    sent = body.model_dump(mode="json", exclude_unset=True)
    if any("\x00" in text for text in _texts(sent)):
        raise Problem("malformed", errors=[("body", ("文字中含有空字符", "Text with a NUL character cannot be kept"))])
    return sent


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
