"""Ledgers for tests: a real SQLite file each, or a real PostgreSQL database; and batches as the workflow sends them."""

import atexit
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain import commands as cmd
from domain.commands import RootCause
from domain.outlets import LedgerBatch
from domain.policy import Policy
from domain.ticket import Ticket
from ledger import policies
from ledger.database import connect, migrate, reading
from ledger.events import append
from tests.builders import CUSTOMER, CX, DAY, HOUR, NOTE, PHOTO, T0, Played, a_policy, of
from tests.pgbouncer import pgbouncer_or_skip
from tests.postgres import postgres_or_skip

DATABASES = ("sqlite", "postgresql")
POOLED = "pgbouncer"  # PostgreSQL behind it, in transaction pooling
_used = {"database": "sqlite"}
_migrated: dict[str, str] = {}
_spare: list[str] = []  # PostgreSQL's databases that are migrated, empty and used by nobody now


def use(database: str) -> None:
    """Make ledgers on this one of DATABASES from now on, or on POOLED."""
    _used["database"] = database


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def url_again(engine: AsyncEngine, **limits: object) -> str:
    """The URL that an open ledger was opened by, with other limits of PostgreSQL's."""
    pooling = {"pooling": "transaction"} if _used["database"] == POOLED else {}
    asked = {name: str(value) for name, value in limits.items()} | pooling
    return engine.url.update_query_dict(asked).render_as_string(hide_password=False)


@asynccontextmanager
async def a_ledger(folder: Path, *, policy: Policy | None = None) -> AsyncIterator[AsyncEngine]:
    """A migrated ledger that knows `policy` (the builders' own by default), in `folder` when it is a file."""
    async with a_database(folder, is_migrated=True) as url:
        engine = connect(url)
        try:
            await policies.keep(engine, policy or a_policy())
            yield engine
        finally:
            await engine.dispose()


@asynccontextmanager
async def a_database(folder: Path, *, is_migrated: bool = False) -> AsyncIterator[str]:
    """The URL of a database of its own, empty or with the tables of this release."""
    if _used["database"] != "sqlite":
        async with _a_postgres_database(is_migrated=is_migrated) as url:
            yield url
        return
    if is_migrated:
        shutil.copy(await _template(), folder / "ledger.db")
    yield url_of(folder / "ledger.db")


@asynccontextmanager
async def _a_postgres_database(*, is_migrated: bool) -> AsyncIterator[str]:
    server = postgres_or_skip()
    if not is_migrated:
        name = await server.create()
    elif _spare:
        name = _spare.pop()
    else:
        name = await server.create(template=await _postgres_template())
    try:
        yield pgbouncer_or_skip().url(name) if _used["database"] == POOLED else server.url(name)
    finally:
        if is_migrated:
            await server.empty(name)
            _spare.append(name)
        else:
            await server.drop(name)


async def _template() -> str:
    """Migrating takes a while; an empty migrated file is made once and copied."""
    if "sqlite" not in _migrated:
        path = _home() / "template.db"
        await migrate(url_of(path))
        _migrated["sqlite"] = str(path)
    return _migrated["sqlite"]


async def _postgres_template() -> str:
    if "postgresql" not in _migrated:
        server = postgres_or_skip()
        name = await server.create()
        await migrate(server.url(name))
        _migrated["postgresql"] = name
    return _migrated["postgresql"]


@cache
def _home() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="vocloop-ledger-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def a_batch(played: Played, first: int = 1, last: int = 0, *, messages: bool = False) -> LedgerBatch:
    """The events `first` to `last` of what was played, and, when asked for, all its messages."""
    events = [event for event in played.events if first <= event.seq <= (last or len(played.events))]
    return LedgerBatch(
        ticket_no=played.complaint.ticket.ticket_no,
        policy_version=played.complaint.policy.version,
        events=tuple(events),
        messages=tuple(played.messages) if messages else (),
    )


async def recorded(engine: AsyncEngine, *plays: Played) -> None:
    """Append all that was played."""
    for played in plays:
        await append(engine, a_batch(played, messages=True), recorded_at=played.complaint.settled_at)


def eventful(ticket_no: str = "T-1", *, policy: Policy | None = None) -> Played:
    """Refused without evidence, transferred, silent past the deadline, claimed, rejected, claimed, confirmed."""
    played = Played("engine.stall", ticket_no=ticket_no, policy=policy)
    engine, chassis = of("engine"), of("chassis")
    played.send(cmd.Transfer, at=T0 + HOUR, by=engine, to="chassis", note_id=NOTE)
    played.send(cmd.Transfer, at=T0 + 2 * HOUR, by=engine, to="chassis", evidence=(PHOTO,), note_id=NOTE)
    played.wait(T0 + 7 * HOUR)
    played.send(cmd.Claim, at=T0 + DAY, by=chassis, note_id=NOTE, root_cause=RootCause.DESIGN)
    played.send(cmd.CustomerReply, at=T0 + 2 * DAY, by=CUSTOMER, answer=cmd.Answer.REJECT, round=1)
    played.wait(T0 + 6 * DAY)
    played.send(cmd.Claim, at=T0 + 7 * DAY, by=chassis, note_id=NOTE, root_cause=RootCause.DESIGN)
    played.send(cmd.CustomerReply, at=T0 + 8 * DAY, by=CUSTOMER, answer=cmd.Answer.CONFIRM, round=2)
    return played


def withdrawn(ticket_no: str) -> Played:
    """Opened and taken back within the hour."""
    played = Played(ticket_no=ticket_no)
    played.send(cmd.Withdraw, at=T0 + HOUR, by=CX)
    return played


def a_whole_ticket(ticket_no: str = "T-1", **fields: Any) -> Ticket:
    """With all that is personal about it."""
    return Ticket.model_validate(
        {
            "ticket_no": ticket_no,
            "created_at": T0,
            "tags": ["engine.stall"],
            "customer": {"name": "王小明", "phone": "13800001111"},
            "vehicle": {"vin": "LVSHCAMB1CE000001", "plate": "沪A12345"},
            "words": "发动机在高速上熄火",
            **fields,
        }
    )


async def dump(engine: AsyncEngine, *tables: Table) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables, in the order of their keys."""
    found = {}
    async with reading(engine) as connection:
        for table in tables:
            rows = await connection.execute(select(table).order_by(*table.primary_key))
            found[table.name] = [tuple(row) for row in rows]
    return found
