"""Webhooks: who subscribes to events, the log of what each was sent, and sending it again."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, Field, field_validator

from domain.access import Permission
from domain.webhooks import KINDS, MAX_URL, secret_of, type_of, url_fault
from ledger import webhook_replay, webhooks
from ledger.queries import BadCursor
from ledger.webhooks import Attempt, Delivery, Webhook
from settings import Settings
from starter.api.answers import At, links
from starter.api.bodies import STRICT
from starter.api.views import View
from starter.home import secret
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Who, needs
from starter.http.problems import ACCESS, Problem, documented

T = TypeVar("T")

router = APIRouter(prefix="/webhooks", tags=["webhooks"], dependencies=[needs(Permission.MANAGE_WEBHOOKS)])

WebhookId = Annotated[str, Path(pattern="^wh_[0-9a-f]{32}$", examples=["wh_00000000000000000000000000000000"])]
DeliveryId = Annotated[str, Path(pattern="^msg_[0-9a-f]{32}$", examples=["msg_00000000000000000000000000000000"])]
Kinds = Annotated[
    tuple[str, ...], Field(max_length=len(KINDS), description="Kinds of event, as `dispatched`; empty is every kind.")
]
Departments = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=64)], ...],
    Field(max_length=50, description="Only what concerns one of these; empty is everything."),
]
Url = Annotated[str, Field(min_length=1, max_length=MAX_URL, examples=["https://erp.example.com/hooks/vocloop"])]
Description = Annotated[str, Field(max_length=200)]
_GONE = documented("unknown_webhook", "malformed", *ACCESS)
_ANY = documented("malformed", *ACCESS)
_SENT = ("unreadable_body", "too_large")  # of what takes a body
_GONE_SENT = documented("unknown_webhook", "malformed", *ACCESS, *_SENT)


class _Body(BaseModel):
    model_config = STRICT

    @field_validator("kinds", check_fields=False)
    @classmethod
    def _known(cls, kinds: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if unknown := set(kinds or ()) - set(KINDS):
            raise ValueError(f"{len(unknown)} of them are no kinds of event; see docs/connect/webhooks.md")
        return kinds

    @field_validator("departments", "description", "url", check_fields=False)
    @classmethod
    def _no_nul(cls, given: Any) -> Any:
        if "\x00" in "".join(given or ""):
            raise ValueError("Text with a NUL character cannot be kept")
        return given


class NewWebhook(_Body):
    url: Url
    kinds: Kinds = ()
    departments: Departments = ()
    description: Description = ""


class ChangedWebhook(_Body):
    """What is left out stays."""

    url: Url | None = None
    kinds: Kinds | None = None
    departments: Departments | None = None
    description: Description | None = None
    is_active: bool | None = Field(None, description="Enabled again, it gets what still waits, at once.")


class ReplayBody(_Body):
    since: AwareDatetime = Field(description="Events that the ledger recorded at or after this instant.")


class WebhookView(View):
    """`disabled_why`: operator, gone (it answered 410) or failing (no success for 3 days). It gathers nothing then."""

    webhook_id: str
    url: str
    kinds: tuple[str, ...]
    departments: tuple[str, ...]
    description: str
    created_at: datetime
    created_by: str
    is_active: bool
    disabled_at: datetime | None
    disabled_why: str
    failing_since: datetime | None
    paused_until: datetime | None
    previous_until: datetime | None = Field(description="Until then the secret before the last one signs too.")


class SecretView(WebhookView):
    secret: str = Field(description="Shown this once.", examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookList(View):
    items: tuple[WebhookView, ...]


class AttemptView(View):
    """`status` is 0 when there was no HTTP answer; `error` is "" on success."""

    number: int
    at: datetime
    status: int
    ms: int
    error: str = Field(examples=["timeout"])


class DeliveryView(View):
    delivery_id: str = Field(description="The header `webhook-id`, the same each time.")
    ticket_no: str
    seq: int
    type: str = Field(examples=["com.vocloop.complaint.dispatched.v1"])
    state: Literal["pending", "delivered", "given_up"]
    happened_at: datetime
    created_at: datetime
    attempts: int
    last_status: int
    last_ms: int
    last_error: str
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    delivered_at: datetime | None


class DeliveryPage(View):
    items: tuple[DeliveryView, ...]
    next_cursor: str | None


class WholeDelivery(View):
    delivery: DeliveryView
    data: dict[str, Any]
    attempts: tuple[AttemptView, ...]


class ReplayView(View):
    queued: int
    next_since: datetime | None = Field(description="Ask again from here; null when all is queued.")


_LINKED = links(
    *("show_webhook", "change_webhook", "rotate_secret", "ping", "replay", "list_deliveries", "delete_webhook"),
    webhook_id="$response.body#/webhook_id",
)
_LOGGED = links(
    *("show_delivery", "send_again"),
    webhook_id="$request.path.webhook_id",
    delivery_id="$response.body#/delivery_id",
)


@router.post(
    "",
    status_code=201,
    summary="Subscribe to events",
    responses={201: _LINKED, **documented("malformed", *ACCESS, *_SENT)},
)
async def subscribe(body: NewWebhook, behind: BehindRoutes, who: Who, at: At) -> SecretView:
    """The secret is shown this once; verify every message with it. Every event from now on is sent."""
    _may_be_sent_to(body.url, behind.settings)
    made = await webhooks.subscribe(behind.engine, **body.model_dump(), by=who.id, at=at)
    return _with_secret(made, behind)


@router.get("", summary="All subscriptions", responses=_ANY)
async def list_webhooks(behind: BehindRoutes) -> WebhookList:
    """Those that are disabled, too. No secret is shown."""
    return WebhookList(items=tuple(map(_view, await webhooks.everyone(behind.engine))))


@router.get("/{webhook_id}", summary="One subscription", responses=_GONE)
async def show_webhook(webhook_id: WebhookId, behind: BehindRoutes) -> WebhookView:
    """Without its secret."""
    return _view(_found(await webhooks.get(behind.engine, webhook_id)))


@router.patch("/{webhook_id}", summary="Change a subscription", responses=_GONE_SENT)
async def change_webhook(webhook_id: WebhookId, body: ChangedWebhook, behind: BehindRoutes, at: At) -> WebhookView:
    """What is left out stays."""
    if body.url is not None:
        _may_be_sent_to(body.url, behind.settings)
    given: dict[str, Any] = {
        name: list(v) if isinstance(v, tuple) else v for name, v in body.model_dump(exclude_none=True).items()
    }
    return _view(_found(await webhooks.change(behind.engine, webhook_id, at=at, **given)))


@router.delete("/{webhook_id}", status_code=204, summary="Remove a subscription and its log", responses=_GONE)
async def delete_webhook(webhook_id: WebhookId, behind: BehindRoutes) -> Response:
    """Nothing more is sent, also not what waits."""
    if not await webhooks.unsubscribe(behind.engine, webhook_id):
        raise Problem("unknown_webhook")
    return Response(status_code=204)


@router.post("/{webhook_id}/rotate-secret", summary="Make a new secret", responses=_GONE)
async def rotate_secret(webhook_id: WebhookId, behind: BehindRoutes, at: At) -> SecretView:
    """Messages bear two signatures for 24 hours, by the new secret and by the one before."""
    return _with_secret(_found(await webhooks.rotate(behind.engine, webhook_id, at=at)), behind)


@router.post(
    "/{webhook_id}/ping",
    status_code=202,
    summary="Send a test event",
    responses={202: _LOGGED, **_GONE},
)
async def ping(webhook_id: WebhookId, behind: BehindRoutes, at: At) -> DeliveryView:
    """The log tells how it went."""
    return _delivery(_found(await webhooks.ping(behind.engine, webhook_id, at=at)))


@router.post("/{webhook_id}/replay", status_code=202, summary="Send what was recorded since", responses=_GONE_SENT)
async def replay(webhook_id: WebhookId, body: ReplayBody, behind: BehindRoutes, at: At) -> ReplayView:
    """Under the same ids as before. Some 2,000 events at a time: ask again from `next_since` while there is one."""
    _found(await webhooks.get(behind.engine, webhook_id))
    done = await webhook_replay.replay(behind.engine, webhook_id, since=body.since, at=at)
    return ReplayView(queued=done.queued, next_since=done.next_since)


@router.get("/{webhook_id}/deliveries", summary="The log, newest first", responses=_GONE)
async def list_deliveries(
    webhook_id: WebhookId,
    behind: BehindRoutes,
    state: Annotated[Literal["pending", "delivered", "given_up"] | None, Query()] = None,
    ticket_no: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> DeliveryPage:
    """Follow `next_cursor` until it is null."""
    _found(await webhooks.get(behind.engine, webhook_id))
    filters = {"state": state, "ticket_no": ticket_no, "cursor": cursor}
    try:
        items, more = await webhooks.log_of(behind.engine, webhook_id, **filters, limit=limit)
    except BadCursor:
        how = ("不是本接口给出的游标，请去掉后重查", "It is no cursor of ours; begin again without it")
        raise Problem("malformed", errors=[("query.cursor", how)]) from None
    return DeliveryPage(items=tuple(map(_delivery, items)), next_cursor=more)


@router.get("/{webhook_id}/deliveries/{delivery_id}", summary="One delivery and its attempts", responses=_GONE)
async def show_delivery(webhook_id: WebhookId, delivery_id: DeliveryId, behind: BehindRoutes) -> WholeDelivery:
    """What was sent, and what became of each attempt."""
    delivery, tried = _found(await webhooks.delivery(behind.engine, webhook_id, delivery_id))
    return WholeDelivery(delivery=_delivery(delivery), data=delivery.data, attempts=tuple(map(_attempt, tried)))


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/send-again", status_code=202, summary="Send it again", responses=_GONE
)
async def send_again(webhook_id: WebhookId, delivery_id: DeliveryId, behind: BehindRoutes, at: At) -> DeliveryView:
    """Under the same id, whatever became of it before."""
    return _delivery(_found(await webhooks.send_again(behind.engine, webhook_id, delivery_id, at=at)))


def _found(found: T | None) -> T:
    if found is None:
        raise Problem("unknown_webhook")
    return found


def _may_be_sent_to(url: str, settings: Settings) -> None:
    if how := url_fault(url, allowed=settings.webhook_hosts):
        raise Problem("malformed", errors=[("body.url", how)])


def _view(webhook: Webhook) -> WebhookView:
    return WebhookView.model_validate(webhook._asdict())


def _with_secret(webhook: Webhook, behind: Behind) -> SecretView:
    key = behind.settings.secret_key or secret(behind.settings.home)
    shown = secret_of(key, webhook.webhook_id, webhook.generation)
    return SecretView.model_validate({**webhook._asdict(), "secret": shown})


def _delivery(delivery: Delivery) -> DeliveryView:
    return DeliveryView.model_validate({**delivery._asdict(), "type": type_of(delivery.kind)})


def _attempt(attempt: Attempt) -> AttemptView:
    return AttemptView.model_validate(attempt._asdict())
