"""Stage replies: what the customer was told and when, and by when we promised the next word.

The customer's page and CX show both from here, so that they never know different things.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain import events as e
from domain.clocks import running
from domain.commands import CallOutcome
from domain.complaint import Complaint
from domain.explanations import Sentence
from domain.policy import ClockKind, Value
from domain.wording import Both
from starter.telling.events import Names


class ReplyKind(StrEnum):
    RECEIVED = "received"
    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    NEWS = "news"
    SOLUTION = "solution"
    ASKED_AGAIN = "asked_again"
    CALLED = "called"
    CONFIRMED = "confirmed"  # the customer's own word, as is the next
    REJECTED = "rejected"
    CLOSED = "closed"


class StageReply(Value):
    """`said` speaks to the customer. `note_id` is of the news in the words of those who wrote it, "" without."""

    kind: ReplyKind
    at: datetime
    said: Sentence
    note_id: str = ""

    @property
    def is_customers(self) -> bool:
        """The customer said it to us."""
        return self.kind in (ReplyKind.CONFIRMED, ReplyKind.REJECTED)


class NextWord(Value):
    """The promise of news: due by `due_at`, owed by the department `holder`.

    `missed` are the instants by which news was promised since the customer last heard from us, and none came.
    """

    due_at: datetime
    holder: str
    missed: tuple[datetime, ...] = ()


def stage_replies(events: Iterable[e.Event], names: Names) -> tuple[StageReply, ...]:
    """What the customer of these events was told, and what they answered, oldest first."""
    return tuple(_replies(events, names))


def next_word(c: Complaint, *, at: datetime) -> NextWord | None:
    """The promise that runs at `at`: the progress clock, which renews itself when it is missed. None when closed, and
    before anybody has promised anything.
    """
    clock = next((clock for clock in running(c) if clock.kind is ClockKind.PROGRESS), None)
    if clock is None:
        return None
    return NextWord(due_at=clock.due_at, holder=clock.holder, missed=tuple(_missed(c, clock.due_at, at=at)))


def _missed(c: Complaint, due_at: datetime, *, at: datetime) -> Iterator[datetime]:
    """Each promise has a number, and what was missed last stands just below the one that runs."""
    breached = {breach.clock: breach.due_at for breach in c.breaches}
    first = c.promises
    while f"{ClockKind.PROGRESS}:{first - 1}" in breached:
        first -= 1
    yield from (breached[f"{ClockKind.PROGRESS}:{number}"] for number in range(first, c.promises))
    if due_at <= at:  # nobody has noticed yet
        yield due_at


def _replies(events: Iterable[e.Event], names: Names) -> Iterator[StageReply]:
    with_whom, has_heard = "", False
    for event in events:
        if isinstance(event, e.Dispatched):
            with_whom = event.department
        elif isinstance(event, e.Ruled):
            with_whom = event.owner
            if not event.reopened_hop:
                continue  # the hop that follows says it
        elif isinstance(event, e.CallRecorded) and event.outcome is not CallOutcome.UNREACHED:
            continue  # what the customer said on the phone comes next
        tell = _SAID.get(type(event))
        if tell is None:
            continue
        kind, (zh, en) = tell(event, names.of(with_whom), has_heard)
        note_id = event.note_id if isinstance(event, e.ProgressPosted) else ""
        yield StageReply(kind=kind, at=event.at, said=Sentence(zh=zh, en=en), note_id=note_id)
        has_heard = True


Said = tuple[ReplyKind, Both]


def _sent_to_triage(_event: e.SentToTriage, _by: Both, has_heard: bool) -> Said:
    if has_heard:
        return ReplyKind.HANDED_OVER, ("客服正在重新安排由谁处理。", "We are looking again for who can best solve it.")
    return ReplyKind.RECEIVED, (
        "我们收到了您的反馈，正在安排由谁处理。",
        "We received your complaint and are finding out who can best solve it.",
    )


def _dispatched(_event: e.Dispatched | e.Ruled, by: Both, has_heard: bool) -> Said:
    if has_heard:
        return ReplyKind.HANDED_OVER, (f"现由{by[0]}处理。", f"It is with {by[1]} now.")
    return ReplyKind.RECEIVED, (
        f"我们收到了您的反馈，交给{by[0]}处理。",
        f"We received your complaint and handed it to {by[1]}.",
    )


def _closed(event: e.Closed, _by: Both, _has_heard: bool) -> Said:
    return ReplyKind.CLOSED, _CLOSED[event.how]


_CLOSED: dict[e.Closing, Both] = {
    e.Closing.CONFIRMED: ("工单已关闭，谢谢您的确认。", "Closed, as you told us that it is solved. Thank you."),
    e.Closing.UNREACHABLE: (
        "多次没能联系上您，工单暂时关闭。",
        "We tried several times and could not reach you, so it is closed for now.",
    ),
    e.Closing.IN_DISAGREEMENT: (
        "我们已尽力，双方未能达成一致，工单已结束。",
        "We did what we can and could not agree with you; it has ended.",
    ),
    e.Closing.WITHDRAWN: ("按您的意愿，工单已撤回。", "Withdrawn, as you wished."),
    e.Closing.MERGED: (
        "已并入您的另一张工单，我们在那里继续处理。",
        "Joined with your other complaint, where we go on with it.",
    ),
}


def _by(kind: ReplyKind, zh: str, en: str) -> Callable[[Any, Both, bool], Said]:
    """A sentence in which `{}` is the department that has the complaint."""
    return lambda _event, by, _has_heard: (kind, (zh.format(by[0]), en.format(by[1])))


_SAID: dict[type, Callable[[Any, Both, bool], Said]] = {
    e.SentToTriage: _sent_to_triage,
    e.Dispatched: _dispatched,
    e.Ruled: _dispatched,
    e.Accepted: _by(ReplyKind.ACCEPTED, "{}已接手，正在处理。", "{} took it on and is working on it."),
    e.ProgressPosted: _by(ReplyKind.NEWS, "{}有新的进展告诉您。", "{} has news for you."),
    e.Claimed: _by(
        ReplyKind.SOLUTION,
        "{}说问题已经处理好。我们请您确认。",
        "{} told us that it is solved. We asked you whether it is.",
    ),
    e.CustomerReminded: _by(
        ReplyKind.ASKED_AGAIN, "我们再次请您确认问题是否解决。", "We asked you once more whether it is solved."
    ),
    e.CallRecorded: _by(ReplyKind.CALLED, "我们给您打了电话，没能接通。", "We called you and did not get through."),
    e.ClaimConfirmed: _by(ReplyKind.CONFIRMED, "您告诉我们：已经解决。", "You told us that it is solved."),
    e.ClaimRejected: _by(
        ReplyKind.REJECTED,
        "您告诉我们：没有解决。{}继续处理。",
        "You told us that it is not solved. {} goes on with it.",
    ),
    e.Closed: _closed,
}
