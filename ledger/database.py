"""The ledger's database: SQLite embedded, PostgreSQL in production, the same SQL and migrations on both.

Several processes write at once (worker, API, CLI). With SQLite they queue: in this process behind a lock, between
processes at a turnstile and then behind SQLite's own (`BEGIN IMMEDIATE`), each of which they await for `patience` at
most. PostgreSQL's writers go on side by side at READ COMMITTED; keys keep them from writing the same thing twice, and
`written` lets who lost try again.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ledger import postgres
from ledger.turnstile import my_turn

if TYPE_CHECKING:
    from alembic.config import Config  # Alembic starts slowly and only a migration needs it: imported there.

PATIENCE = timedelta(seconds=15)
_MIGRATING = timedelta(minutes=2)  # what another program's migration may take on a large ledger
HEAD = "head"
T = TypeVar("T")

_MIGRATIONS = Path(__file__).parent / "migrations"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_WRITES = "ledger_writes"
_BACKENDS = ("sqlite", "postgresql", "postgres")
_TRIES = 8  # of a transaction that met others; each of them got on meanwhile
_FIRST_WAIT_S = 0.005  # before the second try, and twice as long before each that follows: 0.6 s in all
_MIGRATION = 4_786_307_712_221_107_041  # PostgreSQL's advisory lock that a migration holds; any number of our own
_ALTERING = timedelta(seconds=15)  # a migration that waits for a table makes all who come after it wait as well
_queues: WeakKeyDictionary[Engine, asyncio.Lock] = WeakKeyDictionary()
_patience: WeakKeyDictionary[Engine, timedelta] = WeakKeyDictionary()


class LedgerUnavailable(Exception):  # noqa: N818  It names a state that may pass, not a mistake.
    """The database cannot be reached or written now. The message is a sentence that says what to do."""


class LedgerBusy(LedgerUnavailable):
    """Another writer was in the way: the same again may well succeed, and nothing of it was written."""


def connect(url: str, *, patience: timedelta = PATIENCE, is_hurried: bool = True) -> AsyncEngine:
    """An engine for `url`, SQLite's or PostgreSQL's (`postgres.Limits` may stand in its query). Opens nothing yet;
    dispose of it in the end. Raises LedgerUnavailable when there is no sense in the URL.

    A writer that awaits another process's lock, or a connection, gives up after `patience` with LedgerUnavailable.
    Without hurry PostgreSQL's time-outs do not hold: for what reads or writes everything.
    """
    target = _read(url)
    return _engine(target if is_hurried else _unhurried(target), patience=patience, foreign_keys=True)


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One short write transaction: committed on leaving, rolled back on any error. Raises LedgerUnavailable."""
    options = engine.execution_options(**{_WRITES: True})
    async with _queue(engine):
        with _explained(engine):
            async with options.connect() as connection:
                async with _turn(engine):
                    await connection.begin()
                yield connection
                await connection.commit()


