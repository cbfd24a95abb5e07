"""What leaves a complaint: one trip for all outlets, and a pump of its own for an outlet that did not take its part.

Why: docs/adr/0014-one-trip-for-all-outlets.md.
"""

import asyncio
from collections.abc import Callable, Collection

from temporalio import workflow
from temporalio.exceptions import FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.complaint import Complaint
    from domain.outlets import Delivered
    from workflows.outbox import LEDGER, OUTLETS, Outbox

from workflows import sending


class Departures:
    """`stuck` are the outlets that refused for good. `complaint` tells how it stands, `is_over` whether nothing more
    will come, and `give_up` takes the key of a notice that nobody can be told.

    Complaints that were begun before trips do not go `together`: each of their outlets has its pump from the start.
    """

    def __init__(
        self,
        outbox: Outbox,
        *,
        together: bool,
        complaint: Callable[[], Complaint],
        is_over: Callable[[], bool],
        give_up: Callable[[str], None],
    ) -> None:
        self.stuck: set[str] = set()
        self._outbox, self._together = outbox, together
        self._complaint, self._is_over, self._give_up = complaint, is_over, give_up
        self._alone: set[str] = set()  # the outlets that have a pump of their own just now
        self._on_the_way = 0  # events for the ledger that are on a trip
        self._tasks: list[asyncio.Task[None]] = []
        self._is_broken_off = False

    def begin(self, group: asyncio.TaskGroup) -> None:
        kept = [self._trips(group), self._overtakings()] if self._together else map(self._pump, OUTLETS)
        self._tasks += [group.create_task(each) for each in kept]

    def break_off(self) -> None:
        """This run ends, and the next one sends what waits."""
        self._is_broken_off = True
        for task in self._tasks:
            task.cancel()

    async def _trips(self, group: asyncio.TaskGroup) -> None:
        """Take out what waits for all outlets, again and again, until the complaint is over."""
        while True:
            await workflow.wait_condition(lambda: bool(self._next()) or self._is_over())
            outlets = self._next()
            if not outlets or self._is_broken_off:
                return
            for outlet in await self._trip(outlets):
                self._alone.add(outlet)
                self._tasks.append(group.create_task(self._catch_up(outlet)))

    def _next(self) -> tuple[str, ...]:
        return tuple(outlet for outlet in OUTLETS if self._outbox.waiting(outlet) and outlet not in self._alone)

    async def _trip(self, outlets: Collection[str]) -> list[str]:
        """Returns the outlets that did not take their part."""
        load = self._outbox.load(self._complaint(), outlets)
        self._on_the_way = len(load.ledger.events) if load.ledger else 0
        try:
            delivered = await sending.together(load)
        except FailureError as error:
            if is_cancelled_exception(error):
                return []
            delivered = Delivered()  # nobody knows what arrived
        # An overtaken ledger has its own pump by now.
        mine = [outlet for outlet in outlets if outlet != LEDGER or self._on_the_way]
        self._on_the_way = 0
        for outlet in mine:
            if outlet in delivered.took:
                self._outbox.left(outlet, load)
        for key in delivered.given_up:
            self._give_up(key)
        return [outlet for outlet in mine if outlet not in delivered.took]

    async def _overtakings(self) -> None:
        """People wait to read the ledger: what happens while a slow outlet holds a trip up does not wait for its end.

        What was on the trip goes once more with what follows it; the ledger knows it by its place.
        """
        while True:
            await workflow.wait_condition(lambda: self._is_overtaken() or self._is_over())
            if not self._is_overtaken():
                return
            self._on_the_way = 0
            self._alone.add(LEDGER)
            await self._catch_up(LEDGER)

    def _is_overtaken(self) -> bool:
        return 0 < self._on_the_way < len(self._outbox.events)

    async def _catch_up(self, outlet: str) -> None:
        await self._pump(outlet)
        self._alone.discard(outlet)

    async def _pump(self, outlet: str) -> None:
        """Send what has gathered, in order: until it was taken once, or, of old, until the complaint is over.

        Once taken it goes with the others again at once, whatever has come meanwhile: what this run asks for does not
        hang on whether that came in the same workflow task as the outlet's answer or in the next one.
        """
        refused = 0  # times running
        while True:
            if not self._together:
                await workflow.wait_condition(lambda: bool(self._outbox.waiting(outlet)) or self._is_over())
            if not self._outbox.waiting(outlet):
                return
            try:
                await self._send(outlet)
                self.stuck.discard(outlet)
                refused = 0
                if self._together:
                    return
            except FailureError as error:
                if is_cancelled_exception(error):
                    return  # this run ends, and the next one sends it
                # It said no for good. Show it, keep everything, and ask again later.
                self.stuck.add(outlet)
                refused += 1
                pause = sending.pause_after_refusals(outlet, refused)
                await workflow.sleep(pause, summary=f"{outlet} refused; ask again")

    async def _send(self, outlet: str) -> None:
        complaint = self._complaint()
        load = self._outbox.load(complaint, (outlet,))
        if load.ledger:
            await sending.to_ledger(load.ledger)
        elif load.crm:
            await sending.to_crm(load.crm)
        elif load.notices:
            for key in await sending.to_notices(load.notices, policy=complaint.policy):
                self._give_up(key)
        elif load.survey:
            await sending.to_survey(load.survey)
        self._outbox.left(outlet, load)
