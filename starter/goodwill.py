"""The door to goodwill: a request is kept, then brought to its region's month, which alone decides.

Asked again under the same id it is the same request to the same month, also after the month's end and a lost answer.
"""

import asyncio
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from domain.authority import month_of
from domain.command_values import Actor
from domain.goodwill import AuthorityTerms, GoodwillKind, GoodwillRequest, NotDone, Word
from domain.goodwill_outlets import GoodwillReceipt
from domain.like_cases import Spread, spreads
from domain.ticket import Ticket
from ledger import goodwill
from ledger.goodwill import GoodwillRow
from ledger.search_words import in_one
from policy.authorities import Authorities
from workflows import names
from workflows.authority import AuthorityStart, AuthorityWorkflow

ANSWER_WITHIN = timedelta(seconds=5)
GIVEN_UP_AFTER = ANSWER_WITHIN * 2  # the call's own end comes first, and leaves nothing behind
AT_ONCE = 8  # under way to Temporal: it takes ten updates of one workflow at once, and turns the next away for a while
LOST_AFTER = timedelta(seconds=10)


class UnknownRegion(LookupError):  # noqa: N818  It names what is wrong.
    """The policy names no such region."""


class Goodwill:
    """`secret` keys the digests of customers and vehicles."""

    def __init__(
        self, client: Client, engine: AsyncEngine, authorities: Authorities, *, task_queue: str, secret: str
    ) -> None:
        self._client, self._engine, self._authorities = client, engine, authorities
        self._task_queue, self._secret = task_queue, secret
        self._at_once = asyncio.Semaphore(AT_ONCE)

    @property
    def desk(self) -> str:
        """The department whose managers answer for the special-claims desk."""
        return self._authorities.desk

    def month(self, at: datetime) -> str:
        return month_of(at, zone=self._authorities.zone)

    async def like_cases(self, *, at: datetime) -> tuple[Spread, ...]:
        """Of what was asked for in this month and those before it that the policy compares."""
        rules = self._authorities.likeness
        paid = await goodwill.paid_since(self._engine, self.month_before(at, months=rules.months - 1))
        return spreads(paid, least=rules.least, fence_percent=rules.fence_percent)

    def month_before(self, at: datetime, *, months: int) -> str:
        year, month = map(int, self.month(at).split("-"))
        count = year * 12 + month - 1 - months
        return f"{count // 12:04}-{count % 12 + 1:02}"

    def limit(self, region: str, month: str) -> int:
        """In fen; 0 of a region that is not there."""
        terms = self._authorities.terms(region, at=datetime.fromisoformat(f"{month}-15T00:00:00+00:00"))
        return terms.limit if terms else 0

    async def ask(
        self,
        ticket: Ticket,
        *,
        region: str,
        kind: GoodwillKind,
        fen: int,
        by: Actor,
        request_id: str,
        at: datetime,
        note_id: str = "",
    ) -> GoodwillReceipt:
        """Held, or at the desk. Raises UnknownRegion, and what a call to Temporal raises: the request is kept then, and
        brought by the next sweep.
        """
        if self._authorities.terms(region, at=at) is None:
            raise UnknownRegion(region)
        request = GoodwillRequest(
            request_id=request_id,
            ticket_no=ticket.ticket_no,
            matter_keys=self._keys(ticket),
            kind=kind,
            fen=fen,
            asked_by=by.id or by.role,
            asked_as=by,
            at=at,
        )
        month = self.month(at)
        row = await goodwill.keep(self._engine, request, region=region, month=month, note_id=note_id)
        said = (region, ticket.ticket_no, kind, fen, request.asked_by)
        if (row.region, row.ticket_no, row.kind, row.fen, row.asked_by) != said:
            return GoodwillReceipt(entry=row.entry, refused=NotDone.ID_USED)
        return await self._bring(row, by)

    async def commit(self, request_id: str, *, by: Actor) -> GoodwillReceipt:
        """Spend what is held. Raises what a call to Temporal raises."""
        return await self._tell(request_id, "commit", Word(actor=by))

    async def release(self, request_id: str, *, by: Actor) -> GoodwillReceipt:
        """Give it back, or withdraw it from the desk. Raises what a call to Temporal raises."""
        return await self._tell(request_id, "release", Word(actor=by))

    async def rule(self, request_id: str, *, granted: int, by: Actor, note_id: str = "") -> GoodwillReceipt:
        """The desk's word, in fen, and the note that says why. Raises what a call to Temporal raises."""
        return await self._tell(request_id, "rule", Word(actor=by, note_id=note_id), granted=granted)

    async def sweep(self, *, at: datetime) -> int:
        """Bring what was kept and never answered; how many. Raises what a call to Temporal raises."""
        rows = await goodwill.unanswered(self._engine, before=at - LOST_AFTER)
        for row in rows:
            await self._bring(row)
        return len(rows)

    async def _bring(self, row: GoodwillRow, by: Actor | None = None) -> GoodwillReceipt:
        terms = self._authorities.terms(row.region, at=row.asked_at)
        if terms is None:
            raise UnknownRegion(row.region)
        request = (await self._as_kept(row, terms)).model_copy(update={"asked_as": by})
        start = WithStartWorkflowOperation(
            AuthorityWorkflow.run,
            AuthorityStart(region=row.region, month=row.month, terms=terms),
            id=names.authority_id(row.region, row.month),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"{row.region} {row.month}",
        )
        async with self._at_once, asyncio.timeout(GIVEN_UP_AFTER.total_seconds()):
            receipt: GoodwillReceipt = await self._client.execute_update_with_start_workflow(
                AuthorityWorkflow.ask,
                request.model_dump(mode="json"),
                start_workflow_operation=start,
                rpc_timeout=ANSWER_WITHIN,
            )
        return await self._recorded(row, receipt)

    async def _recorded(self, row: GoodwillRow, receipt: GoodwillReceipt) -> GoodwillReceipt:
        """Whoever was answered finds it in the ledger, before the workflow's own record of it has come."""
        if receipt.entry and (receipt.seq or row.entry is None):
            await goodwill.stands(self._engine, ((receipt.seq, receipt.entry),))
        return receipt

    async def _as_kept(self, row: GoodwillRow, terms: AuthorityTerms) -> GoodwillRequest:
        keys = await goodwill.keys_of(self._engine, row.request_id)
        since = row.asked_at - terms.splitting_window
        return GoodwillRequest(
            request_id=row.request_id,
            ticket_no=row.ticket_no,
            matter_keys=keys,
            kind=GoodwillKind(row.kind),
            fen=row.fen,
            asked_by=row.asked_by,
            at=row.asked_at,
            alike=await goodwill.alike(self._engine, row.ticket_no, keys, since=since, but=row.request_id),
        )

    async def _tell(self, request_id: str, what: str, word: Word, **said: Any) -> GoodwillReceipt:
        row = await goodwill.get(self._engine, request_id)
        if row is None:
            return GoodwillReceipt(refused=NotDone.UNKNOWN)
        handle = self._client.get_workflow_handle(names.authority_id(row.region, row.month))
        given = {"request_id": request_id, **word.model_dump(mode="json"), **said}
        try:
            async with self._at_once, asyncio.timeout(GIVEN_UP_AFTER.total_seconds()):
                receipt: GoodwillReceipt = await handle.execute_update(
                    what, given, result_type=GoodwillReceipt, rpc_timeout=ANSWER_WITHIN
                )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return GoodwillReceipt(entry=row.entry, refused=NotDone.NOT_HELD)  # its month is over and settled
        return await self._recorded(row, receipt)

    def _keys(self, ticket: Ticket) -> tuple[str, ...]:
        """Of the customer's phone and the VIN, keyed: nobody can try numbers out on the ledger."""
        said = [in_one(each) for each in (ticket.customer.phone, ticket.vehicle.vin) if each]
        return tuple(hmac.new(self._secret.encode(), each.encode(), hashlib.sha256).hexdigest() for each in said)
