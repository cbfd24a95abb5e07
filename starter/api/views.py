"""A complaint as the API shows it: pure translations, computed at the instant of the request."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain import clocks, masking
from domain.clocks import Clock
from domain.commands import Actor
from domain.complaint import Complaint, Stage
from domain.custody import Segment
from domain.deadlines import next_due
from domain.explanations import ClockStory, Sentence, deadline_told, stories
from domain.lights import Light
from domain.plans import ComplaintGrade
from domain.risk_telling import RiskStory
from domain.rules.table import refusal
from domain.service import grade, has_expert, service
from domain.ticket import Ticket
from domain.wording import name
from domain.wording import refusal as refusal_in_words
from starter.api.bodies import COMMANDS, route_of
from starter.telling.events import Names


class View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ClockView(View):
    """A running clock. `remaining_s` is seconds, negative once it is breached. `is_provisional` while it counts working
    time in a year whose days off are not announced: `due_at` may move then.
    """

    key: str = Field(examples=["response:1"])
    kind: str
    name: Sentence
    holder: str
    started_at: datetime
    yellow_at: datetime
    due_at: datetime
    light: Light
    remaining_s: int
    is_provisional: bool = False


class DeadlineView(View):
    """What happens next when nobody does anything: the rule that makes it happen, and the same in a sentence."""

    rule: str = Field(examples=["breach:response:1"])
    due_at: datetime
    sentence: Sentence
    is_provisional: bool = False


class TicketView(View):
    """Personal data is masked; `POST …/personal` shows it, and writes that down."""

    created_at: datetime
    tier: str
    channel: str
    customer: dict[str, str]
    vehicle: dict[str, Any]
    words: str
    files: tuple[str, ...]


class MayView(View):
    """Whether this actor may ask this now; if not, the rule that says so."""

    command: str
    address: str
    allowed: bool
    code: str = ""
    sentence: Sentence | None = None


class ServiceView(View):
    """How it is served: `plans` are those of the policy that settle something for it, the weightiest first."""

    grade: ComplaintGrade
    plans: tuple[str, ...]
    has_expert: bool = Field(description="Whether it is one for an expert seat of CX.")


class Standing(View):
    """The complaint as the ledger knows it. `facts` are its hops, claims, breaches, escalations and the rest."""

    seq: int
    stage: Stage
    owner: str
    desk: str
    waits_for: str
    light: Light
    governing: ClockView | None
    next_deadline: DeadlineView | None
    tags: tuple[str, ...]
    risk_level: int
    is_complex: bool
    is_red_line: bool
    service: ServiceView
    policy_version: str
    facts: dict[str, Any]


class ComplaintView(View):
    """`complaint` is None while the ticket is kept and its workflow has not begun."""

    ticket_no: str
    at: datetime
    sentence: Sentence
    ticket: TicketView
    complaint: Standing | None
    may: tuple[MayView, ...] | None = Field(
        None, description="Of a system that speaks for others: given when it says for whom (`role`)."
    )


class SegmentView(View):
    begin: datetime
    end: datetime
    seconds: int
    holder: str
    custody: str
    hop: int
    counts: bool
    is_provisional: bool
    sentence: Sentence


class StoryView(View):
    """One of the three clocks everybody sees: the customer's total, this hop, a department's total over its hops."""

    clock: str = Field(examples=["customer"])
    whose: str
    elapsed_s: int
    segments: tuple[SegmentView, ...]


class ClocksView(View):
    ticket_no: str
    at: datetime
    light: Light
    governing: ClockView | None
    next_deadline: DeadlineView | None
    running: tuple[ClockView, ...]
    stories: tuple[StoryView, ...]


def standing(c: Complaint, *, at: datetime) -> Standing:
    shown = {"ticket", "policy", "seen", "seq", "stage", "tags", "risk_level", "is_complex"}
    return Standing(
        seq=c.seq,
        stage=c.stage,
        owner=c.owner,
        desk=c.desk,
        waits_for=c.waits_for,
        light=clocks.light(c, at=at),
        governing=_governing(c, at=at),
        next_deadline=_next(c),
        tags=c.tags,
        risk_level=c.risk_level,
        is_complex=c.is_complex,
        is_red_line=c.is_red_line,
        service=_service(c),
        policy_version=c.policy.version,
        facts=c.model_dump(mode="json", exclude=shown),
    )


def _service(c: Complaint) -> ServiceView:
    return ServiceView(grade=grade(c), plans=service(c).plans, has_expert=has_expert(c))


def ticket_view(ticket: Ticket) -> TicketView:
    who, car = ticket.customer, ticket.vehicle
    return TicketView(
        created_at=ticket.created_at,
        tier=ticket.tier,
        channel=ticket.channel,
        customer={
            "name": masking.name(who.name),
            "phone": masking.phone(who.phone),
            "email": masking.email(who.email),
            "language": who.language,
        },
        vehicle={**car.model_dump(), "vin": masking.vin(car.vin), "plate": masking.plate(car.plate)},
        words=masking.told(ticket.words, ticket),
        files=ticket.files,
    )


def may(c: Complaint, actor: Actor) -> tuple[MayView, ...]:
    """Every command, and whether the actor may ask it now whatever its body says."""
    return tuple(_may(c, actor, kind) for kind in COMMANDS)


class RiskView(View):
    """`story` is None where the complaint's policy has no points table: the level is then what people said."""

    ticket_no: str
    level: int
    story: RiskStory | None


