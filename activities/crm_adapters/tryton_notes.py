"""Our state as a note on a complaint of Tryton's: two sentences for people, one line for us."""

import json
from typing import NamedTuple, Self

from pydantic import ValidationError

from activities.crm_adapters.page import CrmState, state_of
from activities.crm_adapters.words import note_of
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


def noted(write: CrmWrite) -> str:
    """The note's text."""
    said = {"key": write.key, **state_of(write).model_dump(mode="json")}
    return "\n".join([*note_of(write), f"{MARK} {json.dumps(said)}"])
