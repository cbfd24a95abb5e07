"""The CRM gateway: each state of a complaint, written to the CRM's ticket. The contract is docs/connect/crm.md."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import ports
from activities.crm_adapters.page import CrmAdapter, CrmAway, CrmCannot, CrmRefuses, CrmSaid
from domain import masking
from domain.outlets import CrmBatch, CrmWrite
from ledger import crm_refusals, notes, tickets

PATIENT_TIMES = 6  # refusals of one write before a closed complaint stops asking: some five hours of growing pauses

_log = logging.getLogger(__name__)


class CrmGateway(ports.Crm):
    """Writes states, and what our people wrote. What the CRM refuses for good is kept in the ledger until
    it is taken; `clock` dates it, as aware UTC. `engine` stays the composition root's to close.
    """

    def __init__(self, adapter: CrmAdapter, *, engine: AsyncEngine, clock: Callable[[], datetime]) -> None:
        self._adapter = adapter
        self._engine, self._clock = engine, clock

    @activity.defn(name="write_back_to_crm")
    async def write_back(self, batch: CrmBatch) -> int:
        """Raises "CrmUnavailable", to be repeated, or "CrmRefused", which repeating would not change.

        A write that is refused holds up none of those after it. Of a closed complaint that has been refused often
        enough the refused writes are given up: they stay in the ledger, and the complaint may end.
        """
        refused: dict[CrmWrite, str] = {}
        tries = 0
        for write in batch.writes:
            if why := await self._refusal(write):
                refused[write] = why
                tries = max(tries, await crm_refusals.keep(self._engine, write, why=why, at=self._clock()))
        took = [write.key for write in batch.writes if write not in refused]
        await crm_refusals.taken(self._engine, batch.ticket_no, took)
        if refused:
            await self._end(batch, refused, tries=tries)
        return len(took)

    async def _end(self, batch: CrmBatch, refused: dict[CrmWrite, str], *, tries: int) -> None:
        """Give the refused writes up, where that is due, or raise."""
        is_closed = batch.writes[-1].closing or await crm_refusals.is_closed(self._engine, batch.ticket_no)
        if not is_closed or tries < PATIENT_TIMES:
            raise ApplicationError(
                "; ".join(f"{write.key}: {why}" for write, why in refused.items())[:500],
                type="CrmRefused",
                non_retryable=True,
            )
        await crm_refusals.give_up(self._engine, refused, at=self._clock())
        _log.warning("The CRM refuses %s for good; `vocloop ledger send-again` sends what it lacks.", batch.ticket_no)

    async def _refusal(self, write: CrmWrite) -> str:
        """Why the CRM will never take it, or ""."""
        try:
            await self._adapter.write(write)
            if write.notes:
                await self._tell(write)
        except CrmRefuses as refusal:
            return str(refusal)[:64]
        except CrmAway as away:
            why = f"{write.key}: {away}"
            raise ApplicationError(why, type="CrmUnavailable", next_retry_delay=away.wait) from away
        return ""

    async def _tell(self, write: CrmWrite) -> None:
        """Put the notes on the ticket. Each is read now: one that was erased meanwhile is none."""
        ticket = await tickets.get(self._engine, write.ticket_no)
        for note in write.notes:
            kept = await notes.get(self._engine, note.note_id)
            # A note of another ticket would be somebody else's secret.
            if kept is None or not kept.text or kept.ticket_no != write.ticket_no:
                continue
            of_it = note.model_dump(include={"key", "seq", "at", "kind", "by"})
            text = masking.told(kept.text, ticket)
            try:
                await self._adapter.tell(CrmSaid(ticket_no=write.ticket_no, text=text, **of_it))
            except CrmCannot as cannot:
                _log.info("%s: %s gets none.", cannot, write.ticket_no)
                return


class NoCrm(ports.Crm):
    """No CRM is connected: the ledger alone keeps the states."""

    def __init__(self) -> None:
        self._is_said = False

    @activity.defn(name="write_back_to_crm")
    async def write_back(self, batch: CrmBatch) -> int:  # noqa: ARG002
        if not self._is_said:
            self._is_said = True
            _log.warning("No CRM is connected; set VOCLOOP_CRM_URL to have states written back.")
        return 0
