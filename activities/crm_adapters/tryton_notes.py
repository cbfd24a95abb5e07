"""Our state as a note on a complaint of Tryton's: two sentences for people, one line for us."""

import json
from typing import NamedTuple, Self

from pydantic import ValidationError

from activities.crm_adapters.page import CrmSaid, CrmState, state_of
from activities.crm_adapters.words import note_of, text_of
from domain.outlets import CrmWrite

MARK = "vocloop-state:"


class Noted(NamedTuple):
    """A note as it stands: its own id, the complaint's, the key it was written under, and the state."""

    id: int
    complaint_id: int
    key: str
    state: CrmState

    @classmethod
    def read(cls, note_id: int, *, resource: str, message: str) -> Self | None:
        """None when it is somebody's who only quotes one of ours."""
        try:
            said = json.loads(message.partition(MARK)[2])
            key, complaint_id = said.pop("key"), int(resource.partition(",")[2])
            return cls(note_id, complaint_id, str(key), CrmState.model_validate(said))
        except (ValueError, ValidationError, KeyError, AttributeError, TypeError):
            return None


TOLD = "vocloop-note:"


def told(said: CrmSaid) -> str:
    """The text of a note of our people's; its last line is for us."""
    return f"{text_of(said)}\n{TOLD} {json.dumps({'key': said.key})}"


def key_told(message: str) -> str:
    """Under which key our people's note was put there; "" when it is none of ours."""
    try:
        return str(json.loads(message.rpartition(TOLD)[2])["key"])
    except (ValueError, KeyError, TypeError):
        return ""


def noted(write: CrmWrite) -> str:
    """The note's text."""
    said = {"key": write.key, **state_of(write).model_dump(mode="json")}
    return "\n".join([*note_of(write), f"{MARK} {json.dumps(said)}"])
