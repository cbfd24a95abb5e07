"""What PostgreSQL needs that SQLite does not: a pool, time-outs, and words for what it refuses.

Behind PgBouncer in transaction pooling (`…/vocloop?pooling=transaction`) the next transaction may be another server
connection's. So nothing is left on one: no statement is prepared by name, and each transaction says its limits itself.
"""

import json
import re
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError

if TYPE_CHECKING:
    from asyncpg import PostgresError

DRIVER = "postgresql+asyncpg"
_CONNECTING = timedelta(seconds=10)
_ON_THE_WAY = timedelta(seconds=10)  # beyond a statement's own time: then the answer is lost, or the server is
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NUL = "\ufffd"
_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # not behind a backslash that is itself escaped
_MODES = {"sslmode": "ssl"}  # libpq's word, and asyncpg's
_POOLING = ("session", "transaction")  # PgBouncer's words


class Refused(OSError):  # noqa: N818  It names what the server did.
    """The server took no connection. `sqlstate` says why."""

    def __init__(self, error: "PostgresError") -> None:
        super().__init__(str(error))
        self.sqlstate = error.sqlstate


class Limits(NamedTuple):
    """How much of the server one process takes. Zero time is no limit.

    Each is a part of the URL's query by this name, times in seconds: `…/vocloop?pool=5&statement_timeout=30`.
    """

    pool: int = 10  # connections; as many again for a moment when all of them are busy
    statement_timeout: float = 30.0
    lock_timeout: float = 10.0  # waiting for what another transaction holds
    idle_timeout: float = 120.0  # a transaction in which nothing is asked
    pooling: str = "session"  # what a pooler between us does; "transaction": each of them may meet another connection


_NUMBERS = tuple(name for name in Limits._fields if name != "pooling")
_UNNAMED = {"statement_cache_size": 0, "prepared_statement_cache_size": 0, "prepared_statement_name_func": str}


def parted(url: URL) -> tuple[URL, Limits]:
    """The URL as the driver takes it, and the limits that stood in its query. Raises ValueError with a sentence."""
    pooling = _first(url.query.get("pooling", _POOLING[0]))
    if pooling not in _POOLING:
        raise ValueError("In VOCLOOP_DATABASE_URL pooling is session or transaction: correct it.")
    try:
        given = {name: float(_first(url.query[name])) for name in _NUMBERS if name in url.query}
    except ValueError:
        raise ValueError(f"In VOCLOOP_DATABASE_URL {', '.join(_NUMBERS)} are numbers: correct them.") from None
    query = {_MODES.get(name, name): value for name, value in url.query.items() if name not in Limits._fields}
    given["pool"] = int(given.get("pool", Limits().pool))
    return url.set(drivername=DRIVER, query=query), Limits(pooling=pooling, **given)  # type: ignore[arg-type]


def engine_options(limits: Limits, *, patience: timedelta) -> dict[str, Any]:
    """What `create_async_engine` is given. `patience` is how long a caller waits for a connection of the pool."""
    in_all = limits.statement_timeout + _ON_THE_WAY.total_seconds() if limits.statement_timeout else None
    how = {"async_creator_fn": _connect, "timeout": _CONNECTING.total_seconds(), "command_timeout": in_all}
    options = {
        "pool_size": limits.pool,
        "max_overflow": limits.pool,
        "pool_timeout": patience.total_seconds(),
        "json_serializer": to_json,
    }
    if limits.pooling == "transaction":
        return options | {"isolation_level": "READ COMMITTED", "connect_args": how | _UNNAMED}
    named = {"application_name": "vocloop", "default_transaction_isolation": "read committed"}
    return options | {"connect_args": how | {"server_settings": named | _on_server(limits)}}


def listen(engine: Engine, limits: Limits) -> None:
    """Leave connections that the server closed, and keep what it cannot: a NUL within a text, as U+FFFD."""
    event.listen(engine, "checkout", _refuse_closed)
    event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
    if limits.pooling == "transaction":
        told = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in _on_server(limits).items())
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(f"SELECT {told}"))


