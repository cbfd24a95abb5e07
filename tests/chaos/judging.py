"""What must be true afterwards, told from what the actors hold in hand and from what the household recorded. Pure.

Each promise is judged by itself and gives sentences; none is what is wanted.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from domain import audit
from domain.complaint import Complaint
from domain.events import Event
from domain.fold import replay
from domain.invariants import broken
from domain.messages import Message
from domain.policy import Policy
from tests.chaos.actors import Answered
from tests.domain.oracle import Oracle


class Record(NamedTuple):
    """One complaint as each of those who keep it tells it. `received` is when the doors took each key.

    `workflow` is the snapshot; `waiting` is how much each outlet still had to send; `written` are the seqs of what
    stands in the CRM; `unsent` are notices that went neither out nor were given up.
    """

    ticket_no: str
    events: Sequence[Event]
    messages: Sequence[Message]
    policy: Policy
    received: Mapping[str, datetime]
    workflow: Mapping[str, Any]
    projection: Complaint | None
    waiting: Mapping[str, int]
    written: Sequence[int]
    unsent: int


class Afterwards(NamedTuple):
    """All that is left of a run. `ledger_faults` are what `vocloop ledger verify` says; `letters` what the mail server
    took, by Message-ID, `notices` how many were sent by mail; `at` is the instant up to which every clock has run;
    `unplayable` says of each history why today's code cannot replay it.
    """

    created: Sequence[str]
    answered: Sequence[Answered]
    repeated: Sequence[Answered]
    records: Sequence[Record]
    ledger_faults: Sequence[str]
    letters: Sequence[str]
    notices: int
    at: datetime
    unplayable: Sequence[str] = ()


Judge = Callable[[Afterwards], Iterator[str]]


def lost(after: Afterwards) -> Iterator[str]:
    """Every ticket that the CRM created is a complaint with a history."""
    there = {record.ticket_no for record in after.records if record.events}
    yield from (f"{ticket_no}: lost" for ticket_no in after.created if ticket_no not in there)


def unanswered(after: Afterwards) -> Iterator[str]:
    """Every receipt in somebody's hand is an event of that number, caused by that request, and somebody had it then."""
    events = {(record.ticket_no, event.seq): event for record in after.records for event in record.events}
    for told in after.answered:
        event = events.get((told.ticket_no, told.seq))
        if event is None or event.cause != told.key:
            what = f"{event.kind} of {event.cause}" if event else "nothing"
            yield f"{told.ticket_no}: {told.kind} was answered with event {told.seq}, which is {what}"
        elif (event.kind != "command_refused") != told.is_accepted:
            yield f"{told.ticket_no}: {told.kind} was told otherwise than it was decided"
        if not told.owner:
            yield f"{told.ticket_no}: nobody owned it after {told.kind}"


def twice(after: Afterwards) -> Iterator[str]:
    """A request acts once and is answered the same for ever; a state, and a letter, counts once."""
    first = {(told.ticket_no, told.key): told.seq for told in after.answered}
    for told in after.repeated:
        if first.get((told.ticket_no, told.key)) != told.seq:
            yield f"{told.ticket_no}: {told.kind} was answered differently when it was repeated"
    for record in after.records:
        turns = Counter(
            cause for cause, before in zip(_causes(record), ["", *_causes(record)], strict=False) if cause != before
        )
        keys = {told.key for told in after.answered if told.ticket_no == record.ticket_no}
        yield from (f"{record.ticket_no}: {key} acted {turns[key]} times" for key in keys if turns[key] > 1)
        if list(record.written) != sorted(set(record.written)):
            yield f"{record.ticket_no}: the CRM was written out of order or twice: {list(record.written)}"
    if len(set(after.letters)) > after.notices:
        yield f"{after.notices} letters were to go, {len(set(after.letters))} different ones went"


