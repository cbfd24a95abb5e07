"""Who gets events pushed, what each was sent, and sending it again: for those who look after the connections."""

from typing import Annotated, Literal

from fastapi import Form, Query, Request
from fastapi.responses import Response

from domain.access import Permission
from starter.api import webhooks as api
from starter.api.answers import At
from starter.api.webhooks import ChangedWebhook, DeliveryId, WebhookId
from starter.http.behind import BehindRoutes
from starter.http.principals import Who, needs
from starter.web import pages

router = pages.router()

_MANAGES = [needs(Permission.MANAGE_WEBHOOKS)]
_State = Annotated[Literal["", "pending", "delivered", "given_up"], Query()]
_Cursor = Annotated[str, Query(max_length=400)]


@router.get("/webhooks", dependencies=_MANAGES)
async def show_all(request: Request, who: Who, behind: BehindRoutes) -> Response:
    found = await api.list_webhooks(behind)
    return pages.page(request, who, "webhooks.html", webhooks=found.items)


@router.get("/webhooks/{webhook_id}", dependencies=_MANAGES)
async def show_one(
    request: Request, webhook_id: WebhookId, who: Who, behind: BehindRoutes, state: _State = "", cursor: _Cursor = ""
) -> Response:
    """One subscription and a page of its log, newest first."""
    webhook = await api.show_webhook(webhook_id, behind)
    log = await api.list_deliveries(webhook_id, behind, state=state or None, ticket_no=None, cursor=cursor or None)
    template = "webhooks_log.html" if pages.is_part(request) else "webhooks_one.html"
    return pages.page(request, who, template, webhook=webhook, log=log, state=state, cursor=cursor)


@router.get("/webhooks/{webhook_id}/deliveries/{delivery_id}", dependencies=_MANAGES)
async def show_delivery(
    request: Request, webhook_id: WebhookId, delivery_id: DeliveryId, who: Who, behind: BehindRoutes
) -> Response:
    """Each attempt, first to last."""
    found = await api.show_delivery(webhook_id, delivery_id, behind)
    return pages.page(request, who, "webhooks_delivery.html", webhook_id=webhook_id, found=found)


@router.post("/webhooks/{webhook_id}/ping", dependencies=_MANAGES)
async def ping(request: Request, webhook_id: WebhookId, behind: BehindRoutes, at: At) -> Response:
    await api.ping(webhook_id, behind, at)
    return pages.see_other(request, f"/webhooks/{webhook_id}")


@router.post("/webhooks/{webhook_id}/active", dependencies=_MANAGES)
async def switch(
    request: Request, webhook_id: WebhookId, behind: BehindRoutes, at: At, is_active: Annotated[bool, Form()]
) -> Response:
    """Disable it, or enable it again: it then gets what still waits."""
    await api.change_webhook(webhook_id, ChangedWebhook(is_active=is_active), behind, at)
    return pages.see_other(request, f"/webhooks/{webhook_id}")


@router.post("/webhooks/{webhook_id}/deliveries/{delivery_id}/send-again", dependencies=_MANAGES)
async def send_again(
    request: Request, webhook_id: WebhookId, delivery_id: DeliveryId, behind: BehindRoutes, at: At
) -> Response:
    await api.send_again(webhook_id, delivery_id, behind, at)
    return pages.see_other(request, f"/webhooks/{webhook_id}")