def _may(c: Complaint, actor: Actor, kind: str) -> MayView:
    code = refusal(c, COMMANDS[kind], actor)
    address = f"/api/v1/complaints/{c.ticket.ticket_no}/{route_of(kind)}"
    if code is None:
        return MayView(command=kind, address=address, allowed=True)
    said = Sentence(zh=refusal_in_words(code, "zh"), en=refusal_in_words(code, "en"))
    return MayView(command=kind, address=address, allowed=False, code=code, sentence=said)


def clocks_view(c: Complaint, *, at: datetime, names: Names) -> ClocksView:
    told = stories(c, at=at, names=names.of, zone=c.policy.calendar.zone)
    return ClocksView(
        ticket_no=c.ticket.ticket_no,
        at=at,
        light=clocks.light(c, at=at),
        governing=_governing(c, at=at),
        next_deadline=_next(c),
        running=tuple(_clock(clock, at=at) for clock in clocks.running(c)),
        stories=tuple(_story(story) for story in told),
    )


def _governing(c: Complaint, *, at: datetime) -> ClockView | None:
    clock = clocks.governing(c)
    return _clock(clock, at=at) if clock else None


def _next(c: Complaint) -> DeadlineView | None:
    due = next_due(c)
    if due is None:
        return None
    sentence = deadline_told(due, zone=c.policy.calendar.zone)
    return DeadlineView(rule=due.rule, due_at=due.due_at, sentence=sentence, is_provisional=due.is_provisional)


def _clock(clock: Clock, *, at: datetime) -> ClockView:
    called = f"clock:{clock.kind}"
    return ClockView(
        **clock._asdict(),
        name=Sentence(zh=name(called, "zh"), en=name(called, "en")),
        light=clock.light(at=at),
        remaining_s=_seconds(clock.due_at - at),
    )


def _story(story: ClockStory) -> StoryView:
    told = zip(story.segments, story.sentences, strict=True)
    return StoryView(
        clock=story.clock,
        whose=story.whose,
        elapsed_s=_seconds(story.elapsed),
        segments=tuple(_segment(segment, sentence) for segment, sentence in told),
    )


def _segment(segment: Segment, sentence: Sentence) -> SegmentView:
    return SegmentView(**segment.model_dump(), seconds=_seconds(segment.length), sentence=sentence)


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
