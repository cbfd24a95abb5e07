"""What a CRM's adapter has to do, on one page: read tickets, write a state, read states. docs/connect/own-adapter.md.

Whatever an adapter cannot do it says by one of the three errors below, whose texts hold no personal data: they reach
Temporal and the logs.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx2
from pydantic import AwareDatetime

from domain.outlets import CrmWrite
from domain.policy import Value
from domain.ticket import Ticket

PER_STATES = 100  # tickets whose states are asked for at once, at most


class CrmAway(Exception):  # noqa: N818  It names a state that passes, not a mistake.
    """The CRM is down, busy or does not let us in: the same again later. `wait` is how long it asked us to."""

    def __init__(self, why: str, *, wait: timedelta | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class CrmRefuses(Exception):  # noqa: N818
    """This ticket's write is refused, and repeating it changes nothing until somebody acts in the CRM."""


class CrmCannot(Exception):  # noqa: N818
    """This CRM does not offer what was asked; the adapter does without."""


class Position(Value):
    """A place in the CRM's tickets, which stand in order of when they changed last, and of their ids within that."""

    at: AwareDatetime
    id: str = ""


class Found(Value):
    """A ticket of the CRM. `ticket` is None where no ticket of ours can be made of it; then `fault` is a code."""

    position: Position
    ticket_no: str
    ticket: Ticket | None = None
    fault: str = ""


class CrmState(Value):
    """How the complaint stands, as the CRM has it. Texts it does not keep are ""; `seq` is 0 when it keeps none."""

    seq: int = 0
    stage: str = ""
    owner: str = ""
    light: str = ""
    clock: str = ""
    due_at: AwareDatetime | None = None
    closing: str = ""


def state_of(write: CrmWrite) -> CrmState:
    """What a CRM has that took this write."""
    return CrmState.model_validate(write.model_dump(include=set(CrmState.model_fields)))


@dataclass(frozen=True)
class CrmSaid:
    """What somebody of ours wrote: to move the complaint on, to claim it solved, or as news for the customer. `kind` is
    the event's, `by` a department or a role. The text is masked: it holds nothing that reaches the customer.
    """

    key: str
    ticket_no: str
    seq: int
    at: datetime
    kind: str
    by: str
    text: str = field(repr=False)


@dataclass(frozen=True)
class CrmConnection:
    """Where the CRM is and how to speak to it. `client` is the composition root's to close.

    `options` is VOCLOOP_CRM_OPTIONS, a JSON object; which keys it has is the adapter's.
    """

    url: str
    client: httpx2.AsyncClient
    token: str = field(default="", repr=False)
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


class CrmAdapter(ABC):
    """Each method may be called again with the same arguments, at any time, and by several processes at once."""

    @abstractmethod
    async def tickets_after(self, position: Position, *, limit: int) -> tuple[Found, ...]:
        """The first `limit` tickets behind `position`, in order; none when there are no more.

        A ticket that changes moves to the end. Those that changed in one instant stand in order of their ids, so that
        a page may end between them. Raises CrmAway, and CrmCannot where the CRM tells us of its tickets by itself.
        """

    @abstractmethod
    async def write(self, write: CrmWrite) -> None:
        """Make the ticket say this state. Writes of one ticket come one after the other.

        The CRM that has it, under this key or in effect, or has one of a greater `seq`, is left as it is, without an
        error. One of the same `seq` and another key replaces what is there: that is how a difference is healed.
        Raises CrmAway or CrmRefuses.
        """

    async def tell(self, said: CrmSaid) -> None:  # noqa: ARG002
        """Put a note on the ticket, once for each key, also when the answer was lost. Notes of one ticket come one by
        one, each behind the write of the state that it led to.

        Raises CrmAway, CrmRefuses, and CrmCannot where the CRM has no place for notes, as an adapter without this does.
        """
        raise CrmCannot("The CRM has no place for notes")

    @abstractmethod
    async def states(self, ticket_nos: Collection[str]) -> Mapping[str, CrmState | None]:
        """What the CRM says of these, PER_STATES at most; None before the first write. Unknown tickets are left out.

        Raises CrmAway or CrmCannot.
        """