def disagreeing(after: Afterwards) -> Iterator[str]:
    """The workflow, the projection and the fold of the ledger's events are one complaint."""
    for record in after.records:
        folded = replay(record.events, record.policy)
        if folded.model_dump(mode="json", exclude={"policy"}) != record.workflow:
            yield f"{record.ticket_no}: the workflow and the ledger differ"
        if record.projection != folded:
            yield f"{record.ticket_no}: the projection and the ledger differ"
        if record.written and record.written[-1] > folded.seq:
            yield f"{record.ticket_no}: the CRM knows more than the ledger"


def not_whole(after: Afterwards) -> Iterator[str]:
    """Chains and projected rows, by the ledger's own verification; and the rules decide what is recorded."""
    yield from after.ledger_faults
    for record in after.records:
        for fault in audit.differences(record.events, record.messages, policy=record.policy):
            yield f"{record.ticket_no}: {fault}"


def misjudged(after: Afterwards) -> Iterator[str]:
    """A request takes effect when the door received it, unless something else had taken effect later already."""
    keys = {(told.ticket_no, told.key) for told in after.answered}
    for record in after.records:
        before: Event | None = None
        for event in record.events:
            if (record.ticket_no, event.cause) in keys and (before is None or before.cause != event.cause):
                received = record.received.get(event.cause)
                due = max(received, before.at) if received and before else received
                if event.at != due:
                    yield f"{record.ticket_no}: {event.cause} took effect at {event.at}, it was received at {received}"
            before = event


def untimely(after: Afterwards) -> Iterator[str]:
    """Each deadline fired once, none early, none never: by the invariants, and by an oracle that knows no clock."""
    for record in after.records:
        for fault in broken(record.events, policy=record.policy, settled_until=_until(record, after.at)):
            yield f"{record.ticket_no}: {fault}"
        breaches: list[Any] = [event for event in record.events if event.kind == "clock_breached"]
        found = sorted((each.clock, each.due_at, each.at) for each in breaches if each.clock_kind != "progress")
        wanted = sorted(Oracle().breaches(record.events, until=_until(record, after.at)))
        if found != [tuple(each) for each in wanted]:
            yield f"{record.ticket_no}: it breached {found}, and should have {wanted}"


def undrained(after: Afterwards) -> Iterator[str]:
    """Nothing waits any more: in no outlet, in no inbox, and the CRM has the last state."""
    for record in after.records:
        if waiting := {name: count for name, count in record.waiting.items() if count}:
            yield f"{record.ticket_no}: still to be sent: {waiting}"
        if record.unsent:
            yield f"{record.ticket_no}: {record.unsent} notices went nowhere"
        if not record.written:
            yield f"{record.ticket_no}: the CRM was never told"


def unplayable(after: Afterwards) -> Iterator[str]:
    """Whoever takes a complaint over plays its history again; one that cannot be would be stuck from then on."""
    yield from after.unplayable


PROMISES: Mapping[str, Judge] = {
    "no complaint lost": lost,
    "every answered request recorded": unanswered,
    "nothing twice": twice,
    "ledger = workflow = projection": disagreeing,
    "chain and rules intact": not_whole,
    "judged by when it was received": misjudged,
    "every deadline once, none early": untimely,
    "everything sent": undrained,
    "every history replays": unplayable,
}


def judged(after: Afterwards) -> dict[str, tuple[str, ...]]:
    """What is wrong, by promise."""
    return {promise: _found(judge, after) for promise, judge in PROMISES.items()}


def _found(judge: Judge, after: Afterwards) -> tuple[str, ...]:
    """A history that cannot even be folded breaks the promise, too, after what was found before it."""
    found: list[str] = []
    try:
        for fault in judge(after):
            found.append(fault)  # noqa: PERF402 - what was found before an error counts
    except ValueError as error:
        found.append(str(error))
    return tuple(found)


def _causes(record: Record) -> list[str]:
    return [event.cause for event in record.events]


def _until(record: Record, at: datetime) -> datetime:
    last = record.events[-1]
    return last.at if last.kind == "closed" else at
