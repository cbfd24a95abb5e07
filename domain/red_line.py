"""A red line (L14): decision-makers are called until one acknowledges, and what they decide is kept. Pure.

It ends only by their own word, with a reason and with what came of the defect review; no department can end it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator

from domain.commands import Actor, Role
from domain.values import Value

DRILL = "drill-"  # how the id of a drill begins
MOST_DECISIONS = 100
MOST_POSTS = 20
_MOST_SEEN = 500
# State Council decree 626, article 12: a maker who learns of a possible defect investigates at once and reports.
REVIEW_DUTY = "recall-2012-a12"

# "quality.vp" is who holds that post; "leadership" is whoever has that role.
Post = Annotated[str, Field(pattern=r"^(leadership|[a-z][a-z0-9_]{0,63}\.(manager|director|vp))$")]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]


STALE_AFTER = timedelta(days=7)  # an archive that is brought in rings nobody up


def is_stale(created_at: datetime, *, received_at: datetime) -> bool:
    """Whether a ticket is too old, as it comes in, to be news to anybody. CX may still add the tag by hand."""
    return received_at - created_at > STALE_AFTER


class Source(StrEnum):
    """What told of it."""

    WORDS = "words"
    TAG = "tag"
    DRILL = "drill"


class Containment(StrEnum):
    """What the decision-makers may decide."""

    STOP_DRIVE = "stop_drive"  # the customer is told at once not to drive on
    STOP_SALE = "stop_sale"
    STOP_PRODUCTION = "stop_production"
    PARTS_HOLD = "parts_hold"
    FIELD_TEAM = "field_team"
    RECOVER_VEHICLE = "recover_vehicle"
    NOT_NEEDED = "not_needed"


class Review(StrEnum):
    """What came of the defect review."""

    NO_DEFECT = "no_defect"
    DEFECT = "defect"  # production, sale and import stop, and a recall is notified
    HANDED_ON = "handed_on"  # to the recall committee, which goes on with it


class Calling(Value):
    """Who is called, in turn, and how long each has; then all are called, again and again."""

    chain: tuple[Post, ...] = Field(min_length=1, max_length=MOST_POSTS)
    each: timedelta = Field(gt=timedelta(), le=timedelta(days=1))
    decide_within: timedelta = Field(gt=timedelta(), le=timedelta(days=7))  # of the acknowledgement


class Origin(Value):
    """How it began. `matters` are codes of red_line.toml or of tags; none of the customer's words."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")
    ticket_no: str = ""
    source: Source
    matters: tuple[Code, ...] = Field(max_length=64)
    opened_at: AwareDatetime
    calling: Calling

    @property
    def is_drill(self) -> bool:
        return self.source is Source.DRILL

    @model_validator(mode="after")
    def _a_drill_has_no_ticket(self) -> Self:
        if self.is_drill != (self.ticket_no == "") or (self.is_drill and not self.id.startswith(DRILL)):
            raise ValueError("a drill has an id of its own and no ticket, and all else has a ticket")
        return self


class What(StrEnum):
    OPENED = "opened"  # with it the evidence comes under legal hold, and the defect review is due
    CALLED = "called"
    NOT_REACHED = "not_reached"
    ACKNOWLEDGED = "acknowledged"
    DECIDED = "decided"
    CLOSED = "closed"


class Happening(Value):
    """One thing that happened. `posts` were called; `by` is the id of who did it, `note_id` their reason."""

    seq: int = Field(ge=1)
    at: AwareDatetime
    what: What
    by: str = ""
    post: str = ""
    posts: tuple[Post, ...] = ()
    containment: Containment | None = None
    review: Review | None = None
    note_id: str = ""


class RedLine(Value):
    """As it stands. `next_call_at` is None while nobody need be called."""

    origin: Origin
    seq: int = 0
    calls: int = 0
    next_call_at: AwareDatetime | None = None
    acknowledged_at: AwareDatetime | None = None
    acknowledged_by: str = ""
    decisions: tuple[Happening, ...] = ()
    closed_at: AwareDatetime | None = None
    review: Review | None = None
    seen: tuple[str, ...] = ()


class Refused(StrEnum):
    NOT_A_DECISION_MAKER = "not_a_decision_maker"
    CLOSED = "red_line_closed"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    UNDECIDED = "undecided"
    TOO_MANY = "too_many_decisions"
    MALFORMED = "malformed"


class Act(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    DECIDE = "decide"
    CLOSE = "close"


class Order(Value):
    """What somebody asks of a red line. `command_id` makes it safe to repeat."""

    command_id: str = Field(min_length=1, max_length=128)
    act: Act
    actor: Actor
    containment: Containment | None = None
    review: Review | None = None
    note_id: str = Field(default="", max_length=64)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.act is Act.DECIDE) != (self.containment is not None):
            raise ValueError("a decision says what is decided, and nothing else does")
        if (self.act is Act.CLOSE) != (self.review is not None) or (self.act is Act.CLOSE and not self.note_id):
            raise ValueError("a closing says why and what came of the defect review, and nothing else does")
        return self


