"""One complaint on the stage of a throw-away world: its people, its clock, and what is known of it everywhere."""

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle
from temporalio.worker import Worker

from domain.commands import Actor, Role
from domain.events import Event
from domain.policy import Policy
from domain.receipts import Receipt
from domain.ticket import Ticket
from ledger import policies, tickets
from ledger.events import events_of
from settings import utc_now
from starter.demo.proving import faults_of
from starter.demo.theatre import World
from workflows.carrying import ComplaintStart
from workflows.complaint import ComplaintWorkflow
from workflows.names import SEARCH_ATTRIBUTES, TASK_QUEUE, workflow_id

T = TypeVar("T")
ORDINARY = "engine.hard_start"  # powertrain's, not grey, not complex
CX = Actor(role=Role.CX, department="cx", id="cx-1")
CUSTOMER = Actor(role=Role.CUSTOMER)

_numbers = itertools.count(1)


class Case:
    """Speaks to one complaint, by update unless told otherwise; `send` numbers its commands."""

    def __init__(self, world: World, ticket_no: str) -> None:
        self.world, self.ticket_no = world, ticket_no
        self._sent = 0

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.world.handle(self.ticket_no)

    async def send(self, name: str, by: Actor, *, at: datetime | None = None, **body: Any) -> Receipt:
        return await self.ask(name, await self.envelope(by, at=at, **body))

    async def ask(self, name: str, envelope: object) -> Receipt:
        receipt: Receipt = await self.handle.execute_update(name, envelope, result_type=Receipt)
        return receipt

    async def signal(self, name: str, by: Actor, *, at: datetime | None = None, **body: Any) -> None:
        await self.handle.signal(name, await self.envelope(by, at=at, **body))

    async def envelope(self, by: Actor, *, at: datetime | None = None, **body: Any) -> dict[str, Any]:
        self._sent += 1
        received_at = at or await self.now()
        said = {"command_id": f"c{self._sent}", "received_at": received_at.isoformat()}
        return {**said, "actor": by.model_dump(mode="json"), **body}

    async def now(self) -> datetime:
        return await self.world.now(self.ticket_no)

    async def pass_time(self, **length: float) -> None:
        await self.world.pass_time(self.ticket_no, timedelta(**length))

    async def pass_time_until(self, instant: datetime) -> None:
        await self.world.pass_time(self.ticket_no, instant - await self.now())

    async def look(self) -> dict[str, Any]:
        return await self.world.look(self.ticket_no)

    async def owner(self) -> Actor:
        return responder((await self.look())["hops"][-1]["department"])

    async def note(self, text: str = "Seen to.") -> str:
        return await self.world.note(self.ticket_no, text)

    async def proof(self) -> list[dict[str, str]]:
        return [await self.world.proof(self.ticket_no)]

    async def accept(self) -> Receipt:
        return await self.send("accept", await self.owner())

    async def transfer(self, to: str) -> Receipt:
        proven: dict[str, Any] = {"evidence": await self.proof(), "note_id": await self.note("It begins elsewhere.")}
        return await self.send("transfer", await self.owner(), to=to, **proven)

    async def contest(self) -> Receipt:
        proven: dict[str, Any] = {
            "evidence": await self.proof(),
            "note_id": await self.note("The trace says otherwise."),
        }
        return await self.send("contest", await self.owner(), **proven)

    async def rule(self, owner: str) -> Receipt:
        arbiter = Actor(role=Role.ARBITER, department=(await self.look())["dispute"]["arbiter"], id="arbiter-1")
        return await self.send("arbitrate", arbiter, owner=owner, note_id=await self.note("Both were heard."))

    async def claim(self) -> Receipt:
        done: dict[str, Any] = {"note_id": await self.note("Replaced."), "root_cause": "supplier_part"}
        return await self.send("claim", await self.owner(), **done)

    async def reply(self, answer: str) -> Receipt:
        claims = (await self.look())["claims"]
        return await self.send("customer_reply", CUSTOMER, answer=answer, round=len(claims))

    async def settled(self) -> None:
        await self.world.settled(self.ticket_no)

    async def events(self) -> tuple[Event, ...]:
        await self.world.recorded(self.ticket_no)
        return await events_of(self.world.engine, self.ticket_no)

    async def kinds(self) -> list[str]:
        return [event.kind for event in await self.events()]

    async def events_of(self, kind: str) -> list[Any]:
        await self.settled()
        return [event for event in await self.events() if event.kind == kind]

    async def writes(self) -> list[dict[str, Any]]:
        """What the CRM has, in the order it came."""
        found: list[dict[str, Any]] = (await self.world.crm.get(f"/tickets/{self.ticket_no}/writes")).json()
        return found

    async def history(self) -> list[str]:
        """The types of the history's events, in the short form."""
        events = (await self.handle.fetch_history()).events
        return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in events]

    async def scheduled(self) -> list[str]:
        """The names of the remote activities, in order."""
        events = (await self.handle.fetch_history()).events
        asked = [event.activity_task_scheduled_event_attributes for event in events]
        return [each.activity_type.name for each in asked if each.activity_id]

    async def attempts(self) -> dict[str, int]:
        """How often each pending activity has been tried."""
        found = (await self.handle.describe()).raw_description.pending_activities
        return {each.activity_type.name: each.attempt for each in found}

    async def backlog(self) -> dict[str, int]:
        found: dict[str, int] = await self.handle.query(ComplaintWorkflow.backlog)
        return found

    async def timer_summaries(self) -> list[str]:
        events = (await self.handle.fetch_history()).events
        convert = self.world.env.client.data_converter.payload_converter.from_payload
        started = [event for event in events if event.HasField("timer_started_event_attributes")]
        return [convert(event.user_metadata.summary, str) for event in started]

    async def tell_crm(self) -> None:
        """Create the ticket in the CRM, which should have had it all along."""
        ticket = await tickets.get(self.world.engine, self.ticket_no)
        assert ticket is not None
        (await self.world.crm.post("/tickets", json=ticket.model_dump(mode="json"))).raise_for_status()

    async def shown(self) -> dict[str, Any]:
        """The search attributes of ours, by name."""
        pairs = (await self.handle.describe()).typed_search_attributes.search_attributes
        return {pair.key.name: pair.value for pair in pairs if pair.key in SEARCH_ATTRIBUTES}

    async def runs(self) -> list[str]:
        """The ids of all runs, first to last."""
        wanted = f"WorkflowId = '{self.handle.id}'"
        found = [run async for run in self.world.env.client.list_workflows(wanted)]
        return [run.run_id for run in sorted(found, key=lambda run: run.start_time)]

    async def run_count(self) -> int:
        return len(await self.runs())

    async def is_closed(self) -> bool:
        return bool((await self.look())["stage"] == "closed")

    async def check(self) -> tuple[str, ...]:
        """Everything that does not hold of this complaint, in the ledger, the workflow and the CRM."""
        await self.settled()
        return await faults_of(self.world, (self.ticket_no,))


