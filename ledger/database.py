"""The ledger's database: SQLite embedded, PostgreSQL in production, the same SQL and migrations on both.

Several processes write at once (worker, API, CLI), so writers queue: in this process behind a lock, between processes
behind SQLite's own (`BEGIN IMMEDIATE`), which they await for `patience` at most.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager, nullcontext
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from alembic.config import Config  # Alembic starts slowly and only a migration needs it: imported there.

PATIENCE = timedelta(seconds=15)
_MIGRATING = timedelta(minutes=2)  # what another program's migration may take on a large ledger
HEAD = "head"

_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "ledger_writes"
_queues: WeakKeyDictionary[Engine, asyncio.Lock] = WeakKeyDictionary()


class LedgerUnavailable(Exception):  # noqa: N818  It names a state that may pass, not a mistake.
    """The database cannot be reached or written now. The message is a sentence that says what to do."""


def connect(url: str, *, patience: timedelta = PATIENCE) -> AsyncEngine:
    """An engine for `url` (sqlite+aiosqlite or postgresql+asyncpg). Opens nothing yet; dispose of it in the end.

    A writer that awaits another process's lock gives up after `patience` with LedgerUnavailable.
    """
    return _engine(make_url(url), patience=patience, foreign_keys=True)


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One short write transaction: committed on leaving, rolled back on any error. Raises LedgerUnavailable."""
    queue = _queues.setdefault(engine.sync_engine, asyncio.Lock()) if _is_sqlite(engine) else nullcontext()
    async with queue:
        with _explained(engine):
            async with engine.execution_options(**{_WRITES: True}).begin() as connection:
                yield connection


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One consistent snapshot to read from. Raises LedgerUnavailable."""
    # SQLite's transactions are snapshots anyway; PostgreSQL's become so at this level.
    level = {} if _is_sqlite(engine) else {"isolation_level": "REPEATABLE READ"}
    with _explained(engine):
        async with engine.execution_options(**level).begin() as connection:
            yield connection


async def migrate(url: str, on_step: Callable[[str], None] | None = None, *, to: str = HEAD) -> None:
    """Bring the tables to revision `to` ("head", "base" or a revision), all steps in one transaction.

    Makes the embedded database and its folder when they are not there. `on_step` hears what each step is about.
    Raises LedgerUnavailable when the folder or the database cannot be written.
    """
    target = make_url(url)
    _make_room(target)
    # SQLite alters a table by making it anew, which its foreign keys would forbid half-way.
    engine = _engine(target, patience=_MIGRATING, foreign_keys=False)
    try:
        async with writing(engine) as connection:
            await connection.run_sync(partial(_step, to=to, on_step=on_step))
    finally:
        await engine.dispose()


async def is_ready(engine: AsyncEngine) -> bool:
    """Whether the database answers and has the tables of this release."""
    try:
        async with reading(engine) as connection:
            found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except LedgerUnavailable:
        return False
    return bool(found == head_revision())


@lru_cache(maxsize=1)
def head_revision() -> str:
    """The newest migration of this release. Their files begin with their numbers, `0001_events.py`."""
    return max(file.name.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def migrations() -> "Config":
    """Alembic's configuration for the migrations that ship."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _step(connection: Connection, *, to: str, on_step: Callable[[str], None] | None) -> None:
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    config = migrations()
    config.attributes.update(connection=connection, on_step=on_step)
    current = MigrationContext.configure(connection).get_current_revision()
    is_backward = to == "base" or (to != HEAD and current is not None and to < current)
    (command.downgrade if is_backward else command.upgrade)(config, to)


def _engine(url: URL, *, patience: timedelta, foreign_keys: bool) -> AsyncEngine:
    options: dict[str, Any] = {"pool_pre_ping": True}
    if url.get_backend_name() == "sqlite":
        # isolation_level None hands BEGIN to us: the driver would begin late, and lazily, and let readers upgrade.
        options = {"connect_args": {"isolation_level": None, "timeout": patience.total_seconds()}}
    # Statements are logged and raised without their parameters: those may be personal.
    engine = create_async_engine(url, hide_parameters=True, json_serializer=_to_json, **options)
    if _is_sqlite(engine):
        event.listen(engine.sync_engine, "connect", partial(_set_up_sqlite, foreign_keys=foreign_keys))
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object, *, foreign_keys: bool) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"foreign_keys={int(foreign_keys)}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could not get the lock once another had written in between.
    is_writer = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _is_sqlite(engine: AsyncEngine) -> bool:
    return engine.dialect.name == "sqlite"


def _make_room(url: URL) -> None:
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerUnavailable(f"The folder {folder} cannot be made: choose another with VOCLOOP_HOME.") from error


_REASONS = (
    ("unable to open", "The ledger {where} cannot be opened: let this user write its folder, or choose another."),
    ("readonly", "The ledger {where} cannot be written: let this user write the file and its folder."),
    ("locked", "The ledger {where} is locked by another program: let that finish, then try again."),
    ("disk", "The disk under the ledger {where} is full or failing: make room, then try again."),
    ("no such", "The ledger {where} lacks tables of this release: run its migrations (`vocloop up` does)."),
    ("does not exist", "The ledger {where} lacks tables of this release: run its migrations (`vocloop up` does)."),
    ("not a database", "{where} is not a ledger: choose another file with VOCLOOP_DATABASE_URL."),
    ("malformed", "The ledger {where} is damaged: restore it from its backup."),
)


@contextmanager
def _explained(engine: AsyncEngine) -> Any:
    try:
        yield
    except (IntegrityError, DataError):
        raise  # a mistake of ours, not a database that is away
    except (DBAPIError, PoolTimeoutError, OSError) as error:
        raise LedgerUnavailable(_sentence(engine, error)) from error


def _sentence(engine: AsyncEngine, error: Exception) -> str:
    cause = str(getattr(error, "orig", error)).lower()
    otherwise = "The ledger {where} does not answer: check that it runs and that VOCLOOP_DATABASE_URL is right."
    sentence = next((said for sign, said in _REASONS if sign in cause), otherwise)
    url = engine.url
    return sentence.format(where=url.database if _is_sqlite(engine) else url.render_as_string(hide_password=True))
