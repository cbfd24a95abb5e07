"""The CRM gateway: each state of a complaint, written to the CRM's ticket. The contract is docs/connect/crm.md."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import ports
from domain.outlets import CrmBatch, CrmWrite
from ledger import crm_refusals

TIMEOUT = httpx2.Timeout(10.0, connect=3.0)  # seconds; a CRM that hangs is tried again by the pump
LONGEST_WAIT = timedelta(hours=1)  # a CRM that asks for a year of patience is asked again sooner
PATIENT_TIMES = 6  # refusals of one write before a closed complaint stops asking: some five hours of growing pauses

# A rejected token is for the operator to mend and a time-out for the CRM; neither is a reason to lose a write.
_WORTH_REPEATING = frozenset({401, 403, 408, 425, 429})

_log = logging.getLogger(__name__)


class HttpCrm(ports.Crm):
    """Speaks to a CRM over HTTP. `client` and `engine` stay the composition root's to close.

    What the CRM refuses for good is kept in the ledger until it is taken; `clock` dates it, as aware UTC.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: str,
        client: httpx2.AsyncClient,
        engine: AsyncEngine,
        clock: Callable[[], datetime],
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = client
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
            if why := await self._put(write):
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

    async def _put(self, write: CrmWrite) -> str:
        """Why the CRM will never take it, or ""."""
        try:
            response = await self._client.put(
                f"{self._base_url}/tickets/{write.ticket_no}/state",
                json=write.model_dump(mode="json", exclude={"key", "ticket_no"}),
                headers={**self._headers, "Idempotency-Key": write.key},
                timeout=TIMEOUT,
            )
        except httpx2.TransportError as error:
            raise _unavailable(write, type(error).__name__) from error
        return _refusal(write, response)


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


def _refusal(write: CrmWrite, response: httpx2.Response) -> str:
    status = response.status_code
    if response.is_success:
        return ""
    if status == httpx2.codes.CONFLICT:
        _log.info("The CRM already has a later state than %s.", write.key)
        return ""
    if 400 <= status < 500 and status not in _WORTH_REPEATING:
        return f"HTTP {status}"
    raise _unavailable(write, f"HTTP {status}", wait=_retry_after(response))


def _unavailable(write: CrmWrite, why: str, *, wait: timedelta | None = None) -> ApplicationError:
    return ApplicationError(f"{write.key}: {why}", type="CrmUnavailable", next_retry_delay=wait)


def _retry_after(response: httpx2.Response) -> timedelta | None:
    """How long the CRM asks us to wait; a date counts from the CRM's own `Date`, so no clock of ours is read."""
    asked = response.headers.get("Retry-After", "")
    if asked.isascii() and asked.isdigit():
        return min(timedelta(seconds=int(asked[:9])), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return min(max(wait, timedelta()), LONGEST_WAIT)
