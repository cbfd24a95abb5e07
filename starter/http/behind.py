"""What stands behind the API's routes: the ledger, the policy, the way to Temporal, and what goes on by itself."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from domain.kinship import Windows
from domain.red_line import Calling
from ledger import database, search_filling
from policy.authorities import Authorities, load_authorities
from policy.faults import PolicyError
from policy.kinships import load_alike, load_kinship
from policy.reading import PolicyFiles, load
from policy.red_line_calling import load_calling
from policy.red_lines import RedLines, load_red_lines
from policy.seats import Roster, load_seats
from policy.statutory import Statutes, load_statutes
from settings import Settings, utc_now
from starter.commands import ANSWER_WITHIN, CALL_WITHIN, Complaints
from starter.connecting import client_plugin, connect
from starter.evidence.opening import open_store
from starter.evidence.store import EvidenceStore
from starter.evidence.watching import Watching
from starter.goodwill import Goodwill
from starter.home import secret
from starter.http.rate_limit import RateLimit
from starter.kinship import Kinship, look
from starter.seating import Seating
from starter.stopping import CannotGoOn

WRONG_KEYS_A_MINUTE = 20
SWEEP_EVERY = timedelta(seconds=3)
FILL_SEARCH_EVERY = timedelta(minutes=1)
# What a request is still bringing to Temporal itself is left to it.
SWEEP_OLDER_THAN = ANSWER_WITHIN + CALL_WITHIN + timedelta(seconds=1)

Read = TypeVar("Read")

_log = logging.getLogger("vocloop.api")


@dataclass(frozen=True)
class Behind:
    """Made once for the process. `client` connects at its first call, so that Temporal may be away."""

    settings: Settings
    engine: AsyncEngine
    files: PolicyFiles
    client: Client
    complaints: Complaints
    store: EvidenceStore
    statutes: Statutes = field(default_factory=load_statutes)
    kinship: Windows = field(default_factory=load_kinship)
    authorities: Authorities = field(default_factory=load_authorities)
    red_lines: RedLines = field(default_factory=load_red_lines)
    calling: Calling = field(default_factory=load_calling)
    roster: Roster = field(default_factory=load_seats)
    watching: Watching = field(default_factory=Watching)
    failed_keys: RateLimit = field(default_factory=lambda: RateLimit(WRONG_KEYS_A_MINUTE))

    @cached_property
    def secret(self) -> str:
        """This home's; what is signed or hashed takes a key of its own made of it."""
        return self.settings.secret_key or secret(self.settings.home)

    @cached_property
    def goodwill(self) -> Goodwill:
        queue = self.settings.task_queue
        return Goodwill(self.client, self.engine, self.authorities, task_queue=queue, secret=self.secret)

    @cached_property
    def seating(self) -> Seating:
        return Seating(self.engine, self.files, self.roster)


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Behind]:
    """Everything behind the routes, with what it does by itself. Raises CannotGoOn when it cannot be set up."""
    files, store, read = read_policy(settings), open_store(settings), _read_all(settings)
    client = await connect(settings, plugins=[client_plugin()], is_lazy=True)
    engine = database.connect(settings.ledger_url)
    by_law: dict[str, Any] = {name: read[name] for name in ("statutes", "red_lines")}
    complaints = Complaints(client, engine, files, task_queue=settings.task_queue, **by_law)
    behind = Behind(settings, engine, files, client, complaints, store, **read)
    how = Kinship(windows=behind.kinship, alike=load_alike(settings.policy), secret=behind.secret)
    going_on = (
        _sweep_for_ever(complaints, behind.goodwill),
        _fill_search_for_ever(engine),
        _look_for_kin_for_ever(engine, how, complaints),
        _seat_for_ever(behind.seating),
    )
    tasks = [asyncio.create_task(each) for each in going_on]
    try:
        yield behind
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await engine.dispose()


def read_policy(settings: Settings) -> PolicyFiles:
    """Raises CannotGoOn, naming the first fault."""
    return _read(settings, load, "The policy cannot be lived under; run `vocloop policy check`")


def _read(settings: Settings, load_from: Callable[[Path | None], Read], why: str) -> Read:
    try:
        return load_from(settings.policy)
    except PolicyError as error:
        raise CannotGoOn(f"{why}: {error.faults[0]}") from None


def _read_all(settings: Settings) -> dict[str, Any]:
    """What stands in the policy's folder beside the policy itself, by the names that `Behind` has for it."""
    loaders: dict[str, Callable[[Path | None], Any]] = {
        "statutes": load_statutes,
        "kinship": load_kinship,
        "authorities": load_authorities,
        "red_lines": load_red_lines,
        "calling": load_calling,
        "roster": load_seats,
    }
    why = "The {} cannot be read; run `vocloop policy check`"
    return {name: _read(settings, each, why.format(_SAID[name])) for name, each in loaders.items()}


_SAID = {
    "statutes": "statutes",
    "kinship": "kinship",
    "authorities": "authority",
    "red_lines": "red-line words",
    "calling": "red line's calling",
    "roster": "seats of CX",
}


async def _sweep_for_ever(complaints: Complaints, goodwill: Goodwill) -> None:
    """Bring to Temporal what it could not take at the door. Nothing but the end of the process ends this."""
    while True:
        await asyncio.sleep(SWEEP_EVERY.total_seconds())
        try:
            await complaints.sweep(at=utc_now(), older_than=SWEEP_OLDER_THAN)
            await goodwill.sweep(at=utc_now())
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive every error
            _log.warning("the sweep failed and goes on: %s", type(error).__name__)


async def _look_for_kin_for_ever(engine: AsyncEngine, how: Kinship, complaints: Complaints) -> None:
    """What comes in is linked with what it belongs to. Several processes may do so at once."""
    while True:
        await asyncio.sleep(SWEEP_EVERY.total_seconds())
        try:
            await look(engine, how, submit=complaints.submit, at=utc_now())
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive every error
            _log.warning("complaints wait to be linked: %s", type(error).__name__)


async def _seat_for_ever(seating: Seating) -> None:
    """Give what waits to those of CX who have room. Several processes may do so at once."""
    while True:
        await asyncio.sleep(SWEEP_EVERY.total_seconds())
        try:
            await seating.look(at=utc_now())
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive every error
            _log.warning("complaints wait for a seat of CX: %s", type(error).__name__)


async def _fill_search_for_ever(engine: AsyncEngine) -> None:
    """Index again what an earlier release indexed, be it before this one began or beside it."""
    while True:
        try:
            filled = await search_filling.fill_outdated(engine)
            if filled:
                _log.info("the search finds %s older complaints again", filled)
        except Exception as error:  # noqa: BLE001 - the edge of a task that must outlive every error
            _log.warning("older complaints wait to be searched: %s", type(error).__name__)
        await asyncio.sleep(FILL_SEARCH_EVERY.total_seconds())


def _behind(request: Request) -> Behind:
    behind: Behind = request.app.state.behind
    return behind


BehindRoutes = Annotated[Behind, Depends(_behind)]
