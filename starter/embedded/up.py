"""The whole of Vocloop on one machine, started in order, kept running, and stopped without a trace."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from ledger import database
from ledger.database import migrate
from settings import Settings, utc_now
from starter.connecting import client_plugin, connect, ensure_search_attributes
from starter.embedded import parts
from starter.embedded.parts import Ports
from starter.embedded.plan import Plan
from starter.embedded.supervising import Part, Supervisor
from starter.home import Stack, locked, prepare, remember
from starter.http.keys import make_local
from starter.http.listening import refuse_open

Say = Callable[[str], None]


async def run(settings: Settings, *, ports: Ports, with_crm_sim: bool, say: Say) -> None:
    """Start everything, keep it running until asked to stop, and leave nothing behind. Raises CannotGoOn or
    LedgerUnavailable.
    """
    plan = Plan.of(settings, ports=ports, with_crm_sim=with_crm_sim)
    prepare(settings.home)
    with locked(settings.home):
        supervisor = Supervisor(settings.home / "logs", say=say)
        stopping = _Stopping(on_again=supervisor.kill)
        try:
            if await stopping.unless_asked(_start(plan, supervisor, say)):
                say("Stop with Ctrl-C.")
                await stopping.asked()
            say("Stopping …")
        finally:
            await supervisor.stop()
        say("Stopped. Open complaints go on at the next start.")


class _Stopping:
    """Ctrl-C, SIGTERM or a closed terminal asks us to stop; when asked again, nobody is waited for."""

    def __init__(self, *, on_again: Callable[[], None]) -> None:
        self._asked = asyncio.Event()
        self._on_again = on_again
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # started with nohup, it is to stay
                asyncio.get_running_loop().add_signal_handler(number, self._ask)

    async def asked(self) -> None:
        await self._asked.wait()

    async def unless_asked(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do the work unless asked to stop first; whether it was done. Raises what it raises."""
        working = asyncio.create_task(work)
        asked = asyncio.create_task(self._asked.wait())
        await asyncio.wait((working, asked), return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if working.done():
            await working
            return True
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        return False

    def _ask(self) -> None:
        if self._asked.is_set():
            self._on_again()
        self._asked.set()


async def _start(plan: Plan, supervisor: Supervisor, say: Say) -> None:
    plan.refuse_taken_ports()
    settings = plan.settings
    await migrate(settings.ledger_url, lambda step: say(f"Ledger: {step}"))
    await refuse_open(settings, at=utc_now())
    await _make_local_key(settings)
    say("The ledger is ready.")
    if plan.is_embedded:
        await _start_part(parts.temporal(settings, plan.ports), supervisor, say)
    client = await connect(settings, plugins=[client_plugin()])
    await ensure_search_attributes(client)
    stack = plan.stack(temporal=client.service_client.config.target_host, namespace=client.namespace)
    if plan.is_embedded:
        remember(settings.home, stack)
    ours = [parts.worker(settings), parts.api(settings)]
    if plan.with_crm_sim:
        ours.append(parts.crm_sim(settings, plan.ports))
    if settings.payload_keys:
        ours.append(parts.codec_server(settings))
    await _start_together(ours, supervisor, say)
    _tell(stack, settings, say)


async def _make_local_key(settings: Settings) -> None:
    engine = database.connect(settings.ledger_url)
    try:
        await make_local(engine, settings.home, at=utc_now())
    finally:
        await engine.dispose()


async def _start_together(these: list[Part], supervisor: Supervisor, say: Say) -> None:
    """None needs another to begin; the first of them that does not start is told."""
    outcomes = await asyncio.gather(*(_start_part(part, supervisor, say) for part in these), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


async def _start_part(part: Part, supervisor: Supervisor, say: Say) -> None:
    say(f"Starting {part.name} …")
    await supervisor.start(part)
    say(f"{part.name} is ready.")


def _tell(stack: Stack, settings: Settings, say: Say) -> None:
    say(f"Sign in      {stack.api}/sign-in")
    say(f"API          {stack.api}/docs (the key is in {settings.home / 'api.key'})")
    if stack.temporal_ui:
        say(f"Temporal UI  {stack.temporal_ui}")
    say(f"Temporal     {stack.temporal}")
    if stack.crm:
        say(f"CRM          {stack.crm}/docs")
    say(f"Logs         {settings.home / 'logs'}")
