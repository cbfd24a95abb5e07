"""Who gets events pushed: subscribing, changing, the secret shown once, what each was sent, and sending it again."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from domain.access import Permission
from domain.webhooks import KINDS
from domain.wording import Both
from starter.api import webhooks as api
from starter.api.answers import At
from starter.api.webhooks import ChangedWebhook, DeliveryId, NewWebhook, SecretView, WebhookId, WebhookView
from starter.http.behind import Behind, BehindRoutes
from starter.http.principals import Principal, Who, needs
from starter.http.problems import Problem
from starter.web import pages

T = TypeVar("T", bound=WebhookView)

router = pages.router()

_MANAGES = [needs(Permission.MANAGE_WEBHOOKS)]
_State = Annotated[Literal["", "pending", "delivered", "given_up"], Query()]
_Cursor = Annotated[str, Query(max_length=400)]
_Typed = Annotated[str, StringConstraints(strip_whitespace=True)]


class Filled(BaseModel):
    """A form as somebody filled it in, right or wrong."""

    model_config = ConfigDict(frozen=True)

    url: _Typed = ""
    kinds: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    description: _Typed = ""


@router.get("/webhooks", dependencies=_MANAGES)
async def show_all(request: Request, who: Who, behind: BehindRoutes) -> Response:
    found = await api.list_webhooks(behind)
    return pages.page(request, who, "webhooks.html", webhooks=found.items)


@router.get("/webhooks/new", dependencies=_MANAGES)
async def show_new(request: Request, who: Who, behind: BehindRoutes) -> Response:
    return _form(request, who, behind, Filled())


@router.post("/webhooks", dependencies=_MANAGES)
async def subscribe(
    request: Request, filled: Annotated[Filled, Form()], who: Who, behind: BehindRoutes, at: At
) -> Response:
    """Subscribed, with its secret; or the form again, with what is wrong."""

    async def made() -> SecretView:
        return await api.subscribe(NewWebhook(**filled.model_dump()), behind, who, at)

    taken, faults = await _taken(made)
    return _secret(request, who, taken, status=201) if taken else _form(request, who, behind, filled, faults=faults)


@router.get("/webhooks/{webhook_id}", dependencies=_MANAGES)
async def show_one(
    request: Request, webhook_id: WebhookId, who: Who, behind: BehindRoutes, state: _State = "", cursor: _Cursor = ""
) -> Response:
    """One subscription and a page of its log, newest first."""
    webhook = await api.show_webhook(webhook_id, behind)
    log = await api.list_deliveries(webhook_id, behind, state=state or None, ticket_no=None, cursor=cursor or None)
    template = "webhooks_log.html" if pages.is_part(request) else "webhooks_one.html"
    return pages.page(request, who, template, webhook=webhook, log=log, state=state, cursor=cursor)


@router.get("/webhooks/{webhook_id}/edit", dependencies=_MANAGES)
async def show_edit(request: Request, webhook_id: WebhookId, who: Who, behind: BehindRoutes) -> Response:
    webhook = await api.show_webhook(webhook_id, behind)
    return _form(request, who, behind, Filled(**webhook.model_dump(include={*Filled.model_fields})), webhook=webhook)


@router.post("/webhooks/{webhook_id}/edit", dependencies=_MANAGES)
async def change(
    request: Request,
    webhook_id: WebhookId,
    filled: Annotated[Filled, Form()],
    who: Who,
    behind: BehindRoutes,
    at: At,
) -> Response:
    webhook = await api.show_webhook(webhook_id, behind)

    async def changed() -> WebhookView:
        return await api.change_webhook(webhook_id, ChangedWebhook(**filled.model_dump()), behind, at)

    taken, faults = await _taken(changed)
    if taken is None:
        return _form(request, who, behind, filled, webhook=webhook, faults=faults)
    return pages.see_other(request, f"/webhooks/{webhook_id}")


@router.post("/webhooks/{webhook_id}/rotate", dependencies=_MANAGES)
async def rotate(request: Request, webhook_id: WebhookId, who: Who, behind: BehindRoutes, at: At) -> Response:
    """The new secret, this once."""
    return _secret(request, who, await api.rotate_secret(webhook_id, behind, at))


@router.post("/webhooks/{webhook_id}/delete", dependencies=_MANAGES)
async def delete(request: Request, webhook_id: WebhookId, behind: BehindRoutes) -> Response:
    """With its log."""
    await api.delete_webhook(webhook_id, behind)
    return pages.see_other(request, "/webhooks")


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


_Faults = Mapping[str, Both | None]  # by field; None where the page itself has the word for it


async def _taken(act: Callable[[], Awaitable[T]]) -> tuple[T | None, _Faults]:
    """What the API made of the form, or which fields are wrong. Raises every other problem."""
    try:
        return await act(), {}
    except ValidationError as error:
        return None, {str(each["loc"][0]): None for each in error.errors()}
    except Problem as problem:
        if problem.code != "malformed":
            raise
        return None, {where.removeprefix("body."): how for where, how in problem.errors}


def _form(
    request: Request,
    who: Principal,
    behind: Behind,
    filled: Filled,
    *,
    webhook: WebhookView | None = None,
    faults: _Faults | None = None,
) -> Response:
    """To subscribe, or to change `webhook`; with what is wrong beside the fields it is wrong with."""
    context: dict[str, Any] = {
        **{"filled": filled, "webhook": webhook, "faults": faults or {}},
        **{"kinds": KINDS, "departments": [each.id for each in behind.files.departments]},
    }
    return pages.page(request, who, "webhooks_form.html", status=422 if faults else 200, **context)


def _secret(request: Request, who: Principal, made: SecretView, *, status: int = 200) -> Response:
    return pages.page(request, who, "webhooks_secret.html", status=status, made=made)
