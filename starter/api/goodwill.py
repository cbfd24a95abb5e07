"""Goodwill: ask for it, make it good or give it back, and the special-claims desk's word."""

import hashlib
from collections.abc import Awaitable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from domain.access import Permission
from domain.authority import may_ask, may_rule
from domain.commands import Actor
from domain.goodwill import MOST_FEN, REGION, GoodwillKind, GoodwillPayer, GoodwillState, MonthText, NotDone
from domain.goodwill_outlets import GoodwillReceipt
from ledger import goodwill, notes
from ledger.goodwill import GoodwillRow
from starter.api.answers import At, Key, TicketNo, key_or_new, known_ticket
from starter.api.bodies import STRICT, ActorBody, Text
from starter.api.views import View
from starter.goodwill import UnknownRegion
from starter.http.behind import Behind, BehindRoutes
from starter.http.disclosures import check_concerned
from starter.http.principals import Principal, Who, needs
from starter.http.problems import ACCESS, Problem, documented

router = APIRouter(tags=["goodwill"])

_AWAY = (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError, RuntimeError)
_CODES = {
    NotDone.ID_USED: "key_reused",
    NotDone.UNKNOWN: "unknown_goodwill",
    NotDone.NOT_HELD: "goodwill_not_held",
    NotDone.ALREADY_COMMITTED: "goodwill_committed",
    NotDone.NOT_AT_DESK: "goodwill_not_at_desk",
    NotDone.MORE_THAN_ASKED: "goodwill_too_much",
}
_OF_ONE = (*ACCESS, "not_you", "not_your_authority", "unknown_goodwill", "not_answered", "malformed")
RequestId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]


class GoodwillBody(BaseModel):
    """`fen` is the money, or what the warranty repair costs."""

    model_config = STRICT

    actor: ActorBody | None = None
    region: Annotated[str, Field(pattern=REGION, examples=["east"])]
    kind: GoodwillKind
    fen: Annotated[int, Field(strict=True, gt=0, le=MOST_FEN, examples=[80_000])]
    note: Text | None = None


class ActorOnly(BaseModel):
    """Nothing but who asks."""

    model_config = STRICT

    actor: ActorBody | None = None


class RulingBody(ActorOnly):
    """How many fen the desk grants, and why; 0 refuses."""

    granted: Annotated[int, Field(strict=True, ge=0, le=MOST_FEN, examples=[150_000])]
    note: Text


class GoodwillView(View):
    """`state` null: kept, and not answered yet. `fen` is what was asked for, `granted` what the desk said. `due_at` is
    when a hold expires, or by when the desk should answer. `split_with`: other requests that look like the same matter.
    """

    request_id: str
    ticket_no: str
    region: str
    month: MonthText
    kind: GoodwillKind
    fen: int
    asked_by: str
    asked_at: datetime
    state: GoodwillState | None
    payer: GoodwillPayer | None
    granted: int | None
    due_at: datetime | None
    split_with: tuple[str, ...]


class AccountView(View):
    """A region's month, in fen."""

    region: str
    month: MonthText
    limit: int
    held: int
    committed: int
    requests: tuple[GoodwillView, ...]


@router.post(
    "/complaints/{ticket_no}/goodwill",
    dependencies=[needs(Permission.ACT)],
    summary="Ask for goodwill on a complaint: held within the region's month, else at the special-claims desk",
    responses={
        202: {"model": GoodwillView, "description": "Kept; no worker answered in time."},
        **documented(*_OF_ONE, "unreadable_body", "not_concerned", "unknown_complaint", "key_reused", "too_large"),
    },
)
async def ask_goodwill(
    ticket_no: TicketNo,
    body: GoodwillBody,
    response: Response,
    who: Who,
    behind: BehindRoutes,
    at: At,
    idempotency_key: Key = None,
) -> GoodwillView:
    """Safe to send again with the same Idempotency-Key: it is the same request to the same month."""
    ticket = await known_ticket(behind, ticket_no)
    await check_concerned(behind, ticket_no, who=who)
    actor = _who_asks(who.speaking(body.actor))
    key = key_or_new(idempotency_key)
    by = actor.id or actor.role
    digest = hashlib.sha256("\n".join((ticket_no, by, actor.department, key)).encode()).hexdigest()[:32]
    request_id, note_id = f"gw-{digest}", ""
    if body.note and await goodwill.get(behind.engine, request_id) is None:
        note_id = await notes.keep(behind.engine, ticket_no=ticket_no, text=body.note, author=_author(actor), at=at)
    asked = behind.goodwill.ask(
        ticket,
        region=body.region,
        kind=body.kind,
        fen=body.fen,
        by=actor,
        request_id=request_id,
        at=at,
        note_id=note_id,
    )
    response.headers["Idempotency-Key"] = key
    try:
        return await _answer(behind, request_id, await asked)
    except UnknownRegion:
        said = ("授权表里没有这个大区", "No region of the policy's authority.toml")
        raise Problem("malformed", errors=[("body.region", said)]) from None
    except _AWAY:
        response.status_code = 202
        return _view(await _row(behind, request_id))


