"""Who has had the complaint from when to when, and what of it counts against whom.

The three clocks everybody sees are sums over these segments: the customer's total, this hop, and a department's total
over all its hops. They are derived each time, so a ruling or a rejection changes them back to front.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from domain.claims import Claim, Verdict
from domain.complaint import ARBITER, CX_TRIAGE, Complaint
from domain.hops import Hop
from domain.policy import OnRejection, Value


class Custody(StrEnum):
    TRIAGE = "triage"
    TURN = "turn"  # a department has it and works on it
    VERIFICATION = "verification"  # claimed; the customer is being asked
    REJECTED = "rejected"  # the customer was being asked, and said no
    ARBITRATION = "arbitration"


class Segment(Value):
    """[begin, end) in the hands of `holder`. `counts` says whether it counts against the hop's department;
    `is_provisional` that a verdict still to come may change that. `hop` is 0 where it is nobody's turn.
    """

    begin: datetime
    end: datetime
    holder: str
    custody: Custody
    hop: int = 0
    counts: bool = False
    is_provisional: bool = False

    @property
    def length(self) -> timedelta:
        return self.end - self.begin


def segments(c: Complaint, *, at: datetime) -> tuple[Segment, ...]:
    """From the ticket's creation to closure or `at`, without a gap: the customer has waited for all of it."""
    end = c.closed_at or max(at, c.ticket.created_at)
    found: list[Segment] = []
    reached = c.ticket.created_at
    for hop in sorted((hop for hop in c.hops if not hop.is_void), key=lambda hop: hop.entered_at):
        if hop.entered_at > reached:
            found.append(_between(c, reached, hop.entered_at))
        left = _left_at(c, hop, end)
        found += _turn(c, hop, max(hop.entered_at, reached), left)
        reached = max(left, reached)
    if reached < end:
        found.append(_between(c, reached, end))
    return tuple(segment for segment in found if segment.begin < segment.end)


def customer_total(c: Complaint, *, at: datetime) -> timedelta:
    """How long the customer has waited. It never stops and never resets."""
    return sum((segment.length for segment in segments(c, at=at)), timedelta())


def hop_total(c: Complaint, hop: Hop, *, at: datetime) -> timedelta:
    """What counts against this turn."""
    return _counted(segment for segment in segments(c, at=at) if segment.hop == hop.number)


def department_total(c: Complaint, department: str, *, at: datetime) -> timedelta:
    """What counts against the department over all its turns: time burnt stays with the one who burnt it."""
    return _counted(segment for segment in segments(c, at=at) if segment.holder == department)


def _counted(held: Iterable[Segment]) -> timedelta:
    return sum((segment.length for segment in held if segment.counts), timedelta())


def _left_at(c: Complaint, hop: Hop, end: datetime) -> datetime:
    if hop.left_at:
        return hop.left_at
    return c.dispute.opened_at if c.dispute else end


def _between(c: Complaint, begin: datetime, end: datetime) -> Segment:
    """Nobody's turn: before the first dispatch it is in triage, after that with the arbiter.

    Triage is over for good; only what is with the arbiter may still change, by the ruling.
    """
    is_triage = not any(hop.entered_at <= begin for hop in c.hops)
    return Segment(
        begin=begin,
        end=end,
        holder=CX_TRIAGE if is_triage else ARBITER,
        custody=Custody.TRIAGE if is_triage else Custody.ARBITRATION,
        is_provisional=not is_triage and c.dispute is not None,
    )


def _turn(c: Complaint, hop: Hop, begin: datetime, end: datetime) -> Iterator[Segment]:
    reached = begin
    for claim in c.claims:
        if claim.department != hop.department or not begin <= claim.claimed_at <= end:
            continue
        answered = min(claim.decided_at or end, end)
        yield _worked(hop, reached, claim.claimed_at)
        yield _asked(c, hop, claim, answered)
        reached = answered
    yield _worked(hop, reached, end)


def _worked(hop: Hop, begin: datetime, end: datetime) -> Segment:
    return Segment(begin=begin, end=end, holder=hop.department, custody=Custody.TURN, hop=hop.number, counts=True)


def _asked(c: Complaint, hop: Hop, claim: Claim, answered: datetime) -> Segment:
    """The wait for the customer is CX's; when the customer says no, the department had not solved it all the while."""
    is_rejected = claim.verdict is Verdict.REJECTED
    return Segment(
        begin=claim.claimed_at,
        end=answered,
        holder=hop.department,
        custody=Custody.REJECTED if is_rejected else Custody.VERIFICATION,
        hop=hop.number,
        counts=is_rejected and c.policy.verification.on_rejection is OnRejection.UNSTOP,
        is_provisional=claim.verdict is Verdict.PENDING,
    )
