"""What a complaint's workflow is started with, and what it carries from run to run."""

from domain.complaint import Complaint
from domain.events import Event
from domain.messages import Message
from domain.outlets import CrmWrite, Invitation, Notice
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


class Carried(Value):
    """The whole of a complaint between two runs: state, what it has seen, and what has still to leave."""

    complaint: Complaint
    outboxes: Outboxes


class ComplaintStart(Value):
    """`carried` is set by continue-as-new only. `continue_after` is the history length at which a quiet run ends."""

    ticket: TicketFacts
    policy: Policy
    carried: Carried | None = None
    continue_after: int = 1_500  # events: about 200 workflow tasks, a second of replay


class Finish(Value):
    """How a complaint ended; the workflow's result."""

    ticket_no: str
    closing: str
    seq: int
