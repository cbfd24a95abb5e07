"""The ledger port on SQL."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import ports
from domain.outlets import LedgerBatch
from ledger.events import LedgerFork, LedgerGap, append


class SqlLedger(ports.Ledger):
    """`clock` says when a row is recorded, as aware UTC."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._engine, self._clock = engine, clock

    @activity.defn(name="append_to_ledger")
    async def append(self, batch: LedgerBatch) -> int:
        try:
            return await append(self._engine, batch, recorded_at=self._clock())
        except (LedgerGap, LedgerFork) as error:
            raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error