class Step(Value):
    """How it stands afterwards, and what happened. `refused` is "" when the order was taken."""

    red_line: RedLine
    happened: tuple[Happening, ...] = ()
    refused: str = ""


def begin(origin: Origin, *, at: datetime) -> Step:
    """The first is called at once."""
    opened = _more(RedLine(origin=origin, next_call_at=at), at, What.OPENED)
    return _and(opened, settle(opened.red_line, at=at))


def settle(red_line: RedLine, *, at: datetime) -> Step:
    """Call whoever is due. After an outage one call is made, not each that was missed."""
    if red_line.next_call_at is None or at < red_line.next_call_at:
        return Step(red_line=red_line)
    called = red_line.model_copy(
        update={"calls": red_line.calls + 1, "next_call_at": at + red_line.origin.calling.each}
    )
    return _more(called, at, What.CALLED, posts=_whom(red_line))


def not_reached(red_line: RedLine, posts: tuple[Post, ...], *, at: datetime) -> Step:
    """Nothing took the call to these. Where it was to them alone, the next is called at once."""
    if not posts or red_line.closed_at:
        return Step(red_line=red_line)
    is_in_turn = red_line.calls <= len(red_line.origin.calling.chain) and len(posts) == 1
    if is_in_turn and red_line.next_call_at and red_line.acknowledged_at is None:
        red_line = red_line.model_copy(update={"next_call_at": at})
    return _more(red_line, at, What.NOT_REACHED, posts=posts)


def take(red_line: RedLine, order: Order, *, at: datetime) -> Step:
    """What comes of an order; one that came before changes nothing."""
    if order.command_id in red_line.seen:
        return Step(red_line=red_line)
    post = post_of(order.actor, red_line.origin.calling)
    refusal = _refusal(red_line, order, post)
    if refusal:
        return Step(red_line=red_line, refused=refusal)
    red_line = red_line.model_copy(update={"seen": (*red_line.seen, order.command_id)[-_MOST_SEEN:]})
    return _TAKEN[order.act](red_line, order, post, at)


def post_of(actor: Actor, calling: Calling) -> str:
    """The post by which somebody decides about safety here; "" when it is not theirs to decide."""
    if actor.role is Role.LEADERSHIP:
        return "leadership"
    mine = f"{actor.department}.{actor.role.value}"
    return mine if mine in calling.chain else ""


def _whom(red_line: RedLine) -> tuple[Post, ...]:
    chain = red_line.origin.calling.chain
    in_turn = red_line.acknowledged_at is None and red_line.calls < len(chain)
    return (chain[red_line.calls],) if in_turn else chain


def _refusal(red_line: RedLine, order: Order, post: str) -> str:
    if not post:
        return Refused.NOT_A_DECISION_MAKER
    if red_line.closed_at:
        return Refused.CLOSED
    if order.act is not Act.ACKNOWLEDGE and red_line.acknowledged_at is None:
        return Refused.NOT_ACKNOWLEDGED
    if order.act is Act.CLOSE and not red_line.decisions:
        return Refused.UNDECIDED
    return Refused.TOO_MANY if order.act is Act.DECIDE and len(red_line.decisions) >= MOST_DECISIONS else ""


def _acknowledge(red_line: RedLine, order: Order, post: str, at: datetime) -> Step:
    """The first counts; others who come later are told that it has been."""
    if red_line.acknowledged_at:
        return Step(red_line=red_line)
    waits = None if red_line.decisions else at + red_line.origin.calling.decide_within
    standing = {"acknowledged_at": at, "acknowledged_by": order.actor.id, "next_call_at": waits}
    return _more(red_line.model_copy(update=standing), at, What.ACKNOWLEDGED, by=order.actor.id, post=post)


def _decide(red_line: RedLine, order: Order, post: str, at: datetime) -> Step:
    told = {"containment": order.containment, "note_id": order.note_id, "by": order.actor.id, "post": post}
    step = _more(red_line.model_copy(update={"next_call_at": None}), at, What.DECIDED, **told)
    decided = step.red_line.model_copy(update={"decisions": (*red_line.decisions, *step.happened)})
    return step.model_copy(update={"red_line": decided})


def _close(red_line: RedLine, order: Order, post: str, at: datetime) -> Step:
    closed = red_line.model_copy(update={"closed_at": at, "review": order.review, "next_call_at": None})
    told = {"review": order.review, "note_id": order.note_id, "by": order.actor.id, "post": post}
    return _more(closed, at, What.CLOSED, **told)


_TAKEN = {Act.ACKNOWLEDGE: _acknowledge, Act.DECIDE: _decide, Act.CLOSE: _close}


def _more(red_line: RedLine, at: datetime, what: What, **told: object) -> Step:
    happening = Happening.model_validate({"seq": red_line.seq + 1, "at": at, "what": what, **told})
    return Step(red_line=red_line.model_copy(update={"seq": happening.seq}), happened=(happening,))


def _and(one: Step, other: Step) -> Step:
    return other.model_copy(update={"happened": (*one.happened, *other.happened)})
