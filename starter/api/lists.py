"""What the ledger tells: lists, one complaint, its timeline and clocks, and the notice centre."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field

from domain import masking
from domain.access import DEPARTMENTAL, Permission
from domain.commands import Actor, Role
from domain.complaint import Complaint
from domain.events import Event, PolicyAdopted
from domain.explanations import Sentence
from domain.outlets import Audience
from domain.risk_telling import story
from domain.ticket import Ticket
from ledger import events, notes, notices, queries, tickets
from ledger.queries import BadCursor, ComplaintFilter, Page
from starter.api.answers import At, TicketNo, known_ticket, sentence, where_it_stands
from starter.api.views import ClocksView, ComplaintView, RiskView, View, clocks_view, may, standing, ticket_view
from starter.http.behind import Behind, BehindRoutes
from starter.http.disclosures import shown_to
from starter.http.etag import TAGGED, TaggedRoute, if_none_match
from starter.http.principals import Principal, Who, needs
from starter.http.problems import ACCESS, Problem, documented
from starter.telling.events import Names, told
from starter.telling.red_lines import matter_named

router = APIRouter(tags=["complaints"], dependencies=[needs(Permission.READ), if_none_match()], route_class=TaggedRoute)

_NOT_BEGUN = ("工单已收到，尚未开始处理。", "The ticket is kept; its complaint has not begun yet.")


class Asked(ComplaintFilter):
    """The list's query. The most urgent come first; closed ones last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    department: str | None = Field(None, max_length=64)
    tag: str | None = Field(None, max_length=64)
    vin: str | None = Field(None, max_length=17)
    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=400, description="`next_cursor` of the page before.")


class TimelineItem(View):
    """`at` is when it took effect, `noticed_at` when the core got to it, `recorded_at` when the ledger did."""

    seq: int
    kind: str = Field(examples=["dispatched"])
    at: datetime
    noticed_at: datetime
    recorded_at: datetime
    sentence: Sentence
    note: str | None = Field(description="The free text that came with it, masked.")
    event: dict[str, Any]
    hash: str


class Timeline(View):
    ticket_no: str
    items: tuple[TimelineItem, ...]


class NoticeItem(View):
    """`sent_by` is the way that took it: `mail`, `sms`, `robot:NAME` or `hook:NAME`. `failed_reason` names each way
    that was tried in the last of `attempts`, and why it did not; it is "" once one took it.
    """

    key: str
    ticket_no: str
    kind: str
    audience: str
    department: str
    subject: str
    body: str
    created_at: datetime
    sent_at: datetime | None
    sent_by: str
    attempts: int
    failed_reason: str


class NoticeList(View):
    items: tuple[NoticeItem, ...]


@router.get(
    "/complaints", summary="List complaints, the most urgent first", responses=TAGGED | documented(*ACCESS, "malformed")
)
async def list_complaints(asked: Annotated[Asked, Query()], who: Who, behind: BehindRoutes, at: At) -> Page:
    """The light is computed now. A ticket whose complaint has not begun is not listed yet.

    `text` finds names, phones and plates only where the caller may see them, and only whole.
    """
    filters = ComplaintFilter.model_validate(asked.model_dump(exclude={"limit", "cursor"}))
    try:
        return await queries.complaints(
            behind.engine, filters, at=at, cursor=asked.cursor, limit=asked.limit, shown_to=shown_to(who)
        )
    except BadCursor:
        how = ("不是本接口给出的游标，请去掉后重查", "It is no cursor of ours; begin again without it")
        raise Problem("malformed", errors=[("query.cursor", how)]) from None


@router.get(
    "/complaints/{ticket_no}",
    summary="One complaint",
    responses=TAGGED | documented(*ACCESS, "not_you", "unknown_complaint", "malformed"),
)
async def show_complaint(
    ticket_no: TicketNo,
    who: Who,
    behind: BehindRoutes,
    at: At,
    role: Annotated[Role | None, Query(description="For whom a system asks what may be done now.")] = None,
    department: Annotated[str, Query(max_length=64)] = "",
) -> ComplaintView:
    """As the ledger knows it, its light as of now. Name, phone, VIN and plate are masked."""
    actor = _asking(who, role, department)
    ticket = await known_ticket(behind, ticket_no)
    complaint = await queries.complaint(behind.engine, ticket_no)
    stands = standing(complaint, at=at) if complaint else None
    said = where_it_stands(stands.stage, stands.owner, Names(behind.files)) if stands else sentence(_NOT_BEGUN)
    return ComplaintView(
        ticket_no=ticket_no,
        at=at,
        sentence=said,
        ticket=ticket_view(ticket),
        complaint=stands,
        may=may(complaint, actor) if complaint and actor else None,
    )


