"""The one door to Temporal: open a complaint, submit a command, look at one, deliver what was left lying.

Every request is first a row in our inbox, under a key that is unique for ever, and only then a call to Temporal. So a
ticket or a command is taken while Temporal is down, and a repeated one is recognised years later.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.complaint import Stage
from domain.receipts import Receipt, receipt_for
from domain.refusals import Refusal
from domain.ticket import Ticket
from ledger import inbox, policies, queries, red_lines, tickets
from ledger.inbox import COMMAND, TICKET, InboxRow, Kept
from policy.reading import PolicyFiles
from policy.red_lines import RedLines, load_red_lines
from policy.statutory import Statutes, load_statutes
from starter.vehicle_news import known_of
from workflows import names
from workflows.carrying import ComplaintStart
from workflows.complaint import ComplaintWorkflow

ANSWER_WITHIN = timedelta(seconds=3)  # then the command goes on as a signal, and the caller is told so
READABLE_WITHIN = timedelta(seconds=2)
CALL_WITHIN = timedelta(seconds=3)  # bounded by us, too: the SDK goes on calling an absent server for ten seconds
# What a call to Temporal raises; RuntimeError is a client's that has not been able to connect yet.
_NOT_BROUGHT = (RPCError, OSError, RuntimeError)
# What it meets when nobody answers at all.
_AWAY = frozenset({RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED})


class Admission(StrEnum):
    """What became of a ticket: NEW, SAME (it exists, with the same content), or CONFLICT (with another content)."""

    NEW = "new"
    SAME = "same"
    CONFLICT = "conflict"


class UnknownComplaintError(LookupError):
    """No ticket of this number was ever taken."""


class KeyReusedError(ValueError):
    """The same command id came before, with another content."""


class Complaints:
    """`engine` is the ledger's, `files` and `statutes` the policy's; `client` carries the plugin's converter."""

    def __init__(
        self,
        client: Client,
        engine: AsyncEngine,
        files: PolicyFiles,
        *,
        task_queue: str,
        statutes: Statutes | None = None,
        red_lines: RedLines | None = None,
    ) -> None:
        self._client, self._engine, self._files = client, engine, files
        self._task_queue, self._statutes = task_queue, statutes or load_statutes()
        self._red_lines = red_lines or load_red_lines()

    async def open(self, ticket: Ticket, *, received_at: datetime) -> Admission:
        """Take the ticket for good and start its complaint, now or, when Temporal is away, by the next sweep."""
        matters = await asyncio.to_thread(self._red_lines.in_ticket, ticket, at=received_at)
        taken = await inbox.take_ticket(
            self._engine, ticket, received_at=received_at, key=_ticket_key(ticket.ticket_no), matters=matters
        )
        if taken.kept is Kept.NEW:
            await self._deliver(taken.row, at=received_at)
        return Admission(taken.kept)

    async def submit(
        self, ticket_no: str, name: str, body: Mapping[str, Any], *, command_id: str, received_at: datetime
    ) -> Receipt | None:
        """The receipt, or None when the command is queued: it will be decided as received at `received_at`.

        Raises UnknownComplaintError, and KeyReusedError when `command_id` came before with another content.
        """
        if await tickets.get(self._engine, ticket_no) is None:
            raise UnknownComplaintError(ticket_no)
        taken = await inbox.take(
            self._engine,
            key=f"command:{ticket_no}:{command_id}",
            kind=COMMAND,
            ticket_no=ticket_no,
            name=name,
            body={**body, "command_id": command_id},
            received_at=received_at,
        )
        if taken.kept is Kept.CONFLICT:
            raise KeyReusedError(command_id)
        receipt = await self._deliver(taken.row, at=received_at, ask=True)
        if receipt:
            await self._readable(ticket_no, receipt.seq)
        return receipt

    async def _readable(self, ticket_no: str, seq: int) -> None:
        """Wait until the ledger shows what was answered, a moment at most: who asks now looks at once."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READABLE_WITHIN.total_seconds()):
                while await queries.last_seq(self._engine, ticket_no) < seq:  # noqa: ASYNC110 - written by the worker
                    await asyncio.sleep(0.02)

    async def snapshot(self, ticket_no: str) -> dict[str, Any]:
        """The workflow's own account of the complaint, as plain JSON without its policy."""
        return await self._handle(ticket_no).query(ComplaintWorkflow.snapshot, rpc_timeout=CALL_WITHIN)

    async def sweep(self, *, at: datetime, older_than: timedelta = timedelta(), limit: int = 100) -> int:
        """Deliver what lies in the inbox, oldest first; returns how many went. Stops while Temporal is away."""
        delivered = 0
        for row in await inbox.undelivered(self._engine, before=at - older_than, limit=limit):
            try:
                await self._bring(row, at=at, ask=False)
            except _NOT_BROUGHT as error:
                if _is_away(error):
                    break
            else:
                delivered += 1
        return delivered

    async def _deliver(self, row: InboxRow, *, at: datetime, ask: bool = False) -> Receipt | None:
        """Bring one inbox row to Temporal; when that fails it stays for the sweep."""
        with contextlib.suppress(*_NOT_BROUGHT):
            return await self._bring(row, at=at, ask=ask)
        return None

    async def _bring(self, row: InboxRow, *, at: datetime, ask: bool) -> Receipt | None:
        """Bring one inbox row to Temporal. One of _NOT_BROUGHT is written into the row as well as raised."""
        try:
            receipt = await (self._start(row) if row.kind == TICKET else self._send(row, ask=ask))
        except _NOT_BROUGHT as error:
            await inbox.failed(self._engine, row.key, error=type(error).__name__, at=at)
            raise
        await inbox.delivered(self._engine, row.key, at=at)
        return receipt

    async def _start(self, row: InboxRow) -> None:
        """Idempotent: a complaint that runs or has run is left as it is."""
        ticket = await tickets.get(self._engine, row.ticket_no)
        if ticket is None:
            raise UnknownComplaintError(row.ticket_no)
        policy = self._files.policy_at(row.received_at)
        await policies.keep(self._engine, policy)
        facts = ticket.facts(received_at=row.received_at, matrix=policy.matrix)
        known = await known_of(self._engine, self._statutes, ticket.vehicle.vin, at=row.received_at)
        if known:
            facts = facts.model_copy(update={"case": facts.case.merged(known)})
        told = await red_lines.told_by_words(self._engine, row.ticket_no)
        if told:  # the matters' codes: a level 5 at once, until CX says otherwise
            facts = facts.model_copy(update={"case": facts.case.model_copy(update={"red_line_words": told})})
        with contextlib.suppress(WorkflowAlreadyStartedError):
            async with asyncio.timeout(CALL_WITHIN.total_seconds()):
                await self._client.start_workflow(
                    ComplaintWorkflow.run,
                    ComplaintStart(ticket=facts, policy=policy, together=True),
                    id=names.workflow_id(row.ticket_no),
                    task_queue=self._task_queue,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    static_summary=f"{row.ticket_no}: {', '.join(facts.tags) or 'for triage'}"[:200],
                    rpc_timeout=CALL_WITHIN,
                )

    async def _send(self, row: InboxRow, *, ask: bool) -> Receipt | None:
        """As an update when somebody waits for the answer; as the signal of the same name when none comes in time."""
        handle = self._handle(row.ticket_no)
        envelope = {**row.body, "received_at": row.received_at.isoformat()}
        try:
            if ask and (receipt := await self._asked(handle, row.name, envelope)):
                return receipt
            async with asyncio.timeout(CALL_WITHIN.total_seconds()):
                await handle.signal(row.name, envelope, rpc_timeout=CALL_WITHIN)
        except (RPCError, WorkflowUpdateFailedError) as error:
            closed = await self._receipt_of_closed(row)
            if closed is None:
                raise error if isinstance(error, RPCError) else OSError("the update was refused") from error
            return closed
        return None

    async def _asked(self, handle: WorkflowHandle[Any, Any], name: str, envelope: Mapping[str, Any]) -> Receipt | None:
        """The answer to an update, or None when none comes in time."""
        with contextlib.suppress(WorkflowUpdateRPCTimeoutOrCancelledError, TimeoutError):
            async with asyncio.timeout(ANSWER_WITHIN.total_seconds()):
                receipt: Receipt = await handle.execute_update(
                    name, envelope, result_type=Receipt, rpc_timeout=ANSWER_WITHIN
                )
                return receipt
        return None

    async def _receipt_of_closed(self, row: InboxRow) -> Receipt | None:
        """A closed complaint has no workflow any more to answer; the ledger knows."""
        found = await queries.complaint(self._engine, row.ticket_no)
        if found is None or found.stage is not Stage.CLOSED:
            return None
        command_id = str(row.body["command_id"])
        if command_id in found.seen:
            return receipt_for(found, command_id, is_duplicate=True)
        return Receipt(
            command_id=command_id,
            accepted=False,
            code=Refusal.CLOSED,
            seq=found.seq,
            stage=found.stage,
            owner=found.owner,
        )

    def _handle(self, ticket_no: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(names.workflow_id(ticket_no))


def _is_away(error: Exception) -> bool:
    return isinstance(error, RuntimeError | TimeoutError) or (isinstance(error, RPCError) and error.status in _AWAY)


def _ticket_key(ticket_no: str) -> str:
    return f"ticket:{ticket_no}"
