"""How complaints of one vehicle or customer belong together: the same report twice, a repeat, a fault that came back.

Who asks has found them to be of one. What is said here changes no complaint: each keeps its clocks and rights.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.claims import Verdict
from domain.complaint import Complaint, Stage
from domain.events import Closing
from domain.red_line import is_stale
from domain.values import Value


class Kin(StrEnum):
    """What a complaint is to an earlier one. The first that holds is said."""

    CAME_BACK = "came_back"  # the same fault, after the customer was asked and it was closed
    SAME_REPORT = "same_report"  # it came through another channel while the earlier one was still new and open
    REPEAT = "repeat"  # the same system again


class Bond(StrEnum):
    """What is known to be the same. Only the vehicle itself tells that a repair did not hold."""

    VEHICLE = "vehicle"
    CUSTOMER = "customer"  # and of one of the two no vehicle is known
    OTHER_VEHICLE = "other_vehicle"  # of the same customer: a repeat at most


class Windows(Value):
    """How long after the earlier one, each end included: its creation, or for `came_back` its closing."""

    came_back: timedelta
    same_report: timedelta
    repeat: timedelta


class Relation(NamedTuple):
    """What it is to `ticket_no`. `charged_to` is the department whose claim did not hold; "" unless it came back."""

    kin: Kin
    ticket_no: str
    charged_to: str = ""


class Inherited(NamedTuple):
    """What the customer has been through already with the complaints that it repeats."""

    complaints: int = 0
    hops: int = 0
    first_fix_failures: int = 0


_NEW = frozenset({Stage.TRIAGE, Stage.DISPATCHED})
# Closed otherwise, nobody claimed to the last that the fault was gone.
_FINAL = frozenset({Closing.CONFIRMED, Closing.UNREACHABLE})


def relations(
    c: Complaint, others: Iterable[Complaint], windows: Windows, *, bond: Bond = Bond.VEHICLE
) -> tuple[Relation, ...]:
    """To each earlier complaint that it belongs to, the latest first. All `others` have this bond to it."""
    earlier = sorted((other for other in others if _born(other) < _born(c)), key=_born, reverse=True)
    found = (_relation(c, other, windows, bond) for other in earlier)
    return tuple(relation for relation in found if relation)


def inherited(c: Complaint, others: Iterable[Complaint], windows: Windows) -> Inherited:
    """Summed over those it repeats. The same report twice is one: what is merged is not counted beside its target."""
    known = {other.ticket.ticket_no: other for other in others}
    repeated = [
        known[each.ticket_no] for each in relations(c, known.values(), windows) if each.kin is not Kin.SAME_REPORT
    ]
    counted = [other for other in repeated if not other.merged_into]
    came_back = sum(each.kin is Kin.CAME_BACK for each in relations(c, counted, windows))
    return Inherited(
        complaints=len(counted),
        hops=sum(len(other.hops) for other in counted),
        first_fix_failures=came_back + sum(other.first_fix_failures for other in counted),
    )


def may_join(c: Complaint, earlier: Complaint, kin: Kin) -> bool:
    """Whether the later report can be merged into the earlier without anybody looking: where it says nothing that the
    earlier does not say, and nobody has promised its customer anything of its own.
    """
    is_history = is_stale(c.ticket.created_at, received_at=c.ticket.received_at)  # an archive that is brought in
    says_no_more = set(c.tags) <= set(earlier.tags) and c.risk_level <= earlier.risk_level
    is_untouched = c.stage in _NEW and c.demand is None and not c.claims
    return (
        kin is Kin.SAME_REPORT
        and earlier.stage is not Stage.CLOSED
        and says_no_more
        and is_untouched
        and not is_history
    )


def _relation(c: Complaint, other: Complaint, windows: Windows, bond: Bond) -> Relation | None:
    ticket_no, age = other.ticket.ticket_no, c.ticket.created_at - other.ticket.created_at
    closer = _closer(other)
    if bond is Bond.VEHICLE and closer and other.closed_at and set(c.tags) & set(other.tags):
        since = c.ticket.created_at - other.closed_at
        if timedelta() <= since <= windows.came_back:
            return Relation(Kin.CAME_BACK, ticket_no, closer)
    if not _systems(c) & _systems(other):
        return None
    is_other_way = bond is not Bond.OTHER_VEHICLE and c.ticket.channel != other.ticket.channel
    if is_other_way and age <= windows.same_report and _was_open(other, c):
        return Relation(Kin.SAME_REPORT, ticket_no)
    return Relation(Kin.REPEAT, ticket_no) if age <= windows.repeat else None


def _closer(c: Complaint) -> str:
    """The department whose claim the closing rests on; "" where it rests on none."""
    last = c.claims[-1] if c.claims else None
    rests_on_it = c.closing in _FINAL and last is not None and last.verdict is not Verdict.REJECTED
    return last.department if last and rests_on_it else ""


def _was_open(other: Complaint, c: Complaint) -> bool:
    return other.closed_at is None or other.closed_at >= c.ticket.created_at


def _systems(c: Complaint) -> set[str]:
    return {tag.partition(".")[0] for tag in c.tags}


def _born(c: Complaint) -> tuple[float, str]:
    return c.ticket.created_at.timestamp(), c.ticket.ticket_no
