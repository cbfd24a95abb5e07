"""A region's month as one durable entity: every request passes through it one by one, so none can overspend.

The rules are `domain.authority`'s. An update is answered from memory, which Temporal has written down by then; what
changed leaves for the ledger in order.
"""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities import ports
    from domain import authority as rules
    from domain.authority import Account, Answer
    from domain.goodwill import AuthorityTerms, Entry, GoodwillRequest, GoodwillState, NotDone, Word
    from domain.goodwill_outlets import DeskBatch, DeskCall, GoodwillBatch, GoodwillReceipt
    from domain.values import Value

_CALL = timedelta(seconds=30)
_FOR_EVER = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))
_TELLING = timedelta(days=1)  # then the notice centre alone has it
_AFTER_THE_MONTH = timedelta(days=7)  # a retry that was on its way must still find whom it asked
_AT_ONCE = 100  # entries in one batch: small beside what a message may hold


class AuthorityStart(Value):
    """`carried` and `seq` are set by continue-as-new only."""

    region: str
    month: str
    terms: AuthorityTerms
    carried: Account | None = None
    seq: int = 0


@workflow.defn(name="Authority")
class AuthorityWorkflow:
    """State is made in `__init__`: an update may run before `run` does."""

    @workflow.init
    def __init__(self, start: AuthorityStart) -> None:
        self.account = start.carried or Account(region=start.region, month=start.month, terms=start.terms)
        self._seq = start.seq
        self._unrecorded: dict[str, int] = {}  # request id → the number of its last change
        self._untold: list[DeskCall] = []

    @workflow.run
    async def run(self, start: AuthorityStart) -> str:
        going_on = asyncio.create_task(self._record()), asyncio.create_task(self._tell())
        await self._keep_time()
        await asyncio.gather(*going_on)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if not self._is_over():
            workflow.continue_as_new(start.model_copy(update={"carried": self.account, "seq": self._seq}))
        return f"{self.account.spent} fen of {self.account.terms.limit}"

    @workflow.update(description="Ask for goodwill; answers held, or at the desk")
    def ask(self, given: dict[str, Any]) -> GoodwillReceipt:
        """No await and no error: a request is taken whole or refused."""
        now = workflow.now()
        return self._taken(lambda: rules.decide(self.account, GoodwillRequest.model_validate(given), at=now))

    @workflow.update(description="Spend what is held")
    def commit(self, given: dict[str, Any]) -> GoodwillReceipt:
        return self._taken(lambda: rules.commit(self.account, at=workflow.now(), **_said(given)))

    @workflow.update(description="Give back what is held, or withdraw what is at the desk")
    def release(self, given: dict[str, Any]) -> GoodwillReceipt:
        return self._taken(lambda: rules.release(self.account, at=workflow.now(), **_said(given)))

    @workflow.update(description="The desk's word: how many fen it grants; 0 refuses")
    def rule(self, given: dict[str, Any]) -> GoodwillReceipt:
        now = workflow.now()
        return self._taken(lambda: rules.rule(self.account, granted=int(given["granted"]), at=now, **_said(given)))

    @workflow.query(description="The account as it stands")
    def snapshot(self) -> dict[str, Any]:
        return self.account.model_dump(mode="json")

    def _taken(self, decide: Callable[[], Answer]) -> GoodwillReceipt:
        try:
            answer = decide()
        except (ValidationError, KeyError, TypeError, ValueError):
            return GoodwillReceipt(refused=NotDone.MALFORMED, remaining=self.account.remaining)
        self._keep(answer.account)
        seq = self._unrecorded.get(answer.entry.request.request_id, 0) if answer.entry else 0
        return GoodwillReceipt(entry=answer.entry, refused=answer.refusal, remaining=self.account.remaining, seq=seq)

    def _keep(self, account: Account) -> None:
        before = {each.request.request_id: each for each in self.account.entries}
        for entry in account.entries:
            if before.get(entry.request.request_id) != entry:
                self._seq += 1
                self._unrecorded[entry.request.request_id] = self._seq
                self._owe_word(before.get(entry.request.request_id), entry)
        self.account = account

    def _owe_word(self, before: Entry | None, entry: Entry) -> None:
        """The desk is told once that something came to it, and once that it is overdue."""
        if before is None and entry.state is GoodwillState.AT_DESK:
            self._untold.append(DeskCall(entry=entry))
        elif before and entry.is_overdue and not before.is_overdue:
            self._untold.append(DeskCall(entry=entry, is_overdue=True))

    async def _keep_time(self) -> None:
        while not self._must_end():
            due, seen = self._next_look(), self._seq
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(
                    lambda seen=seen: self._seq != seen,  # type: ignore[misc]
                    timeout=max(due - workflow.now(), timedelta()) if due else None,
                    timeout_summary="the next hold that expires, or the desk's clock",
                )
            self._keep(rules.pass_time(self.account, at=workflow.now()))

    def _next_look(self) -> datetime | None:
        """None is when somebody says something: after its last day it waits for the desk alone."""
        due, last = rules.next_due(self.account), self._last_day()
        return due or (last if workflow.now() < last else None)

    def _last_day(self) -> datetime:
        return rules.end_of(self.account) + _AFTER_THE_MONTH

    def _is_over(self) -> bool:
        return workflow.now() >= self._last_day() and rules.is_settled(self.account)

    def _must_end(self) -> bool:
        return self._is_over() or workflow.info().is_continue_as_new_suggested()

    async def _record(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._unrecorded) or self._must_end())
            if not self._unrecorded:
                return
            changed = dict(list(self._unrecorded.items())[:_AT_ONCE])
            await workflow.execute_activity_method(
                ports.Authority.record,
                GoodwillBatch(region=self.account.region, month=self.account.month, entries=self._as_of(changed)),
                start_to_close_timeout=_CALL,
                retry_policy=_FOR_EVER,
                summary=f"{len(changed)} of {self.account.region} {self.account.month}",
            )
            for request_id, seq in changed.items():
                if self._unrecorded.get(request_id) == seq:
                    del self._unrecorded[request_id]

    async def _tell(self) -> None:
        """Apart from the ledger's, so that a mail server that is away keeps no row waiting."""
        while True:
            await workflow.wait_condition(lambda: bool(self._untold) or self._must_end())
            if not self._untold:
                return
            calls, self._untold = self._untold[:_AT_ONCE], self._untold[_AT_ONCE:]
            try:
                await workflow.execute_activity_method(
                    ports.Authority.tell_desk,
                    DeskBatch(region=self.account.region, calls=tuple(calls)),
                    start_to_close_timeout=_CALL,
                    schedule_to_close_timeout=_TELLING,
                    retry_policy=_FOR_EVER,
                    summary=f"{len(calls)} of {self.account.region} {self.account.month}",
                )
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                workflow.logger.warning("the special-claims desk was not written to of %s", len(calls))

    def _as_of(self, changed: dict[str, int]) -> tuple[tuple[int, Entry], ...]:
        known = {each.request.request_id: each for each in self.account.entries}
        return tuple((seq, known[request_id]) for request_id, seq in changed.items())


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {"request_id": str(given["request_id"]), "word": Word.model_validate(given)}
