"""What a complaint's workflow is started with, and what it carries from run to run."""

from functools import lru_cache
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from domain.complaint import Complaint
from domain.events import Event
from domain.messages import Message
from domain.outlets import CrmWrite, Invitation, Notice
from domain.packing import packed, unpacked
from domain.policy import Policy, Value
from domain.ticket import TicketFacts


class Outboxes(Value):
    """What has not left yet, oldest first."""

    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()
    crm: tuple[CrmWrite, ...] = ()
    notices: tuple[Notice, ...] = ()
    survey: tuple[Invitation, ...] = ()
    crm_knows: CrmWrite | None = None  # the last state queued for the CRM


class Waiting(Value):
    """What came in and is not decided yet, oldest first, and how many more of the burst were refused.

    `size` is in bytes, as they came.
    """

    messages: tuple[Message, ...] = ()
    size: int = 0
    refused: int = 0


class Carried(Value):
    """The whole of a complaint between two runs: state, what it has seen, what waits, and what has still to leave.

    `contents` are digests of the commands seen, by their ids. What an earlier release did not carry has a default.
    """

    complaint: Complaint
    outboxes: Outboxes
    waiting: Waiting = Waiting()
    contents: dict[str, str] = {}


def _packed(policy: Policy) -> str:
    return packed(policy.model_dump_json())


def _shared(policy: object) -> object:
    """Nearly all complaints of a worker live under a few policies: one value for each serves them all, read once."""
    return _read(policy) if isinstance(policy, str) else policy


@lru_cache(maxsize=32)
def _read(policy: str) -> Policy:
    return Policy.model_validate(unpacked(policy))


# Most of what a complaint is started with. Complaints that were begun before it was packed carry it as it is.
PackedPolicy = Annotated[Policy, BeforeValidator(_shared), PlainSerializer(_packed, when_used="json")]


class ComplaintStart(Value):
    """`carried` is set by continue-as-new only. `continue_after` is the history length at which a quiet run ends.

    Runs that were begun before what leaves went `together` do not say so, and go on as they began.
    """

    ticket: TicketFacts
    policy: PackedPolicy
    carried: Carried | None = None
    continue_after: int = 1_500  # events: about 200 workflow tasks, a second of replay
    together: bool = False


class Finish(Value):
    """How a complaint ended; the workflow's result."""

    ticket_no: str
    closing: str
    seq: int
