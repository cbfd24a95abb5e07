"""One complaint, from its ticket to the customer's word.

The shell decides nothing: messages go through `domain.core`, deadlines come from `domain.deadlines`, and what leaves
is sent by `departures` beside the one clock loop.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, SearchAttributeUpdate
from temporalio.workflow import ContinueAsNewVersioningBehavior

with workflow.unsafe.imports_passed_through():
    from datetime import timedelta

    from domain import core, explanations
    from domain.clocks import light
    from domain.complaint import Complaint, Stage
    from domain.deadlines import Deadline, next_due
    from domain.messages import Malformed, Message
    from domain.receipts import Receipt
    from domain.refusals import Refusal
    from domain.repeats import Contents
    from workflows import names
    from workflows.carrying import Carried, ComplaintStart, Finish
    from workflows.intake import Intake
    from workflows.outbox import Outbox

from workflows import reading
from workflows.departures import Departures

_OUTAGE = timedelta(seconds=30)  # a deadline noticed so late means that something was away
_BREATH = timedelta(milliseconds=10)  # between two slices of a burst
_INBOX_FIRST = timedelta(seconds=15)  # the doors sweep their inbox every few seconds


@workflow.defn
class ComplaintWorkflow:
    """State is made in `__init__`: an update may run before `run` does."""

    @workflow.init
    def __init__(self, start: ComplaintStart) -> None:
        self._start = start
        self._is_leaving = False
        self.complaint: Complaint
        if start.carried:
            self.complaint = start.carried.complaint
            self._outbox = Outbox(start.carried.outboxes, together=start.together)
            self._intake = Intake(start.carried.waiting)
            self._contents = Contents(start.carried.contents)
        else:
            self._outbox, self._intake, self._contents = Outbox(together=start.together), Intake(), Contents()
            self._keep(core.open_complaint(start.ticket, policy=start.policy, now=workflow.now()))
        self._departures = Departures(
            self._outbox,
            together=start.together,
            complaint=lambda: self.complaint,
            is_over=self._is_over,
            give_up=self._give_up,
        )

    @workflow.run
    async def run(self, start: ComplaintStart) -> Finish:
        async with asyncio.TaskGroup() as group:
            self._departures.begin(group)
            group.create_task(self._show())
            group.create_task(self._work_off())
            await self._keep_time()
            await workflow.wait_condition(lambda: self._must_leave() or self._is_over())
            if self._is_leaving:
                self._departures.break_off()  # only when an outlet has been away for so long that history is full
        if not self._is_drained():
            workflow.continue_as_new(
                start.model_copy(update={"carried": self._carried(), "together": True}),
                # A pinned complaint moves to the current version of the worker where a run ends, and nowhere else.
                initial_versioning_behavior=ContinueAsNewVersioningBehavior.AUTO_UPGRADE if _is_outdated() else None,
            )
        return Finish(
            ticket_no=self.complaint.ticket.ticket_no,
            closing=self.complaint.closing or "",
            seq=self.complaint.seq,
        )

    @workflow.signal(dynamic=True, description="Any command, by its name; for systems that need no answer")
    def on_signal(self, name: str, arguments: Sequence[RawValue]) -> None:
        if not self._must_wait():
            self._take(name, arguments)
        elif self._intake.has_room(size := reading.size(arguments)):
            self._intake.put(reading.message(name, arguments), size=size)
        else:
            self._intake.refuse()

    @workflow.update(dynamic=True, description="Any command, by its name; answers with a receipt")
    def on_update(self, name: str, arguments: Sequence[RawValue]) -> Receipt:
        """Somebody waits for the answer, and the server lets in ten at a time: they go before a burst of signals."""
        if self._outbox.is_full(times=2) and self._must_wait():
            self._intake.refuse()
            return self._refusal("", code=Refusal.FLOODED)
        return self._take(name, arguments)

    @workflow.query(description="The complaint as it stands, without the policy it lives under")
    def snapshot(self) -> dict[str, Any]:
        return self.complaint.model_dump(mode="json", exclude={"policy"})

    @workflow.query(description="How much waits to leave, per outlet")
    def backlog(self) -> dict[str, int]:
        return self._outbox.backlog()

    def record_refusal(self, name: str, *, code: str) -> None:
        """For the guard: a handler broke on a message."""
        self._decide(Malformed(received_at=workflow.now(), name=name, code=code))

    def _must_wait(self) -> bool:
        """Whether a message that comes now is for later: when others wait, this task is long, or much is to leave."""
        if self._intake.waits:
            return True
        has_time = self._intake.may_decide(task=_task()) and not self._outbox.is_full()
        return not has_time and workflow.patched("bursts-are-decided-in-slices")

    def _take(self, name: str, arguments: Sequence[RawValue]) -> Receipt:
        """No await: a message is handled whole or not at all."""
        message = reading.message(name, arguments)
        receipt = self._decide(message)
        if receipt:
            return receipt
        if isinstance(message, Malformed):
            return self._refusal("", code=f"malformed: {message.code}")
        return self._refusal(message.command_id, code=Refusal.COMMAND_ID_REUSED)

    def _refusal(self, command_id: str, *, code: str) -> Receipt:
        c = self.complaint
        return Receipt(command_id=command_id, accepted=False, code=code, seq=c.seq, stage=c.stage, owner=c.owner)

    def _decide(self, message: Message) -> Receipt | None:
        """None when there was no command to answer, or one under an id that had been another's."""
        self._intake.count(task=_task())
        if not isinstance(message, Malformed):
            if self._contents.are_others(message) and workflow.patched("a-reused-id-is-refused"):
                code = Refusal.COMMAND_ID_REUSED
                message = Malformed(received_at=message.received_at, name=message.kind, code=code)
            elif message.command_id not in self.complaint.seen:
                self._contents.keep(message)
        outcome = core.take(self.complaint, message, now=workflow.now())
        self._keep(outcome, message)
        return outcome.receipt

    async def _work_off(self) -> None:
        """Decide what waits, a slice in each workflow task, and record once how many of the burst were refused."""
        while True:
            await workflow.wait_condition(lambda: self._is_over() or self._can_work_off())
            if self._is_over():
                return
            await workflow.sleep(_BREATH, summary="a burst is decided in slices")
            while self._intake.waits and self._can_work_off() and self._intake.may_decide(task=_task()):
                self._decide(self._intake.take())
            if self._intake.refused and not self._intake.waits:
                code = f"{Refusal.FLOODED}: {self._intake.take_refused()}"
                self._decide(Malformed(received_at=workflow.now(), name="burst", code=code))

    def _can_work_off(self) -> bool:
        return not self._intake.is_idle and not self._outbox.is_full()

    def _keep(self, outcome: core.Outcome, message: Message | None = None) -> None:
        self.complaint = outcome.complaint
        if outcome.events:
            self._outbox.put(outcome.complaint, outcome.events, message)

    async def _keep_time(self) -> None:
        """The one clock: settle what is due, sleep until the next deadline or until that changes."""
        while True:
            await self._let_the_inbox_go_first()
            self._keep(core.settle(self.complaint, now=workflow.now()))
            due = next_due(self.complaint)
            if due is None or self._must_leave():
                return
            await self._sleep_until(due)

    async def _let_the_inbox_go_first(self) -> None:
        """After an outage a message that was received in time may still lie at our door; give the sweep its chance."""
        due = next_due(self.complaint)
        if due and workflow.now() - due.due_at > _OUTAGE:
            await workflow.sleep(_INBOX_FIRST, summary="after an outage the inbox goes first")

    async def _sleep_until(self, due: Deadline) -> None:
        """Until `due`, or until something else is due next."""
        with contextlib.suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._must_leave() or not _is_same(due, next_due(self.complaint)),
                timeout=due.due_at - workflow.now(),
                timeout_summary=due.rule,
            )

    def _must_leave(self) -> bool:
        """Whether this run is to be continued as a new one: when the server says so, or when all is quiet and it is
        long or of a version of the worker that is not the current one any more.

        Once said it stands, for the pumps have heard it.
        """
        info = workflow.info()
        is_long = info.get_current_history_length() > self._start.continue_after
        is_quiet = self._outbox.is_empty() and self._intake.is_idle
        is_time = info.is_continue_as_new_suggested() or (is_quiet and (is_long or _is_outdated()))
        self._is_leaving = self._is_leaving or (is_time and not self._is_drained())
        return self._is_leaving

    def _is_drained(self) -> bool:
        return self.complaint.stage is Stage.CLOSED and self._outbox.is_empty() and self._intake.is_idle

    def _carried(self) -> Carried:
        return Carried(
            complaint=self.complaint,
            outboxes=self._outbox.carried(),
            waiting=self._intake.carried(),
            contents=self._contents.kept,
        )

    def _is_over(self) -> bool:
        return self._is_leaving or self._is_drained()

    def _give_up(self, notice: str) -> None:
        self._keep(core.notice_failed(self.complaint, notice, now=workflow.now()))

    async def _show(self) -> None:
        """Keep what ops see in the Temporal UI up to date: every search attribute as one vector, here and only here.

        What of it is shown already is not sent again.
        """
        shown: list[SearchAttributeUpdate[Any]] = []
        while True:
            vector = self._search_attributes()
            if vector != shown:
                workflow.upsert_search_attributes([update for update in vector if update not in shown])
                workflow.set_current_details(explanations.in_markdown(self.complaint))
                shown = vector
            if self._is_over():
                return
            await self._sleep_until_changed()

    async def _sleep_until_changed(self) -> None:
        seq, stuck = self.complaint.seq, len(self._departures.stuck)
        await workflow.wait_condition(
            lambda: (self.complaint.seq, len(self._departures.stuck)) != (seq, stuck) or self._is_over()
        )

    def _search_attributes(self) -> list[SearchAttributeUpdate[Any]]:
        c = self.complaint
        due = next_due(c)
        return [
            names.STAGE.value_set(c.stage),
            names.OWNER.value_set(c.owner),
            names.LIGHT.value_set(light(c, at=c.settled_at)),
            names.TIER.value_set(c.ticket.tier),
            names.BLOCKED_ON.value_set(",".join(sorted(self._departures.stuck)) or c.waits_for),
            names.POLICY.value_set(c.policy.version),
            names.RISK.value_set(c.risk_level),
            names.HOPS.value_set(len(c.hops)),
            names.REJECTIONS.value_set(c.first_fix_failures),
            names.DUE_AT.value_set(due.due_at) if due else names.DUE_AT.value_unset(),
        ]


def _is_same(one: Deadline, other: Deadline | None) -> bool:
    return other is not None and (one.due_at, one.rule) == (other.due_at, other.rule)


def _task() -> int:
    """What tells this workflow task from others, also when it is replayed."""
    return workflow.info().get_current_history_length()


def _is_outdated() -> bool:
    """Whether another version of the worker has become the one for new runs; never with unversioned workers."""
    return workflow.info().is_target_worker_deployment_version_changed()
