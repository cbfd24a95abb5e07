"""A red line as the API shows it: what the ledger holds, with names, reasons and the letter to the customer."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from pydantic import Field

from domain import masking
from domain.explanations import Sentence
from domain.outlets import NoticeKind
from domain.red_line import REVIEW_DUTY, Containment, Happening, Review, Source, What
from domain.red_line_standing import Standing, standing
from ledger import notes, notices, red_lines, tickets
from ledger.notices import PostedNotice
from ledger.red_lines import RedLineRow
from starter.api.answers import sentence
from starter.api.views import View
from starter.http.behind import Behind
from starter.telling.events import Names
from starter.telling.red_lines import matter_named, post_named

Letter = Literal["none", "drill", "waiting", "sent", "failed"]


class MatterView(View):
    code: str = Field(examples=["fire"])
    name: Sentence


class PostView(View):
    post: str = Field(examples=["quality.vp"])
    name: Sentence


class RedLineItem(View):
    """One of the list. `ticket_no` is "" of a drill; `next_call_at` null while nobody need be called."""

    red_line_id: str
    ticket_no: str
    is_drill: bool
    source: Source
    matters: tuple[MatterView, ...]
    told_at: datetime
    standing: Standing
    calls: int
    next_call_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    decisions: int
    closed_at: datetime | None
    review: Review | None


class RedLineHappening(View):
    """One thing that happened. `by` is the id of who did it, by which `post`; `posts` were called; `why` is masked."""

    seq: int
    at: datetime
    what: What
    by: str
    post: PostView | None
    posts: tuple[PostView, ...]
    containment: Containment | None
    review: Review | None
    why: str


class RedLineView(RedLineItem):
    """`letter` is the stop-drive letter's state. `may_act`: whoever asks is one of those who decide."""

    chain: tuple[PostView, ...]
    happened: tuple[RedLineHappening, ...]
    letter: Letter
    letter_at: datetime | None
    review_duty: str = Field(examples=[REVIEW_DUTY])
    told_by: str
    may_act: bool


class RedLineList(View):
    """Those that go on stand first, then the last that were closed."""

    items: tuple[RedLineItem, ...]


def item(row: RedLineRow, behind: Behind) -> RedLineItem:
    state, names = row.state, Names(behind.files)
    return RedLineItem(
        red_line_id=row.red_line_id,
        ticket_no=row.ticket_no,
        is_drill=row.source is Source.DRILL,
        source=row.source,
        matters=tuple(
            MatterView(code=code, name=sentence(matter_named(code, behind.red_lines, names))) for code in row.matters
        ),
        told_at=row.told_at,
        standing=standing(state),
        calls=state.calls if state else 0,
        next_call_at=state.next_call_at if state else None,
        acknowledged_at=state.acknowledged_at if state else None,
        acknowledged_by=state.acknowledged_by if state else "",
        decisions=len(state.decisions) if state else 0,
        closed_at=state.closed_at if state else None,
        review=state.review if state else None,
    )


async def view(row: RedLineRow, behind: Behind, *, may_act: bool) -> RedLineView:
    """The whole of it. Raises LedgerUnavailable."""
    ticket = await tickets.get(behind.engine, row.ticket_no) if row.ticket_no else None
    written = await notes.of_ticket(behind.engine, row.red_line_id)
    texts = {note.note_id: masking.told(note.text, ticket) for note in written}
    happened = await red_lines.happened(behind.engine, row.red_line_id)
    names, calling = Names(behind.files), row.state.origin.calling if row.state else behind.calling
    letter, letter_at = await _letter(row, happened, behind)
    return RedLineView(
        **dict(item(row, behind)),
        chain=tuple(_post(each, names) for each in calling.chain),
        happened=tuple(_happening(each, texts, names) for each in happened),
        letter=letter,
        letter_at=letter_at,
        review_duty=REVIEW_DUTY,
        told_by=row.told_by,
        may_act=may_act,
    )


def _post(post: str, names: Names) -> PostView:
    return PostView(post=post, name=sentence(post_named(post, names)))


def _happening(each: Happening, texts: Mapping[str, str], names: Names) -> RedLineHappening:
    return RedLineHappening(
        seq=each.seq,
        at=each.at,
        what=each.what,
        by=each.by,
        post=_post(each.post, names) if each.post else None,
        posts=tuple(_post(post, names) for post in each.posts),
        containment=each.containment,
        review=each.review,
        why=texts.get(each.note_id, ""),
    )


async def _letter(row: RedLineRow, happened: Iterable[Happening], behind: Behind) -> tuple[Letter, datetime | None]:
    """What became of telling the customer not to drive on, by the last such decision."""
    asked = [each for each in happened if each.containment is Containment.STOP_DRIVE]
    if not asked or row.source is Source.DRILL:
        return ("drill" if asked else "none"), None
    key = f"{row.ticket_no}:red-line:{asked[-1].seq}"
    posted = await notices.of_ticket(behind.engine, row.ticket_no)
    return _became([each for each in posted if each.kind == NoticeKind.CUSTOMER_STOP_DRIVE and each.key == key])


def _became(posted: list[PostedNotice]) -> tuple[Letter, datetime | None]:
    sent = [each.sent_at for each in posted if each.sent_at]
    if sent:
        return "sent", min(sent)
    return ("failed" if any(each.failed_reason for each in posted) else "waiting"), None
