"""Reads everything that a run left behind: ledger, workflows, the CRM's book and the mail server's."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError
from temporalio.worker import Replayer

import worker
from domain.events import Opened
from ledger import notices, policies, queries
from ledger import tables as t
from ledger.database import reading
from ledger.events import events_of
from ledger.messages import messages
from ledger.verifying import verify
from settings import Settings
from starter.connecting import client_plugin, connect
from starter.embedded.parts import crm_address
from tests.chaos.actors import Book
from tests.chaos.household import Household
from tests.chaos.judging import Afterwards, Record
from tests.starter.api_server import a_ledger
from workflows.complaint import ComplaintWorkflow
from workflows.names import workflow_id

IN_FLIGHT = timedelta(seconds=10)  # how long a deadline that has just passed may take to be settled


class Quiet:
    """Waits until nothing moves any more."""

    def __init__(self, client: Client, engine: AsyncEngine) -> None:
        self._client, self._engine = client, engine

    async def come(self, created: list[str], *, patience_s: float) -> int:
        """How many complaints still have something to send when all are quiet, or when the patience is over."""
        waiting = list(created)
        loop = asyncio.get_running_loop()
        end = loop.time() + patience_s
        while waiting and loop.time() < end:
            waiting = [ticket_no for ticket_no in waiting if not await self._is_quiet(ticket_no)]
            await asyncio.sleep(1)
        return len(waiting)

    async def _is_quiet(self, ticket_no: str) -> bool:
        try:
            backlog = await _backlog(self._client, ticket_no)
        except RPCError:
            return False  # it has not begun, or is between two runs
        posted = await notices.of_ticket(self._engine, ticket_no)
        return not any(backlog.values()) and await _inbox_is_empty(self._engine, ticket_no) and bool(posted)


async def collected(household: Household, book: Book, *, at: datetime, patience_s: float) -> Afterwards:
    """Waits until all is quiet, then reads. Every clock has run up to `at`, less what is in flight."""
    client = await connect(household.settings, plugins=[client_plugin()])
    async with a_ledger(household.settings) as engine, httpx2.AsyncClient(trust_env=False, timeout=30) as crm:
        await Quiet(client, engine).come(book.created, patience_s=patience_s)
        begun = [ticket_no for ticket_no in book.created if await events_of(engine, ticket_no)]
        records = [await _record(client, engine, crm, crm_address(household.ports), no) for no in begun]
        faults = [str(fault.sentence) for fault in await verify(engine)]
        letters = _letters(household.letters)
        sent = await _sent_by_mail(engine)
    unplayable = await _unplayable(client, household.settings)
    return Afterwards(
        book.created, book.answered, book.repeated, records, faults, letters, sent, at - IN_FLIGHT, unplayable
    )


async def _unplayable(client: Client, settings: Settings) -> list[str]:
    """Of every run of every complaint."""
    histories = client.list_workflows('WorkflowType = "ComplaintWorkflow"').map_histories()
    async with worker.outlets(settings) as outlets:
        replayer = Replayer(workflows=[], plugins=[worker.complaint_plugin(outlets)])
        results = await replayer.replay_workflows(histories, raise_on_replay_failure=False)
    return [f"run {run_id}: {str(why)[:200]}" for run_id, why in results.replay_failures.items()]


async def _record(client: Client, engine: AsyncEngine, crm: httpx2.AsyncClient, crm_url: str, no: str) -> Record:
    events = await events_of(engine, no)
    opening = events[0]
    assert isinstance(opening, Opened), f"{no} does not begin with its opening"
    posted = await notices.of_ticket(engine, no)
    return Record(
        ticket_no=no,
        events=events,
        messages=[each.message for each in await messages(engine, no)],
        policy=await policies.get(engine, opening.policy_version),
        received=await _received(engine, no),
        workflow=await _snapshot(client, no),
        projection=await queries.complaint(engine, no),
        waiting=await _waiting(client, no),
        written=[write["seq"] for write in (await crm.get(f"{crm_url}/tickets/{no}/writes")).json()],
        unsent=sum(notice.sent_at is None and not notice.failed_reason and "@" in notice.address for notice in posted),
    )


async def _snapshot(client: Client, ticket_no: str) -> dict[str, Any]:
    """Nothing of one that cannot be asked, which then is not what the ledger says."""
    try:
        return await client.get_workflow_handle(workflow_id(ticket_no)).query(ComplaintWorkflow.snapshot)
    except (RPCError, WorkflowQueryFailedError):
        return {}


async def _backlog(client: Client, ticket_no: str) -> dict[str, int]:
    found: dict[str, int] = await client.get_workflow_handle(workflow_id(ticket_no)).query(ComplaintWorkflow.backlog)
    return found


async def _waiting(client: Client, ticket_no: str) -> dict[str, int]:
    try:
        return await _backlog(client, ticket_no)
    except (RPCError, WorkflowQueryFailedError) as error:
        return {str(error): 1}


async def _received(engine: AsyncEngine, ticket_no: str) -> dict[str, datetime]:
    query = select(t.inbox.c.body, t.inbox.c.received_at).where(
        t.inbox.c.ticket_no == ticket_no, t.inbox.c.kind == "command"
    )
    async with reading(engine) as connection:
        return {row.body["command_id"]: row.received_at for row in await connection.execute(query)}


async def _inbox_is_empty(engine: AsyncEngine, ticket_no: str) -> bool:
    query = select(t.inbox.c.key).where(t.inbox.c.ticket_no == ticket_no, t.inbox.c.delivered_at.is_(None))
    async with reading(engine) as connection:
        return (await connection.execute(query)).first() is None


async def _sent_by_mail(engine: AsyncEngine) -> int:
    """How many notices there are for an address: each may become one letter."""
    async with reading(engine) as connection:
        rows: list[Any] = list(await connection.execute(select(t.notices.c.address)))
    return sum("@" in row.address for row in rows)


def _letters(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line)[0] for line in lines]
