"""A ledger with a subscriber and a running sender, for tests of webhooks."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.webhook_post import Origin
from activities.webhook_sender import WebhookSender
from domain.webhooks import Patience, secret_of
from ledger import webhooks
from ledger.webhooks import Webhook
from settings import utc_now
from tests.activities.receiver import Receiver

KEY = "a key of the tests"
SOURCE = "https://voc.example.com/api/v1/complaints"
MS = timedelta(milliseconds=1)
QUICK = Patience(first=20 * MS, longest=80 * MS, probe_every=60 * MS, answer_within=500 * MS)


async def subscribed(engine: AsyncEngine, receiver: Receiver, **fields: Any) -> Webhook:
    """A subscription that the receiver verifies."""
    values: dict[str, Any] = {"kinds": (), "departments": (), "description": "", "by": "ops-1", "at": utc_now()}
    webhook = await webhooks.subscribe(engine, **{**values, "url": receiver.url, **fields})
    receiver.secrets.append(secret_of(KEY, webhook.webhook_id, webhook.generation))
    return webhook


def a_sender(
    engine: AsyncEngine,
    *,
    patience: Patience = QUICK,
    clock: Callable[[], datetime] = utc_now,
    allowed: frozenset[str] = frozenset({"127.0.0.1"}),
    **options: Any,
) -> WebhookSender:
    return WebhookSender(
        engine,
        Origin(SOURCE, KEY, allowed),
        holder=secrets.token_hex(4),
        clock=clock,
        keep_log=timedelta(days=30),
        patience=patience,
        **{"look_every": 10 * MS, "lease": timedelta(seconds=1), **options},
    )


@asynccontextmanager
async def sending(engine: AsyncEngine, **options: Any) -> AsyncIterator[None]:
    """A sender at work for as long as this lasts."""
    task = asyncio.create_task(a_sender(engine, **options).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
