"""What is done with the CRM beside writing back: reading its tickets, comparing its states. For duties and the CLI."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.crm_adapters.page import CrmAdapter, CrmCannot, Position
from activities.crm_polling import OVERLAP, Polled, poll
from activities.crm_reconciling import Reconciled, reconcile
from activities.duties import Duty
from policy.red_lines import RedLines

_LOOKS_BACK = timedelta(days=3)  # for tickets whose creation we were never told
_NOBODYS = "vocloop-check"

_log = logging.getLogger(__name__)


class CrmDesk:
    """Of one connection, whose cursor goes by its name. `engine` stays the composition root's to close."""

    def __init__(
        self,
        adapter: CrmAdapter,
        *,
        engine: AsyncEngine,
        connection: str,
        clock: Callable[[], datetime],
        red_lines: RedLines | None = None,
    ) -> None:
        self.adapter, self._engine, self._red_lines = adapter, engine, red_lines
        self._connection, self._clock = connection, clock

    async def poll(self, *, since: datetime | None = None) -> Polled:
        """Raises CrmAway and CrmCannot."""
        return await self._poll(at=self._clock(), since=since)

    async def _poll(self, *, at: datetime, since: datetime | None = None, overlap: timedelta = OVERLAP) -> Polled:
        name, words = self._connection, self._red_lines
        return await poll(
            self.adapter, self._engine, connection=name, at=at, since=since, overlap=overlap, red_lines=words
        )

    async def reconcile(self, *, is_dry: bool = False) -> Reconciled:
        """Also the other way: tickets of the last days that we never heard of are taken. Raises CrmAway, CrmCannot."""
        at = self._clock()
        taken = 0 if is_dry else await self._lost(at)
        done = await reconcile(self.adapter, self._engine, at=at, is_dry=is_dry)
        return done.model_copy(update={"taken": taken})

    async def _lost(self, at: datetime) -> int:
        try:
            return (await self._poll(at=at, overlap=_LOOKS_BACK)).taken
        except CrmCannot:
            return 0  # it tells us by itself, and cannot be asked

    async def check(self) -> tuple[str, ...]:
        """Ask it for what nobody has: a line for each thing this CRM offers or does not. Raises CrmAway."""
        said = []
        for what, ask in {"tickets can be read": self._list, "states can be compared": self._states}.items():
            try:
                await ask()
                said.append(f"yes: {what}")
            except CrmCannot as cannot:
                said.append(f"no: {what}. {cannot}.")
        return tuple(said)

    async def _list(self) -> None:
        await self.adapter.tickets_after(Position(at=self._clock().astimezone(UTC)), limit=1)

    async def _states(self) -> None:
        await self.adapter.states([_NOBODYS])

    def duties(self, *, is_polling: bool) -> dict[str, Duty]:
        """For the worker's table."""
        polling: dict[str, Duty] = {"crm_poll": self.poll_duty} if is_polling else {}
        return {"crm_reconcile": self.reconcile_duty, **polling}

    async def poll_duty(self, _due_at: datetime) -> str:
        """Once a minute. A CRM that is away is asked again by the duty's retries."""
        try:
            return (await self.poll()).sentence
        except CrmCannot as cannot:
            return _undone("VOCLOOP_CRM_POLL is set, and the tickets cannot be read", cannot)

    async def reconcile_duty(self, _due_at: datetime) -> str:
        """Once a day."""
        try:
            return (await self.reconcile()).sentence
        except CrmCannot as cannot:
            return _undone("the CRM's states cannot be compared", cannot)


def _undone(what: str, why: CrmCannot) -> str:
    _log.warning("%s: %s", what, why)
    return f"{what}: {why}"