@router.post(
    "/goodwill/{request_id}/commit",
    dependencies=[needs(Permission.ACT)],
    summary="Make good what is held: it is spent",
    responses=documented(*_OF_ONE, "unreadable_body", "not_concerned", "goodwill_not_held", "too_large"),
)
async def commit_goodwill(request_id: RequestId, body: ActorOnly, who: Who, behind: BehindRoutes) -> GoodwillView:
    """Safe to repeat. For those whom the complaint concerns, as asking is."""
    actor = await _who_acts(behind, request_id, body, who)
    return await _told(behind, request_id, behind.goodwill.commit(request_id, by=actor))


@router.post(
    "/goodwill/{request_id}/release",
    dependencies=[needs(Permission.ACT)],
    summary="Give back what is held, or withdraw it from the desk",
    responses=documented(
        *_OF_ONE, "unreadable_body", "not_concerned", "goodwill_not_held", "goodwill_committed", "too_large"
    ),
)
async def release_goodwill(request_id: RequestId, body: ActorOnly, who: Who, behind: BehindRoutes) -> GoodwillView:
    """Safe to repeat. For those whom the complaint concerns, as asking is."""
    actor = await _who_acts(behind, request_id, body, who)
    return await _told(behind, request_id, behind.goodwill.release(request_id, by=actor))


@router.post(
    "/goodwill/{request_id}/rule",
    dependencies=[needs(Permission.ACT)],
    summary="The special-claims desk's word",
    responses=documented(*_OF_ONE, "unreadable_body", "goodwill_not_at_desk", "goodwill_too_much", "too_large"),
)
async def rule_goodwill(
    request_id: RequestId, body: RulingBody, who: Who, behind: BehindRoutes, at: At
) -> GoodwillView:
    """For leadership and whoever answers for the desk's department; never for who asked."""
    actor = who.speaking(body.actor)
    row = await _row(behind, request_id)
    if not may_rule(actor, desk=behind.goodwill.desk, asked_by=row.asked_by):
        raise Problem("not_your_authority")
    note_id = await notes.keep(behind.engine, ticket_no=row.ticket_no, text=body.note, author=_author(actor), at=at)
    ruling = behind.goodwill.rule(request_id, granted=body.granted, by=actor, note_id=note_id)
    return await _told(behind, request_id, ruling)


@router.get(
    "/goodwill",
    dependencies=[needs(Permission.READ)],
    summary="A region's month: what was asked for, and what of it is held and committed",
    responses=documented(*ACCESS, "malformed"),
)
async def show_account(
    behind: BehindRoutes, at: At, region: Annotated[str, Query(pattern=REGION)], month: MonthText | None = None
) -> AccountView:
    """Of this month where none is said. No customer's data: whoever may read sees it."""
    month = month or behind.goodwill.month(at)
    rows = await goodwill.of_month(behind.engine, region, month)
    mine = [row.entry for row in rows if row.entry and row.entry.is_spent]
    return AccountView(
        region=region,
        month=month,
        limit=behind.goodwill.limit(region, month),
        held=sum(entry.fen for entry in mine if entry.state is GoodwillState.HELD),
        committed=sum(entry.fen for entry in mine if entry.state is GoodwillState.COMMITTED),
        requests=tuple(_view(row) for row in rows),
    )


def _author(actor: Actor) -> str:
    return f"{actor.role}:{actor.department}:{actor.id}"


async def _who_acts(behind: Behind, request_id: str, body: ActorOnly, who: Principal) -> Actor:
    row = await _row(behind, request_id)
    await check_concerned(behind, row.ticket_no, who=who)
    return _who_asks(who.speaking(body.actor))


def _who_asks(actor: Actor) -> Actor:
    if not may_ask(actor):
        raise Problem("not_your_authority")
    return actor


async def _told(behind: Behind, request_id: str, telling: Awaitable[GoodwillReceipt]) -> GoodwillView:
    try:
        receipt = await telling
    except _AWAY:
        raise Problem("not_answered") from None
    return await _answer(behind, request_id, receipt)


async def _answer(behind: Behind, request_id: str, receipt: GoodwillReceipt) -> GoodwillView:
    if receipt.refused:
        raise Problem(_CODES.get(receipt.refused, "malformed"))
    row = await _row(behind, request_id)
    return _view(row._replace(entry=receipt.entry))


async def _row(behind: Behind, request_id: str) -> GoodwillRow:
    row = await goodwill.get(behind.engine, request_id)
    if row is None:
        raise Problem("unknown_goodwill")
    return row


def _view(row: GoodwillRow) -> GoodwillView:
    entry = row.entry
    return GoodwillView(
        **{name: getattr(row, name) for name in ("request_id", "ticket_no", "region", "month", "fen")},
        kind=GoodwillKind(row.kind),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        state=entry.state if entry else None,
        payer=entry.payer if entry else None,
        granted=entry.granted if entry else None,
        due_at=entry.due if entry else None,
        split_with=entry.split_with if entry else (),
    )