def _on_server(limits: Limits) -> dict[str, str]:
    return {
        "jit": "off",  # it takes longer to compile our queries than to run them
        "statement_timeout": _milliseconds(limits.statement_timeout),
        "lock_timeout": _milliseconds(limits.lock_timeout),
        "idle_in_transaction_session_timeout": _milliseconds(limits.idle_timeout),
    }


def to_json(value: object) -> str:
    """PostgreSQL keeps an escaped NUL within JSON, and then refuses to look into it: it becomes U+FFFD too."""
    said = _encode(value)
    return _ESCAPED_NUL.sub(rf"\1{_NUL}", said) if "\\u0000" in said else said


def reason(error: BaseException) -> str | None:
    """What to tell people when the server refused, with {where} for the database; None: nothing of that kind."""
    return _REASONS.get(sqlstate(error)) or _REASONS.get(sqlstate(error)[:2])


def is_mistake(error: BaseException) -> bool:
    """The statement itself is wrong, which is ours to mend."""
    state = sqlstate(error)
    return state[:2] == "42" and state not in _REASONS


def sqlstate(error: BaseException) -> str:
    """The SQL standard's code for what went wrong; "" when the server said nothing."""
    cause = getattr(error, "orig", error)
    return str(getattr(cause, "sqlstate", None) or "")


def errors() -> tuple[type[Exception], ...]:
    """What the driver raises where SQLAlchemy is not between; nothing before the driver was ever needed."""
    driver = sys.modules.get("asyncpg")
    return (driver.PostgresError, driver.InterfaceError) if driver else ()


# Another writer was in the way, or took the key: the same again may well succeed.
BUSY = frozenset({"40001", "40P01", "55P03", "23505"})

_OTHERS = "Other writers were in the way in the ledger {where}: try again."
_NO_TABLES = "The ledger {where} lacks tables of this release: run its migrations (`vocloop migrate`)."
_REFUSED = "The ledger {where} refuses this user: correct the name and the password in VOCLOOP_DATABASE_URL."
_REASONS = {
    **dict.fromkeys(BUSY, _OTHERS),
    "42P01": _NO_TABLES,
    "42703": _NO_TABLES,
    "3F000": _NO_TABLES,
    "28": _REFUSED,
    "08P01": "The pooler before the ledger {where} refuses our settings: add pooling=transaction to"
    " VOCLOOP_DATABASE_URL.",
    "3D000": "There is no database for the ledger at {where}: create it (docs/connect/postgresql.md).",
    "42501": "This user may not do that in the ledger {where}: make it the owner of the database and of its tables.",
    "25006": "The ledger {where} cannot be written: it is a standby, or read-only. Name the primary.",
    "53100": "The disk under the ledger {where} is full: make room, then try again.",
    "53300": "The ledger {where} takes no more connections: raise its max_connections, or lower VOCLOOP_DATABASE_POOL.",
    "57014": "The ledger {where} took too long over one question: try again; if that is no accident, raise"
    " VOCLOOP_DATABASE_STATEMENT_TIMEOUT.",
}


async def _connect(*arguments: Any, **options: Any) -> Any:
    import asyncpg  # a tenth of a command's start, and SQLite needs none of it

    try:
        return await asyncpg.connect(*arguments, **options)
    except asyncpg.PostgresError as error:
        raise Refused(error) from error


def _first(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else value[0]


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))


def _refuse_closed(connection: Any, *_: object) -> None:
    # The driver sees at once that the server went away. To ask each time, as a "pre-ping" does, would be one more way
    # there and back for every transaction.
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def _without_nul(_: Connection, __: object, statement: str, parameters: Any, *___: object) -> tuple[str, Any]:
    is_many = isinstance(parameters, list)
    rows = parameters if is_many else [parameters]
    if not any(type(value) is str and "\x00" in value for row in rows for value in row):
        return statement, parameters
    kept = [tuple(value.replace("\x00", _NUL) if type(value) is str else value for value in row) for row in rows]
    return statement, kept if is_many else kept[0]
