"""The sender of webhooks: a task beside the worker, one lane a subscription, so that none waits for another.

It is no workflow, on purpose: a subscriber that is away costs Temporal nothing (docs/adr/0009).
"""

import asyncio
import logging
import random
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.webhook_post import Origin, Poster, Resolve, resolved
from domain.webhooks import Patience
from ledger import webhook_sending as sending
from ledger.webhook_sending import Result
from ledger.webhooks import Delivery, Webhook

LOOK_EVERY = timedelta(seconds=1)
LEASE = timedelta(seconds=30)  # longer than any round: an answer is waited for 10 seconds
PRUNE_EVERY = timedelta(hours=1)
AT_ONCE = 8  # deliveries under way to one subscriber, each of another ticket

_log = logging.getLogger("vocloop.webhooks")


class WebhookSender:
    """Sends what the ledger holds for subscribers, until cancelled. `holder` names this process among the senders."""

    def __init__(
        self,
        engine: AsyncEngine,
        origin: Origin,
        *,
        holder: str,
        clock: Callable[[], datetime],
        keep_log: timedelta,
        patience: Patience | None = None,
        lease: timedelta = LEASE,
        look_every: timedelta = LOOK_EVERY,
        trust: ssl.SSLContext | None = None,
        resolve: Resolve = resolved,
    ) -> None:
        self._engine, self._origin, self._holder, self._clock = engine, origin, holder, clock
        self._patience = patience or Patience()
        self._keep_log, self._lease, self._look_every = keep_log, lease, look_every
        self._trust, self._resolve = trust or ssl.create_default_context(), resolve
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._pruned_at: datetime | None = None
        self._is_away = False

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        """It runs for as long as this lasts."""
        sending = asyncio.create_task(self.run())
        try:
            yield
        finally:
            sending.cancel()
            await asyncio.wait([sending])

    async def run(self) -> None:
        """Look for work again and again. Only being cancelled ends it; then leases are given back."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(self._look_every.total_seconds())
        finally:
            for lane in self._lanes.values():
                lane.cancel()
            await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _look(self) -> None:
        try:
            await self._start_lanes()
            await self._prune()
            self._is_away = False
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive a database that is away
            if not self._is_away:
                _log.warning("webhooks wait for the ledger and go on: %s", type(error).__name__)
            self._is_away = True

    async def _start_lanes(self) -> None:
        self._lanes = {webhook_id: lane for webhook_id, lane in self._lanes.items() if not lane.done()}
        for webhook_id in await sending.in_need(self._engine, holder=self._holder, at=self._clock()):
            if webhook_id not in self._lanes:
                self._lanes[webhook_id] = asyncio.create_task(self._work(webhook_id))

    async def _work(self, webhook_id: str) -> None:
        """Send to one subscriber while there is something to send."""
        try:
            async with self._poster() as poster:
                while await self._round(webhook_id, poster):
                    pass
        except Exception as error:  # noqa: BLE001 - a lane that fails is begun anew at the next look
            _log.warning("webhook %s waits and goes on: %s", webhook_id, type(error).__name__)
        finally:
            with suppress(Exception):  # it runs out by itself
                await sending.release(self._engine, webhook_id, holder=self._holder)

    def _poster(self) -> Poster:
        return Poster(
            self._origin, patience=self._patience, clock=self._clock, trust=self._trust, resolve=self._resolve
        )

    async def _round(self, webhook_id: str, poster: Poster) -> bool:
        """Send what is due, one event a ticket; whether to go on. To one that is unwell, one event at a time."""
        at = self._clock()
        webhook = await sending.lease(self._engine, webhook_id, holder=self._holder, at=at, until=at + self._lease)
        if webhook is None:
            return False
        limit = 1 if webhook.failures >= self._patience.probe_after else AT_ONCE
        wave = await sending.due(self._engine, webhook_id, at=at, limit=limit)
        if not wave:
            return False
        results = await asyncio.gather(*(self._send(poster, webhook, delivery) for delivery in wave))
        await sending.record(self._engine, webhook, results, at=self._clock(), patience=self._patience)
        return True

    async def _send(self, poster: Poster, webhook: Webhook, delivery: Delivery) -> Result:
        answer = await poster.post(webhook, delivery)
        # The dice spread repeated attempts; nothing secret hangs on them.
        return Result(delivery, answer.status, answer.ms, answer.error, answer.wait, random.random())

    async def _prune(self) -> None:
        at = self._clock()
        if self._pruned_at and at - self._pruned_at < PRUNE_EVERY:
            return
        while await sending.prune(self._engine, before=at - self._keep_log):
            pass
        self._pruned_at = at
