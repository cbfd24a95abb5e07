"""The complaint: what is true of it after its events. `domain.fold` is the only way it changes."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from domain import events as e
from domain.case import CaseFacts, CaseKind
from domain.claims import Claim, Verdict
from domain.commands import Actor
from domain.demands import Demand
from domain.hops import Dispute, Hop
from domain.motions import Motion
from domain.policy import ClockKind, EscalationLevel, Policy, Value
from domain.ticket import TicketFacts

CX_TRIAGE = "cx-triage"
ARBITER = "arbiter"
# Commands a complaint remembers, newest: it carries them from run to run, within Temporal's 2 MiB. A person's are a few
# dozen, and our doors remember theirs for ever; only a system that signals by itself can come to so many.
MOST_SEEN = 1_000


class Stage(StrEnum):
    TRIAGE = "triage"
    DISPATCHED = "dispatched"  # the owner has not answered yet
    IN_WORK = "in_work"
    ARBITRATION = "arbitration"
    VERIFICATION = "verification"  # claimed; the customer is being asked
    CLOSED = "closed"


class Seen(NamedTuple):
    """A command that was decided: its last event, the rule that refused it or "", and how that left the complaint.

    The last two are unknown, None and "", of a command that an earlier release decided.
    """

    seq: int
    code: str = ""
    stage: Stage | None = None
    owner: str = ""


class Escalation(Value):
    level: EscalationLevel
    to: str
    why: e.EscalationCause
    raised_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""


class Proposal(Value):
    """What waits for a second person. `by` may not be that person, nor anybody of the same department."""

    motion: Motion
    by: Actor
    at: datetime


class Breach(Value):
    clock: str
    clock_kind: ClockKind
    holder: str
    due_at: datetime
    noticed_at: datetime
    charged: dict[str, int]


class Complaint(Value):
    """All facts; no counters of time. Clocks, lights and deadlines are derived from these by pure functions."""

    ticket: TicketFacts
    policy: Policy
    seq: int = 0
    settled_at: datetime  # no event may take effect before this
    stage: Stage = Stage.TRIAGE
    routed_at: datetime | None = None
    tags: tuple[str, ...] = ()
    risk_level: int = 1
    risk_since: datetime | None = None
    risk_excused: int = 0  # the level that the points table called for when a person lowered it
    case: CaseFacts = CaseFacts()
    served_as: CaseKind = CaseKind.COMPLAINT  # the kind when a department first got it: a promise is kept
    is_irrational: bool = False
    proposal: Proposal | None = None
    demand: Demand | None = None  # the last one
    is_complex: bool = False
    triage_since: datetime | None = None
    hops: tuple[Hop, ...] = ()
    dispute: Dispute | None = None
    disputes: int = 0
    claims: tuple[Claim, ...] = ()
    promised_since: datetime  # the customer last heard from us; the progress clock starts here
    promises: int = 1
    warned: tuple[str, ...] = ()
    breaches: tuple[Breach, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    refusals: int = 0
    transfers_refused: int = 0
    closing: e.Closing | None = None
    closed_at: datetime | None = None
    merged_into: str = ""
    seen: dict[str, Seen] = {}  # by command id, oldest first

    @property
    def hop(self) -> Hop | None:
        return self.hops[-1] if self.hops else None

    @property
    def owner(self) -> str:
        """The one who answers for it now: a department, CX triage or the arbiter. Never nobody."""
        if self.stage is Stage.ARBITRATION:
            return ARBITER
        return self.hop.department if self.hop and self.stage is not Stage.TRIAGE else CX_TRIAGE

    @property
    def desk(self) -> str:
        """The department whose people sit where the owner is."""
        if self.dispute:
            return self.dispute.arbiter
        return self.policy.triage_desk if self.owner == CX_TRIAGE else self.owner

    @property
    def pending_claim(self) -> Claim | None:
        return self.claims[-1] if self.claims and self.claims[-1].verdict is Verdict.PENDING else None

    @property
    def awaits_remedy(self) -> bool:
        """Whether the customer has said yes and only what they demanded is still to be carried out."""
        is_confirmed = bool(self.claims) and self.claims[-1].verdict is Verdict.CONFIRMED
        return is_confirmed and self.demand is not None and self.demand.is_open

    @property
    def first_fix_failures(self) -> int:
        return sum(claim.verdict is Verdict.REJECTED for claim in self.claims)

    @property
    def is_red_line(self) -> bool:
        return any(tag in self.policy.matrix.red_line_tags for tag in self.tags)

    def has_breached(self, clock: str) -> bool:
        return any(breach.clock == clock for breach in self.breaches)

    def escalation(self, level: EscalationLevel) -> Escalation | None:
        return next((raised for raised in self.escalations if raised.level is level), None)

    def but(self, **facts: object) -> "Complaint":
        return self.model_copy(update=facts)

    def with_hop(self, **facts: object) -> "Complaint":
        return self.but(hops=(*self.hops[:-1], self.hops[-1].model_copy(update=facts)))

    def with_claim(self, **facts: object) -> "Complaint":
        return self.but(claims=(*self.claims[:-1], self.claims[-1].model_copy(update=facts)))

    def promise_kept(self, at: datetime) -> "Complaint":
        """The customer has just heard from us, so the promise of news begins anew."""
        return self.but(promised_since=at, promises=self.promises + 1)

    @property
    def waits_for(self) -> str:
        """Whom the next step is up to: "customer", or the department whose desk it lies on; "" when closed."""
        if self.stage is Stage.CLOSED:
            return ""
        return "customer" if self.stage is Stage.VERIFICATION else self.desk
