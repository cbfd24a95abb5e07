"""Whether a command that comes again says what it said the first time."""

import json
from collections.abc import Mapping
from hashlib import blake2b

from domain.commands import Command
from domain.complaint import MOST_SEEN

_BYTES = 8  # enough against mistakes among a thousand commands; nobody gains by forging one


def content(command: Command) -> str:
    """A digest of what the command says, in hex: its kind and all that differs from the default, but not when it came.

    So a field that a later release adds does not turn a repeated command into another one.
    """
    said = command.model_dump(mode="json", exclude={"command_id", "received_at"}, exclude_defaults=True)
    text = json.dumps([command.kind, said], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=_BYTES).hexdigest()


class Contents:
    """What the commands seen said, by their ids; as many as a complaint remembers."""

    def __init__(self, kept: Mapping[str, str] | None = None) -> None:
        self.kept = dict(kept or {})

    def are_others(self, command: Command) -> bool:
        """Whether its id came before with another content. An id whose content was not kept is taken on trust."""
        first = self.kept.get(command.command_id)
        return first is not None and first != content(command)

    def keep(self, command: Command) -> None:
        self.kept.setdefault(command.command_id, content(command))
        if len(self.kept) > MOST_SEEN:
            del self.kept[next(iter(self.kept))]
