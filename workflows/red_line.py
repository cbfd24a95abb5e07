"""A red line beside the loop: it calls until somebody acknowledges, and ends by the decision-makers' word alone.

The rules are `domain.red_line`'s. What happened leaves for the ledger in order; calls go out beside that, so that a
mail server that is away keeps no decision from being recorded.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities import ports
    from domain import red_line as rules
    from domain.outlets import Audience, Notice, NoticeBatch, NoticeKind
    from domain.red_line import Containment, Happening, Order, Origin, RedLine, Refused, Step, What
    from domain.red_line_outlets import RedLineBatch, RedLineCall, RedLineReceipt
    from domain.values import Value

_CALL = timedelta(seconds=30)
_TOLD_WITHIN = timedelta(hours=6)  # then the notice centre says that it went to nobody
_FOR_EVER = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1))
_SOON = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


class RedLineStart(Value):
    """`carried` is set by continue-as-new only."""

    origin: Origin
    carried: RedLine | None = None


@workflow.defn(name="RedLine")
class RedLineWorkflow:
    """State is made in `__init__`: an update may run before `run` does."""

    @workflow.init
    def __init__(self, start: RedLineStart) -> None:
        self._unrecorded: list[Happening] = []
        self._undone: list[Happening] = []  # what calls for an act outside
        self._acting = 0
        self.red_line: RedLine
        if start.carried:
            self.red_line = start.carried
        else:
            self._keep(rules.begin(start.origin, at=workflow.now()))

    @workflow.run
    async def run(self, start: RedLineStart) -> str:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._record())
            group.create_task(self._act(group))
            await self._keep_time()
        if self.red_line.closed_at is None:
            workflow.continue_as_new(start.model_copy(update={"carried": self.red_line}))
        return str(self.red_line.review or "")

    @workflow.update(description="Acknowledge, decide or close; answers with a receipt")
    def order(self, given: dict[str, Any]) -> RedLineReceipt:
        """No await and no error: an order is taken whole or refused."""
        try:
            step = rules.take(self.red_line, Order.model_validate(given), at=workflow.now())
        except ValidationError:
            return RedLineReceipt(seq=self.red_line.seq, refused=Refused.MALFORMED)
        self._keep(step)
        return RedLineReceipt(seq=self.red_line.seq, refused=step.refused)

    @workflow.query(description="The red line as it stands")
    def snapshot(self) -> dict[str, Any]:
        return self.red_line.model_dump(mode="json")

    def _keep(self, step: Step) -> None:
        self.red_line = step.red_line
        self._unrecorded += step.happened
        self._undone += (each for each in step.happened if self._calls_for_an_act(each))

    def _calls_for_an_act(self, happening: Happening) -> bool:
        """No customer hears of a drill."""
        is_advice = happening.containment is Containment.STOP_DRIVE and not self.red_line.origin.is_drill
        return is_advice or happening.what is What.CALLED

    async def _keep_time(self) -> None:
        while True:
            self._keep(rules.settle(self.red_line, at=workflow.now()))
            if self._is_over() or workflow.info().is_continue_as_new_suggested():
                return
            due, seq = self.red_line.next_call_at, self.red_line.seq
            with contextlib.suppress(TimeoutError):
                await workflow.wait_condition(
                    partial(self._has_moved, seq, due),
                    timeout=due - workflow.now() if due else None,
                    timeout_summary="the next call",
                )

    def _has_moved(self, seq: int, due: datetime | None) -> bool:
        return (self.red_line.seq, self.red_line.next_call_at) != (seq, due)

    def _is_over(self) -> bool:
        return self.red_line.closed_at is not None

    def _must_end(self) -> bool:
        return self._is_over() or workflow.info().is_continue_as_new_suggested()

    async def _record(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._unrecorded) or (self._must_end() and self._is_idle()))
            if not self._unrecorded:
                return
            batch = RedLineBatch(state=self.red_line, happened=tuple(self._unrecorded))
            await workflow.execute_activity_method(
                ports.RedLines.record,
                batch,
                start_to_close_timeout=_CALL,
                retry_policy=_FOR_EVER,
                summary=", ".join(dict.fromkeys(each.what for each in batch.happened)),
            )
            del self._unrecorded[: len(batch.happened)]

    def _is_idle(self) -> bool:
        return not self._undone and not self._acting

    async def _act(self, group: asyncio.TaskGroup) -> None:
        """Each by itself: who cannot be called keeps no customer from being told."""
        while True:
            await workflow.wait_condition(lambda: bool(self._undone) or self._must_end())
            if not self._undone:
                return
            self._acting += 1
            group.create_task(self._do(self._undone.pop(0)))

    async def _do(self, happening: Happening) -> None:
        try:
            await (self._call(happening) if happening.what is What.CALLED else self._tell_customer(happening))
        finally:
            self._acting -= 1

    async def _call(self, happening: Happening) -> None:
        """Given up when the next is due; then that one is called."""
        call = RedLineCall(origin=self.red_line.origin, seq=happening.seq, posts=happening.posts)
        try:
            missed = await workflow.execute_activity_method(
                ports.RedLines.call,
                call,
                start_to_close_timeout=_CALL,
                schedule_to_close_timeout=max(_CALL, self.red_line.origin.calling.each / 2),
                retry_policy=_SOON,
                summary=", ".join(happening.posts)[:200],
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            missed = happening.posts
        self._keep(rules.not_reached(self.red_line, tuple(missed), at=workflow.now()))

    async def _tell_customer(self, happening: Happening) -> None:
        """Not to drive on. It may take as long as it must; a call to them beside it is the field's."""
        no = self.red_line.origin.ticket_no
        key = f"{no}:red-line:{happening.seq}"
        told = {"red_line": "yes"}
        notice = Notice(key=key, kind=NoticeKind.CUSTOMER_STOP_DRIVE, audience=Audience.CUSTOMER, facts=told)
        with contextlib.suppress(ActivityError):
            await workflow.execute_activity_method(
                ports.Notices.send,
                NoticeBatch(ticket_no=no, notices=(notice,)),
                start_to_close_timeout=_CALL * 2,
                schedule_to_close_timeout=_TOLD_WITHIN,
                retry_policy=_SOON,
                summary="stop driving",
            )
