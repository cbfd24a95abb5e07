"""Red lines at the door: look at them, acknowledge, decide and close as whoever is signed in, and begin a drill."""

import asyncio
import contextlib
import hashlib
import json
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel
from temporalio.service import RPCError

from domain.access import Permission
from domain.commands import Actor
from domain.red_line import DRILL, Act, Calling, Containment, Order, Review, post_of
from domain.red_line_standing import looks_at_all, may_look
from ledger import notes, queries, red_lines
from ledger.red_lines import RedLineRow
from starter.api.answers import At, Key, key_or_new
from starter.api.bodies import STRICT, ActorBody, Text, as_sent
from starter.api.red_line_views import RedLineItem, RedLineList, RedLineView, item, view
from starter.commands import READABLE_WITHIN
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import ACCESS, Problem, documented
from starter.red_lines import order

LAST_CLOSED = 50

router = APIRouter(prefix="/red-lines", tags=["red lines"])

RedLineId = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$",
        description="The ticket's number, or a drill's own id.",
        examples=["CRM-2026-000123"],
    ),
]
_LOOKS = documented(*ACCESS, "not_concerned", "unknown_red_line", "malformed")
_ACTS = documented(
    *("unreadable_body", *ACCESS, "not_you", "not_concerned", "not_a_decision_maker", "unknown_red_line"),
    *("red_line_closed", "not_acknowledged", "undecided", "too_many_decisions", "too_large", "malformed"),
    "red_line_waits",
)


class AcknowledgeBody(BaseModel):
    model_config = STRICT

    actor: ActorBody | None = None


class DecideBody(AcknowledgeBody):
    """`stop_drive` writes to the customer at once."""

    containment: Containment
    note: Text | None = None


class CloseBody(AcknowledgeBody):
    """What came of the defect review, and why it ends."""

    review: Review
    note: Text


@router.get(
    "",
    dependencies=[needs(Permission.READ)],
    summary="Red lines, those that go on first",
    responses=documented(*ACCESS),
)
async def list_red_lines(who: Who, behind: BehindRoutes) -> RedLineList:
    """All of them for those who decide, leadership, ops, CX and the service coordinator; else those of one's own."""
    going_on = await red_lines.going_on(behind.engine)
    last = await red_lines.every(behind.engine)
    closed = [row for row in last if row.state and row.state.closed_at][:LAST_CLOSED]
    shown = [row for row in (*going_on[::-1], *closed) if await _sees(behind, row, who.actor)]
    return RedLineList(items=tuple(item(row, behind) for row in shown))


@router.get(
    "/{red_line_id}",
    dependencies=[needs(Permission.READ)],
    summary="Who was called when, what was decided, and what came of it",
    responses=_LOOKS,
)
async def show_red_line(red_line_id: RedLineId, who: Who, behind: BehindRoutes) -> RedLineView:
    """Reasons are masked. A drill is one by `is_drill`."""
    row = await found(behind, red_line_id, who=who)
    return await view(row, behind, may_act=may_act(row, behind, who))


@router.post(
    "/drills",
    dependencies=[needs(Permission.DRILL)],
    status_code=201,
    summary="Begin a drill",
    responses=documented(*ACCESS, "malformed"),
)
async def drill(who: Who, behind: BehindRoutes, at: At, idempotency_key: Key = None) -> RedLineView:
    """The decision-makers are called as in earnest; each letter says that it is a drill, and no customer is told."""
    digest = hashlib.sha256(json.dumps([who.id, key_or_new(idempotency_key)]).encode()).hexdigest()
    id_ = f"{DRILL}{at:%Y%m%d}-{digest[:8]}"
    await red_lines.begin_drill(behind.engine, id_, at=at, by=who.id)
    return await view(await found(behind, id_, who=who), behind, may_act=bool(post_of(who.actor, behind.calling)))


@router.post(
    "/{red_line_id}/acknowledge",
    dependencies=[needs(Permission.ACT)],
    summary="Say that you have it: the calling ends",
    responses=_ACTS,
)
async def acknowledge_red_line(
    red_line_id: RedLineId, body: AcknowledgeBody, who: Who, behind: BehindRoutes, at: At, idempotency_key: Key = None
) -> RedLineView:
    """The first counts. Whoever comes later changes nothing."""
    return await _take(behind, red_line_id, Act.ACKNOWLEDGE, body, who=who, key=idempotency_key, at=at)