def responder(department: str) -> Actor:
    return Actor(role=Role.RESPONDER, department=department, id=f"{department}-1")


def a_ticket(*tags: str, **facts: Any) -> Ticket:
    """A ticket under a number that no other test of this run uses, created a minute ago.

    Deadlines counted from its creation and from its dispatch then lie apart: the server whose time is skipped may jump
    over a timer that is due within milliseconds.
    """
    created_at = utc_now() - timedelta(minutes=1)
    number = f"W{os.getpid()}-{next(_numbers)}"
    return Ticket.model_validate({"ticket_no": number, "created_at": created_at, "tags": tags or (ORDINARY,), **facts})


async def begin(
    world: World,
    *tags: str,
    policy: Policy | None = None,
    queue: str = TASK_QUEUE,
    continue_after: int = 1_500,
    in_crm: bool = True,
    task_timeout: timedelta | None = None,
    together: bool = True,
    **facts: Any,
) -> Case:
    """A ticket in the CRM and in our database, and its complaint started, with its clock standing still.

    A workflow task is given up after `task_timeout`, by default after Temporal's ten seconds.
    """
    ticket = a_ticket(*tags, **facts)
    rules = policy or world.files.policy_at(utc_now())
    if in_crm:
        (await world.crm.post("/tickets", json=ticket.model_dump(mode="json"))).raise_for_status()
    await tickets.keep(world.engine, ticket, received_at=utc_now())
    await policies.keep(world.engine, rules)
    start = ComplaintStart(
        ticket=ticket.facts(received_at=utc_now(), matrix=rules.matrix),
        policy=rules,
        continue_after=continue_after,
        together=together,
    )
    await world.env.client.start_workflow(
        ComplaintWorkflow.run,
        start,
        id=workflow_id(ticket.ticket_no),
        task_queue=queue,
        task_timeout=task_timeout,
        static_summary=ticket.ticket_no,
    )
    return Case(world, ticket.ticket_no)


@asynccontextmanager
async def a_worker(world: World, queue: str) -> AsyncIterator[None]:
    """A worker of one's own on a queue of one's own, to be stopped."""
    async with Worker(world.env.client, task_queue=queue):
        yield


async def until(look: Callable[[], Awaitable[T]], holds: Any, *, seconds: float = 20) -> T:
    """What `look` finds once it is, or satisfies, `holds`; what the server lists lags a little."""
    found: T | None = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                found = await look()
                if holds(found) if callable(holds) else found == holds:
                    return found
                await asyncio.sleep(0.05)
    raise AssertionError(f"it never came to hold; the last seen was {found}")
