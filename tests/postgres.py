"""A real PostgreSQL for the tests: Debian's, its own cluster in a temporary folder, one for each process of pytest.

It listens on a socket in that folder alone, never waits for the disk, and dies with the process that began it.
"""

import atexit
import ctypes
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import pytest

MISSING = "There is no /usr/lib/postgresql/*/bin/initdb: apt-get install postgresql, and this is tested on it too."
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "jit": "off",
    "log_min_messages": "fatal",
}
_EMPTY = """DO $$ DECLARE each record; BEGIN
    SET LOCAL session_replication_role = replica;  -- rows in any order, whoever refers to them
    FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', each.tablename);
    END LOOP;
    FOR each IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', each.sequencename);
    END LOOP;
END $$"""
_numbers = itertools.count(1)


def postgres_or_skip() -> "Postgres":
    """The server of this process, started when it is first asked for. Skips the test where there is none."""
    if not _programs():
        pytest.skip(MISSING)
    return _started()


class Postgres:
    """A running server. Its databases are made of templates, which takes a few hundredths of a second each."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]") -> None:
        self.folder, self.process = folder, process

    def url(self, database: str, *, user: str = "postgres") -> str:
        return f"postgresql+asyncpg://{user}@/{database}?host={self.folder}"

    async def ask(self, statement: str, *, database: str = "postgres") -> list[Any]:
        """Past SQLAlchemy, as an administrator would."""
        connection = await asyncpg.connect(host=str(self.folder), user="postgres", database=database)
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()

    async def create(self, *, template: str = "template1") -> str:
        """A fresh database; its name."""
        name = f"t{next(_numbers)}"
        await self.ask(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    async def empty(self, name: str) -> None:
        """Take all rows out of a migrated database: a tenth of the work that a new one would be."""
        await self.ask(_EMPTY, database=name)

    async def drop(self, name: str) -> None:
        await self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # whoever is connected is sent away
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


@cache
def _started() -> Postgres:
    folder = a_cluster()
    with (folder / "log").open("wb") as log:
        # Its parent's end ends it too, however pytest was killed.
        process = subprocess.Popen(
            server_command(folder), stdout=log, stderr=log, preexec_fn=die_with_parent, **as_its_user()
        )
    server = Postgres(folder, process)
    atexit.register(server.stop)
    _wait_until_ready(server)
    return server


def a_cluster() -> Path:
    """A new cluster in a folder of its own, where its socket will be; the caller takes the folder away."""
    folder = Path(tempfile.mkdtemp(prefix="vocloop-pg-", dir="/tmp"))  # a socket's path may hold 107 bytes
    user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to be root
    if user:
        shutil.chown(folder, user)
    # Words in the order of a language, not of their bytes: what relies on the latter shows here.
    collation = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US")
    _run(
        "initdb",
        *collation,
        "--no-sync",
        "--auth=trust",
        "--username=postgres",
        f"--pgdata={folder / 'data'}",
        user=user,
    )
    return folder


def server_command(folder: Path, **settings: str) -> list[str]:
    """How the server of `a_cluster` is started, by the user of `as_its_user`; `settings` go before our own."""
    options = [part for name, value in (_SETTINGS | settings).items() for part in ("-c", f"{name}={value}")]
    return [str(_program("postgres")), "-D", str(folder / "data"), "-k", str(folder), *options]


async def answers(folder: Path) -> bool:
    """Whether the server of this cluster takes connections now."""
    try:
        connection = await asyncpg.connect(host=str(folder), user="postgres", database="postgres", timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return False
    await connection.close()
    return True


def _program(name: str) -> Path:
    folder = _programs()
    assert folder
    return folder / name


def _as(user: str | None) -> dict[str, Any]:
    return {"cwd": "/"} | ({"user": user, "group": user, "extra_groups": ()} if user else {})


def _run(name: str, *arguments: str, user: str | None) -> None:
    command = [str(_program(name)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_as(user))
    assert done.returncode == 0, done.stderr


def as_its_user() -> dict[str, Any]:
    """How a process is started that refuses to be root: as the user of PostgreSQL, when we are root."""
    return _as("postgres" if os.geteuid() == 0 else None)


def die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _wait_until_ready(server: Postgres) -> None:
    end = time.monotonic() + 30
    socket = server.folder / ".s.PGSQL.5432"
    while True:
        said = (server.folder / "log").read_text()
        assert server.process.poll() is None, said
        ready = subprocess.run([str(_program("pg_isready")), "-q", "-h", str(server.folder)], check=False)
        if socket.exists() and ready.returncode == 0:
            return
        assert time.monotonic() < end, f"PostgreSQL did not start: {said}"
        time.sleep(0.05)