@router.post(
    "/{red_line_id}/decide",
    dependencies=[needs(Permission.ACT)],
    summary="Record what was decided",
    responses=_ACTS,
)
async def decide_red_line(
    red_line_id: RedLineId, body: DecideBody, who: Who, behind: BehindRoutes, at: At, idempotency_key: Key = None
) -> RedLineView:
    """Kept with who, by which post, when and why."""
    return await _take(behind, red_line_id, Act.DECIDE, body, who=who, key=idempotency_key, at=at)


@router.post(
    "/{red_line_id}/close",
    dependencies=[needs(Permission.ACT)],
    summary="End it with what came of the defect review",
    responses=_ACTS,
)
async def close_red_line(
    red_line_id: RedLineId, body: CloseBody, who: Who, behind: BehindRoutes, at: At, idempotency_key: Key = None
) -> RedLineView:
    """After a decision alone. The legal hold stays until it is lifted by hand."""
    return await _take(behind, red_line_id, Act.CLOSE, body, who=who, key=idempotency_key, at=at)


async def found(behind: Behind, red_line_id: str, *, who: Principal) -> RedLineRow:
    """Raises the problems `unknown_red_line` and `not_concerned`."""
    row = await red_lines.get(behind.engine, red_line_id)
    if row is None:
        raise Problem("unknown_red_line")
    if not await _sees(behind, row, who.actor):
        raise Problem("not_concerned")
    return row


async def seen_of(behind: Behind, ticket_no: str, *, who: Principal) -> RedLineItem | None:
    """The ticket's red line; None where there is none, or it is not theirs to see."""
    row = await red_lines.get(behind.engine, ticket_no)
    return item(row, behind) if row and await _sees(behind, row, who.actor) else None


def may_act(row: RedLineRow, behind: Behind, who: Principal) -> bool:
    return who.may(Permission.ACT) and bool(post_of(who.actor, _calling(row, behind)))


async def _sees(behind: Behind, row: RedLineRow, actor: Actor) -> bool:
    calling = _calling(row, behind)
    if looks_at_all(actor, calling):
        return True
    if not row.ticket_no:
        return row.told_by == actor.id  # whoever began the drill
    return may_look(actor, calling, await queries.complaint(behind.engine, row.ticket_no))


def _calling(row: RedLineRow, behind: Behind) -> Calling:
    """What held when it began; until then, what holds today."""
    return row.state.origin.calling if row.state else behind.calling


async def _take(
    behind: Behind, red_line_id: str, act: Act, body: AcknowledgeBody, *, who: Principal, key: str | None, at: datetime
) -> RedLineView:
    actor = who.speaking(body.actor)
    row = await found(behind, red_line_id, who=who)
    if not post_of(actor, _calling(row, behind)):
        raise Problem("not_a_decision_maker")
    given = await _given(behind, red_line_id, act, body, actor=actor, key=key_or_new(key), at=at)
    seq = await _ordered(behind, row, given)
    return await view(await _readable(behind, row, seq), behind, may_act=True)


async def _given(
    behind: Behind, red_line_id: str, act: Act, body: AcknowledgeBody, *, actor: Actor, key: str, at: datetime
) -> Order:
    """The reason is kept beside, named by its id. The same order under the same key by the same person is one."""
    sent = as_sent(body)
    sent.pop("actor", None)
    note, said = sent.pop("note", None), actor.model_dump(mode="json")
    author = ":".join((actor.role, actor.department, actor.id))
    note_id = await notes.keep(behind.engine, ticket_no=red_line_id, text=note, author=author, at=at) if note else ""
    whole = json.dumps([act, sent, note_id, said, key], sort_keys=True)
    command_id = hashlib.sha256(whole.encode()).hexdigest()[:32]
    return Order(command_id=command_id, act=act, actor=actor, note_id=note_id, **sent)


async def _ordered(behind: Behind, row: RedLineRow, given: Order) -> int:
    """How far it came by this order. Raises the problem that names the rule, or `red_line_waits`."""
    if row.state and given.command_id in row.state.seen:
        return row.state.seq
    if row.state and row.state.closed_at:
        raise Problem("red_line_closed")
    try:
        receipt = await order(behind.client, row.red_line_id, given)
    except (RPCError, OSError, RuntimeError):  # TimeoutError is an OSError
        raise Problem("red_line_waits") from None
    if receipt.refused:
        raise Problem(receipt.refused)
    return receipt.seq


async def _readable(behind: Behind, row: RedLineRow, seq: int) -> RedLineRow:
    """As the ledger shows it once it holds the order; a moment later at most, as it is."""
    now = row
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READABLE_WITHIN.total_seconds()):
            while now.state is None or now.state.seq < seq:
                await asyncio.sleep(0.02)
                now = await red_lines.get(behind.engine, row.red_line_id) or now
    return now