@router.get(
    "/complaints/{ticket_no}/timeline",
    summary="What happened to it, told event by event",
    responses=TAGGED | documented(*ACCESS, "unknown_complaint", "malformed"),
)
async def show_timeline(ticket_no: TicketNo, behind: BehindRoutes) -> Timeline:
    """Each event as the ledger keeps it, and the same in a sentence; notes are masked."""
    ticket = await known_ticket(behind, ticket_no)
    texts = {note.note_id: masking.told(note.text, ticket) for note in await notes.of_ticket(behind.engine, ticket_no)}
    names = Names(behind.files)
    recorded = await events.timeline(behind.engine, ticket_no)
    return Timeline(
        ticket_no=ticket_no,
        items=tuple(
            TimelineItem(
                seq=each.event.seq,
                kind=each.event.kind,
                at=each.event.at,
                noticed_at=each.event.noticed_at,
                recorded_at=each.recorded_at,
                sentence=told(each.event, names),
                note=texts.get(getattr(each.event, "note_id", "")),
                event=_raw(each.event),
                hash=each.hash,
            )
            for each in recorded
        ),
    )


@router.get(
    "/complaints/{ticket_no}/clocks",
    summary="Its clocks, segment by segment",
    responses=TAGGED | documented(*ACCESS, "unknown_complaint", "not_begun", "malformed"),
)
async def show_clocks(ticket_no: TicketNo, behind: BehindRoutes, at: At) -> ClocksView:
    """The three clocks everybody sees, those that run, the governing one, the next deadline and the light now."""
    await known_ticket(behind, ticket_no)
    return clocks_view(await _begun(behind, ticket_no), at=at, names=Names(behind.files))


@router.get(
    "/complaints/{ticket_no}/risk",
    summary="Its risk: points, floors, and what would move it",
    responses=TAGGED | documented(*ACCESS, "unknown_complaint", "not_begun", "malformed"),
)
async def show_risk(ticket_no: TicketNo, behind: BehindRoutes, at: At) -> RiskView:
    """The level that holds, what the points table says of it now, and what time or one more fact would make of it."""
    await known_ticket(behind, ticket_no)
    c = await _begun(behind, ticket_no)
    matter = partial(matter_named, words=behind.red_lines, names=Names(behind.files))
    told_of = story(c, at=at, zone=c.policy.calendar.zone, matter=matter)
    return RiskView(ticket_no=ticket_no, level=c.risk_level, story=told_of)


@router.get(
    "/notices",
    tags=["notices"],
    summary="The notice centre, newest first",
    responses=TAGGED | documented(*ACCESS, "not_concerned", "malformed"),
)
async def list_notices(
    who: Who,
    behind: BehindRoutes,
    audience: Annotated[Audience | None, Query()] = None,
    department: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> NoticeList:
    """What was told to whom. Addresses are left out, and customers' own data is masked. Those of a department see what
    was told to theirs.
    """
    told_to = told_to_of(who, department)
    posted = await notices.inbox_of(behind.engine, department=told_to, audience=audience, limit=limit)
    about = await tickets.of_many(behind.engine, {each.ticket_no for each in posted})
    return NoticeList(items=tuple(_notice(each, about.get(each.ticket_no)) for each in posted))


def told_to_of(who: Principal, asked: str | None) -> str | None:
    """The department whose notices they may have; None is every one's. Raises the problem `not_concerned`.

    Those of a department, and a key that is bound to one, have their own alone.
    """
    own = who.department if who.role is None or who.role in DEPARTMENTAL else ""
    if own and asked not in (None, own):
        raise Problem("not_concerned")
    return own or asked


def _asking(who: Principal, role: Role | None, department: str) -> Actor | None:
    """Whom `may` is about: the caller, or whoever a system that speaks for others names; None when it names nobody."""
    if role is None and who.may(Permission.ON_BEHALF):
        return None
    return who.speaking(Actor(role=role, department=department) if role else None)


async def _begun(behind: Behind, ticket_no: str) -> Complaint:
    complaint = await queries.complaint(behind.engine, ticket_no)
    if complaint is None:
        raise Problem("not_begun")
    return complaint


def _raw(event: Event) -> dict[str, Any]:
    """The event's own fields. An adopted policy is named by its version: it is a book, not a line."""
    raw = event.model_dump(mode="json", exclude={"policy"})
    return {**raw, "policy_version": event.policy.version} if isinstance(event, PolicyAdopted) else raw


def _notice(posted: notices.PostedNotice, ticket: Ticket | None) -> NoticeItem:
    shown = {name: value for name, value in posted._asdict().items() if name in NoticeItem.model_fields}
    return NoticeItem(
        **{**shown, "subject": masking.told(posted.subject, ticket), "body": masking.told(posted.body, ticket)}
    )