async def written(engine: AsyncEngine, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """`work` in one write transaction, begun anew when another writer was in its way: it must look at everything again.

    Raises LedgerUnavailable, and IntegrityError when the database goes on refusing what `work` writes.
    """
    for tried in range(1, _TRIES + 1):
        try:
            async with writing(engine) as connection:
                return await work(connection)
        except (LedgerBusy, IntegrityError):
            if tried == _TRIES or _is_sqlite(engine):  # whose writers never meet
                raise
        await asyncio.sleep(_FIRST_WAIT_S * 2**tried / 2)
    raise AssertionError("the last try returned or raised")


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One consistent snapshot to read from. Raises LedgerUnavailable."""
    # SQLite's transactions are snapshots anyway; PostgreSQL's become so at this level.
    level = {} if _is_sqlite(engine) else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with _explained(engine):
        async with engine.execution_options(**level).begin() as connection:
            yield connection


async def migrate(url: str, on_step: Callable[[str], None] | None = None, *, to: str = HEAD) -> None:
    """Bring the tables to revision `to` ("head", "base" or a revision), all steps in one transaction.

    Makes the embedded database and its folder when they are not there. `on_step` hears what each step is about.
    Several may run at once: one migrates, the others wait for it. Raises LedgerUnavailable when the folder or the
    database cannot be written.
    """
    target = _unhurried(_read(url))
    _make_room(target)
    # SQLite alters a table by making it anew, which its foreign keys would forbid half-way.
    engine = _engine(target, patience=_MIGRATING, foreign_keys=False)
    try:
        async with writing(engine) as connection:
            if not _is_sqlite(engine):
                await _await_turn(connection)
            await connection.run_sync(partial(_step, to=to, on_step=on_step))
    finally:
        await engine.dispose()


async def reach(engine: AsyncEngine) -> None:
    """Raises LedgerUnavailable, which says why, when the database does not answer."""
    async with reading(engine) as connection:
        await connection.execute(text("SELECT 1"))


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


def _queue(engine: AsyncEngine) -> AbstractAsyncContextManager[object]:
    return _queues.setdefault(engine.sync_engine, asyncio.Lock()) if _is_sqlite(engine) else nullcontext()


def _turn(engine: AsyncEngine) -> AbstractAsyncContextManager[None]:
    if not _is_sqlite(engine) or not engine.url.database:
        return nullcontext()
    return my_turn(Path(engine.url.database), patience=_patience.get(engine.sync_engine, PATIENCE))


async def _await_turn(connection: AsyncConnection) -> None:
    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION})"))
    await connection.execute(text(f"SET LOCAL lock_timeout = {round(_ALTERING.total_seconds() * 1000)}"))


def _step(connection: Connection, *, to: str, on_step: Callable[[str], None] | None) -> None:
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    config = migrations()
    config.attributes.update(connection=connection, on_step=on_step)
    current = MigrationContext.configure(connection).get_current_revision()
    is_backward = to == "base" or (to != HEAD and current is not None and to < current)
    (command.downgrade if is_backward else command.upgrade)(config, to)


def _read(url: str) -> URL:
    try:
        read = make_url(url)
        if read.get_backend_name() not in _BACKENDS:
            raise ValueError
    except (ArgumentError, ValueError):
        raise LedgerUnavailable(_NO_URL) from None  # without the URL, which may hold a password
    return read


def _engine(url: URL, *, patience: timedelta, foreign_keys: bool) -> AsyncEngine:
    # Statements are logged and raised without their parameters: those may be personal.
    if not _is_file(url):
        try:
            target, limits = postgres.parted(url)
        except ValueError as error:
            raise LedgerUnavailable(str(error)) from None
        options = postgres.engine_options(limits, patience=patience)
        engine = create_async_engine(target, hide_parameters=True, **options)
        postgres.listen(engine.sync_engine, limits)
        return engine
    # isolation_level None hands BEGIN to us: the driver would begin late, and lazily, and let readers upgrade.
    how = {"isolation_level": None, "timeout": patience.total_seconds()}
    url = url.set(drivername="sqlite+aiosqlite")
    engine = create_async_engine(url, hide_parameters=True, json_serializer=_encode, connect_args=how)
    _patience[engine.sync_engine] = patience
    event.listen(engine.sync_engine, "connect", partial(_set_up_sqlite, foreign_keys=foreign_keys))
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: object, *, foreign_keys: bool) -> None:
    cursor = connection.cursor()
    # Of those who open a new file at once SQLite refuses all but one, without patience; that one sets the file's mode.
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
    for pragma in ("synchronous=NORMAL", f"foreign_keys={int(foreign_keys)}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later could not get the lock once another had written in between.
    is_writer = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _is_sqlite(engine: AsyncEngine) -> bool:
    return engine.dialect.name == "sqlite"


def _unhurried(url: URL) -> URL:
    return url if _is_file(url) else url.difference_update_query(_UNHURRIED).update_query_dict(_UNHURRIED)


def _is_file(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _make_room(url: URL) -> None:
    if not _is_file(url) or not url.database:
        return
    folder = Path(url.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerUnavailable(f"The folder {folder} cannot be made: choose another with VOCLOOP_HOME.") from error


def away() -> tuple[type[Exception], ...]:
    """What a database that is away, full or in trouble makes SQLAlchemy, or its driver, raise."""
    return (DBAPIError, PoolTimeoutError, OSError, sqlite3.OperationalError, *postgres.errors())


_REASONS = (
    ("unable to open", "The ledger {where} cannot be opened: let this user write its folder, or choose another."),
    ("readonly", "The ledger {where} cannot be written: let this user write the file and its folder."),
    ("locked", "The ledger {where} is locked by another program: let that finish, then try again."),
    ("disk", "The disk under the ledger {where} is full or failing: make room, then try again."),
    ("no such", "The ledger {where} lacks tables of this release: run its migrations (`vocloop up` does)."),
    ("not a database", "{where} is not a ledger: choose another file with VOCLOOP_DATABASE_URL."),
    ("malformed", "The ledger {where} is damaged: restore it from its backup."),
)

_NO_URL = (
    "VOCLOOP_DATABASE_URL cannot be read: give postgresql+asyncpg://user:password@host/database, with %40 for an @ in"
    " the password, or sqlite+aiosqlite:///path/to/ledger.db."
)
_CROWDED = "All connections to the ledger {where} are in use: try again; if it goes on, raise VOCLOOP_DATABASE_POOL."
_AWAY = "The ledger {where} does not answer: check that it runs and that VOCLOOP_DATABASE_URL is right."
_UNHURRIED = {"statement_timeout": "0", "idle_timeout": "0", "lock_timeout": str(_MIGRATING.total_seconds())}


@contextmanager
def _explained(engine: AsyncEngine) -> Any:
    try:
        yield
    except (IntegrityError, DataError):
        raise  # a mistake of ours, not a database that is away
    except away() as error:
        if postgres.is_mistake(error):
            raise
        kind = LedgerBusy if postgres.sqlstate(error) in postgres.BUSY else LedgerUnavailable
        raise kind(_sentence(engine, error)) from error


def _sentence(engine: AsyncEngine, error: Exception) -> str:
    url = engine.url
    if _is_sqlite(engine):
        cause = str(getattr(error, "orig", error)).lower()
        return next((said for sign, said in _REASONS if sign in cause), _AWAY).format(where=url.database)
    sentence = _CROWDED if isinstance(error, PoolTimeoutError) else postgres.reason(error) or _AWAY
    return sentence.format(where=url.set(query={}).render_as_string(hide_password=True))
