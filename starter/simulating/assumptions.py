"""What a history does not say, and a policy asks: each can be answered otherwise. docs/simulate.md has them all."""

from collections.abc import Iterable
from typing import Literal, get_args

from domain.policy import Value
from starter.importing.rows import ImportFileError


class Assumptions(Value):
    """The first answer of each is the one that holds when nothing is said."""

    evidence: Literal["none", "always"] = "none"  # whether a hand-off came with proof
    accepted: Literal["stays", "contested"] = "stays"  # a hand-off of what was accepted: refused, or before the arbiter
    ruling: Literal["receiver", "sender"] = "receiver"  # for whom the arbiter rules, at once
    confirm: Literal["at-end", "at-claim"] = "at-end"  # when the customer says yes to a resolution that lasts
    complexity: Literal["as-tagged", "always"] = "as-tagged"  # which cases are complex
    risk: Literal["graded", "lowest"] = "graded"  # whether the policy's points table grades them
    unfinished: Literal["run-on", "stop"] = "run-on"  # to the log's last instant, or to the case's own last row


def assumed(answers: Iterable[str]) -> Assumptions:
    """From texts like "evidence=always". Raises ImportFileError that names what may be said."""
    said = dict(answer.partition("=")[::2] for answer in answers)
    for name, value in said.items():
        field = Assumptions.model_fields.get(name)
        if field is None or value not in get_args(field.annotation):
            raise ImportFileError(f"--assume {name}={value} is not known; say one of: {listed()}.")
    return Assumptions.model_validate(said)


def listed() -> str:
    fields = Assumptions.model_fields.items()
    return ", ".join(f"{name}={'|'.join(get_args(field.annotation))}" for name, field in fields)
