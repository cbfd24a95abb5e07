"""What of ours is kept or travels as JSON, by the name of its file, and what the kept files say of it."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from pydantic import BaseModel

from activities import ports
from domain.complaint import Complaint
from domain.events import Event
from domain.goodwill import Entry
from domain.messages import Message
from domain.outlets import CrmWrite, Delivered, DutyCall
from domain.policy import Policy
from domain.red_line import Happening, RedLine
from domain.ticket import Ticket
from domain.vehicle import Repair
from workflows.authority import AuthorityStart
from workflows.carrying import ComplaintStart, Finish
from workflows.red_line import RedLineStart

KEPT = Path(__file__).parent / "releases"

# In the ledger, for ten years and more: whole in a column each (docs/architecture.md).
STORED: Mapping[str, Any] = {
    "event": Event,
    "message": Message,
    "complaint": Complaint,
    "policy": Policy,
    "ticket": Ticket,
    "crm_write": CrmWrite,
    "repair": Repair,
    "red_line_happening": Happening,
    "red_line": RedLine,
    "goodwill_entry": Entry,
}
# What workflows are begun and continued with, by their names.
STARTS: Mapping[str, Any] = {"ComplaintWorkflow": ComplaintStart, "RedLine": RedLineStart, "Authority": AuthorityStart}


KINDS: Mapping[str, Any] = {
    **STORED,
    **{"complaint_start": ComplaintStart, "red_line_start": RedLineStart, "authority_start": AuthorityStart},
    **{"finish": Finish, "duty_call": DutyCall, "delivered": Delivered},
}


class Call(NamedTuple):
    """What an activity is given, and what it answers."""

    given: Any
    answers: Any


def calls() -> dict[str, Call]:
    """Every activity that our workflows may ask for, by its name."""
    found = {}
    for port in (value for value in vars(ports).values() if inspect.isclass(value) and inspect.isabstract(value)):
        for name in port.__abstractmethods__:  # type: ignore[attr-defined]
            method = getattr(port, name)
            given, answers = get_type_hints(method).values()
            found[method.__temporal_activity_definition.name] = Call(given, answers)
    return found


def said_by(value: Any) -> Iterator[str]:
    """Each field that is said somewhere in it, as "module.Model.field"; one that is as it is by default is not."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            told = getattr(value, name)
            if name == "kind" or field.is_required() or told != field.get_default(call_default_factory=True):
                yield _named(type(value), name)
            yield from said_by(told)
    elif isinstance(value, Mapping | list | tuple | set | frozenset):
        for told in value.values() if isinstance(value, Mapping) else value:
            yield from said_by(told)


def every_field() -> set[str]:
    """Of everything that is kept or travels."""
    found: set[type[BaseModel]] = set()
    for kind in (*KINDS.values(), *(kind for call in calls().values() for kind in call)):
        _collect(kind, found)
    return {_named(model, name) for model in found for name in model.model_fields}


def _named(model: type[BaseModel], name: str) -> str:
    """By the model that declares it: what a whole family has need not be said by each of them."""
    declares = next(each for each in reversed(model.__mro__) if name in vars(each).get("__annotations__", {}))
    said_of = model if name == "kind" else declares
    return f"{said_of.__module__}.{said_of.__name__}.{name}"


def _collect(kind: Any, found: set[type[BaseModel]]) -> None:
    if inspect.isclass(kind) and not get_args(kind) and kind not in found:
        if issubclass(kind, BaseModel):
            found.add(kind)
            inner: Iterable[Any] = (field.annotation for field in kind.model_fields.values())
        else:
            inner = get_type_hints(kind).values() if issubclass(kind, tuple) else ()
        for hint in inner:
            _collect(hint, found)
    for hint in get_args(kind):
        _collect(hint, found)
