"""`vocloop canary`: a complaint of nobody's, whose deadline is a minute away, proves that deadlines fire on time.

It is a real complaint to Temporal and the worker, under today's policy but for one step of escalation an hour after its
creation, 59 minutes ago. The customers' ledger, the CRM and people never hear of it (activities/canary.py). A duty lets
one go each hour.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ConfigDict
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

import settings as environment
from activities.ports import CANARY_PREFIX
from domain.commands import Actor, Role
from domain.durations import Duration, Unit
from domain.policy import EscalationLevel, EscalationRung, Policy
from domain.ticket import TicketFacts
from policy.reading import PolicyFiles, load
from settings import Settings, utc_now
from starter.connecting import client_plugin, connect
from starter.stopping import run
from workflows.carrying import ComplaintStart
from workflows.complaint import ComplaintWorkflow

_AN_HOUR = Duration(amount=1, unit=Unit.HOURS)
_AWAY = timedelta(minutes=1)
_ON_TIME = timedelta(seconds=5)
_LIVES = timedelta(minutes=30)  # one that nobody caught
_LOOK_EVERY_S = 0.5


class Flight(BaseModel):
    """How one canary fared. `late_ms` is None while its deadline has not fired."""

    model_config = ConfigDict(frozen=True)

    workflow_id: str
    due_at: datetime
    late_ms: int | None = None

    @property
    def is_on_time(self) -> bool:
        return self.late_ms is not None and self.late_ms <= _ON_TIME / timedelta(milliseconds=1)


async def fly(due_at: datetime, *, files: PolicyFiles, task_queue: str, clock: Callable[[], datetime]) -> str:
    """The hourly duty: let one go, wait for its deadline, and say how late it was."""
    at = due_at if clock() - due_at < _AWAY else clock()  # one that was missed is not late, but later
    flight = await flown(activity.client(), files, at=at, task_queue=task_queue, clock=clock)
    return f"{flight.workflow_id}: {'did not fire' if flight.late_ms is None else f'{flight.late_ms} ms late'}"


async def flown(
    client: Client, files: PolicyFiles, *, at: datetime, task_queue: str, clock: Callable[[], datetime]
) -> Flight:
    """One flight, from start to end. `at` makes its id: a repeated duty joins the one that is under way."""
    due_at = at + _AWAY
    handle = await _released(client, files.policy_at(at), at=at, task_queue=task_queue)
    late_ms = None
    while late_ms is None and clock() < due_at + _AWAY:
        await asyncio.sleep(_LOOK_EVERY_S)
        late_ms = await _lateness(handle, due_at)
    said = {"actor": Actor(role=Role.CUSTOMER).model_dump(mode="json"), "command_id": "caught"}
    await handle.signal("withdraw", {**said, "received_at": clock().isoformat()})
    return Flight(workflow_id=handle.id, due_at=due_at, late_ms=late_ms)


async def _released(client: Client, policy: Policy, *, at: datetime, task_queue: str) -> WorkflowHandle[Any, Any]:
    number = f"{at:%Y%m%dT%H%M%SZ}"
    created_at = at + _AWAY - timedelta(hours=_AN_HOUR.amount)
    some_tag = next(tags[0] for tags in policy.matrix.owners.values() if tags)
    facts = TicketFacts(ticket_no=number, created_at=created_at, received_at=at, tags=(some_tag,), channel="canary")
    rung = EscalationRung(level=EscalationLevel.STATION, to=policy.arbiter, after=_AN_HOUR)
    return await client.start_workflow(
        ComplaintWorkflow.run,
        ComplaintStart(ticket=facts, policy=policy.model_copy(update={"escalations": (rung,)}), together=True),
        id=f"{CANARY_PREFIX}{number}",
        task_queue=task_queue,
        execution_timeout=_LIVES,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary="canary: a deadline that has to fire on time",
    )


async def _lateness(handle: WorkflowHandle[Any, Any], due_at: datetime) -> int | None:
    """Milliseconds from the deadline to when it was settled, once it was."""
    stands = await handle.query(ComplaintWorkflow.snapshot)
    if not stands["escalations"]:
        return None
    return round((datetime.fromisoformat(stands["settled_at"]) - due_at) / timedelta(milliseconds=1))


async def _let_go(settings: Settings) -> Flight:
    client = await connect(settings, plugins=[client_plugin()])
    return await flown(client, load(settings.policy), at=utc_now(), task_queue=settings.task_queue, clock=utc_now)


def canary(json_: Annotated[bool, typer.Option("--json", help="One object, for programs.")] = False) -> None:
    """Prove that deadlines fire on time, in a minute. Exit codes: 0 on time, 1 late or not at all, 2 could not ask."""
    typer.echo("A complaint of nobody's is let go; its deadline is a minute away.", err=True)
    flight = run(_let_go(environment.load()))
    if json_:
        typer.echo(flight.model_dump_json())
    elif flight.late_ms is None:
        typer.echo("Its deadline did not fire. See that a worker runs, then ask `vocloop doctor`.")
    else:
        typer.echo(f"Its deadline fired {flight.late_ms} ms after it was due ({flight.workflow_id}).")
    raise typer.Exit(0 if flight.is_on_time else 1)
