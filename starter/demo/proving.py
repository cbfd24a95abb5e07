"""Check a whole world after the play: events, ledger, projections, workflows and CRM must tell the same story."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from domain import audit
from domain.complaint import Complaint, Stage
from domain.events import ClockBreached, EscalationRaised, Event, Opened
from domain.fold import replay
from domain.invariants import broken
from domain.outlets import NoticeKind
from ledger import notices, policies, queries
from ledger.events import events_of
from ledger.messages import messages
from ledger.verifying import verify
from starter.demo.theatre import World

_AT_ONCE = timedelta(minutes=1)  # of virtual time, which runs on while a busy machine works
_IN_FLIGHT = timedelta(seconds=5)  # how long a deadline that has just passed may take to be settled


async def faults_of(world: World, ticket_numbers: tuple[str, ...]) -> tuple[str, ...]:
    """Everything that does not hold, in sentences; none is what is wanted."""
    found = [fault for ticket_no in ticket_numbers for fault in await _of_one(world, ticket_no)]
    found += await _replay_faults(world, ticket_numbers)
    found += [str(fault) for fault in await verify(world.engine)]
    return tuple(found)


async def _of_one(world: World, ticket_no: str) -> tuple[str, ...]:
    events = await events_of(world.engine, ticket_no)
    opening = events[0] if events else None
    if not isinstance(opening, Opened):
        return (f"{ticket_no}: nothing was recorded",)
    recorded = await messages(world.engine, ticket_no)
    policy = await policies.get(world.engine, opening.policy_version)
    folded = replay(events, policy)
    until = folded.settled_at if folded.stage is Stage.CLOSED else await world.now(ticket_no) - _IN_FLIGHT
    told = [f"{ticket_no}: {fault}" for fault in broken(events, policy=policy, settled_until=until)]
    told += [
        f"{ticket_no}: {fault}"
        for fault in audit.differences(events, [each.message for each in recorded], policy=policy)
    ]
    workflow_says = await world.look(ticket_no)
    if folded.model_dump(mode="json", exclude={"policy"}) != workflow_says:
        told.append(f"{ticket_no}: the workflow and the ledger's fold differ")
    if await queries.complaint(world.engine, ticket_no) != folded:
        told.append(f"{ticket_no}: the projection and the ledger's fold differ")
    told += [f"{ticket_no}: {fault}" for fault in [*_late(events), *await _vp_faults(world, ticket_no, events)]]
    return (*told, *await _crm_faults(world, folded))


def _late(events: Sequence[Event]) -> list[str]:
    """With the server up a deadline is noticed when it falls due, whatever else is away.

    What fell due before the complaint was opened is settled at its opening, and is not late.
    """
    return [
        f"{event.cause} was due at {event.due_at} and noticed at {event.noticed_at}"
        for event in _fired(events)
        if event.noticed_at - event.due_at > _AT_ONCE and event.noticed_at > events[0].noticed_at
    ]


async def _vp_faults(world: World, ticket_no: str, events: Sequence[Event]) -> list[str]:
    """One notice to the VP for each copy that was recorded, and none beside."""
    wanted = {event.seq for event in events if isinstance(event, ClockBreached) and event.copied}
    posted = await notices.of_ticket(world.engine, ticket_no)
    told = {int(notice.key.split(":")[1]) for notice in posted if notice.kind == NoticeKind.VP_COPY}
    if wanted == told:
        return []
    return [f"VP copies were recorded with events {sorted(wanted)} and sent for {sorted(told)}"]


async def _replay_faults(world: World, ticket_numbers: Sequence[str]) -> list[str]:
    """Every history can be replayed by today's code."""

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for ticket_no in ticket_numbers:
            yield await world.handle(ticket_no).fetch_history()

    replayer = Replayer(workflows=[], plugins=[world.plugin])
    results = await replayer.replay_workflows(histories(), raise_on_replay_failure=False)
    return [f"run {run_id}: its history does not replay" for run_id in results.replay_failures]


async def _crm_faults(world: World, c: Complaint) -> tuple[str, ...]:
    """Every state once, in order, and the last one is how the complaint stands."""
    ticket_no = c.ticket.ticket_no
    writes = json.loads((await world.crm.get(f"/tickets/{ticket_no}/writes")).content)
    seqs = [write["seq"] for write in writes]
    if seqs != sorted(set(seqs)):
        return (f"{ticket_no}: the CRM was written out of order or twice: {seqs}",)
    last = writes[-1] if writes else {}
    if (last.get("stage"), last.get("owner"), last.get("closing")) != (c.stage, c.owner, c.closing or ""):
        return (f"{ticket_no}: the CRM has {last or 'nothing'}, the complaint is {c.stage} with {c.owner}",)
    return ()


def lateness(events: Sequence[Event]) -> timedelta:
    """The 99th percentile of noticed − due, over every deadline that fired at its due instant."""
    late = sorted(event.noticed_at - event.due_at for event in _fired(events))
    return late[int(len(late) * 0.99)] if late else timedelta()


def _fired(events: Sequence[Event]) -> list[ClockBreached | EscalationRaised]:
    """Deadlines that took effect when they were due; the others were un-stopped later, or called by a person."""
    return [
        event for event in events if isinstance(event, ClockBreached | EscalationRaised) and event.at == event.due_at
    ]
