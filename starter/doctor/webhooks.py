"""Subscribers that get nothing: disabled because they failed or are gone, or waiting for a sender."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import webhook_sending, webhooks
from ledger.webhooks import FAILING, GONE, Webhook
from starter.doctor.ailments import Finding

_FAILING_LONG = timedelta(hours=1)
_UNSENT_LONG = timedelta(minutes=5)


async def silent_webhooks(engine: AsyncEngine, at: datetime) -> list[Finding]:
    """One finding for each subscription that should get events and does not."""
    waiting = await webhook_sending.in_need(engine, holder="", at=at - _UNSENT_LONG)
    found = [_finding(each, at=at, is_waiting=each.webhook_id in waiting) for each in await webhooks.everyone(engine)]
    return [finding for finding in found if finding]


def _finding(webhook: Webhook, *, at: datetime, is_waiting: bool) -> Finding | None:
    if webhook.disabled_at and webhook.disabled_why in (FAILING, GONE):
        why = "it answered 410" if webhook.disabled_why == GONE else "nothing got through for days"
        since = webhook.disabled_at
        what = f"It is disabled since {since:%Y-%m-%d %H:%M} UTC, for {why}, and gathers no events."
        do = "Mend the subscriber; then enable the webhook and replay it from that instant."
        return Finding(code="webhook_disabled", what=what, where=webhook.webhook_id, do=do)
    if webhook.is_active and webhook.failing_since and at - webhook.failing_since > _FAILING_LONG:
        what = f"Nothing gets through to it since {webhook.failing_since:%Y-%m-%d %H:%M} UTC."
        do = "Read its log at /api/v1/webhooks and mend the subscriber; what waits is sent again by itself."
        return Finding(code="webhook_failing", what=what, where=webhook.webhook_id, do=do)
    if is_waiting:
        what = "Its events have waited for minutes and nobody sends them."
        do = "Start a worker (`vocloop up` or `vocloop worker`): it sends the webhooks."
        return Finding(code="webhook_unsent", what=what, where=webhook.webhook_id, do=do)
    return None
