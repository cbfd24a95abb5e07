"""A real PgBouncer before the tests' PostgreSQL, in transaction pooling: two server connections a database, so that
clients meet each other's."""

import atexit
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import pytest

from tests.postgres import as_its_user, die_with_parent, postgres_or_skip

MISSING = "There is no pgbouncer: apt-get install pgbouncer, and the ledger is tested behind it too."
_SETTINGS = """[databases]
* = host={postgres} user=postgres
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
pool_mode = transaction
default_pool_size = 2
max_client_conn = 200
auth_type = any
"""


def pgbouncer_or_skip() -> "PgBouncer":
    """This process's, started when it is first asked for. Skips the test where there is none."""
    if not _program():
        pytest.skip(MISSING)
    return _started()


class PgBouncer:
    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]") -> None:
        self.folder, self.process = folder, process

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}&port=6432&pooling=transaction"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)  # at once; it waits for nobody
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _program() -> str | None:
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")


@cache
def _started() -> PgBouncer:
    program = _program()
    assert program
    folder = Path(tempfile.mkdtemp(prefix="vocloop-pgb-", dir="/tmp"))
    user = as_its_user()
    if "user" in user:
        shutil.chown(folder, user["user"])
    settings, said = folder / "pgbouncer.ini", folder / "log"
    settings.write_text(_SETTINGS.format(postgres=postgres_or_skip().folder, folder=folder))
    settings.chmod(0o644)
    with said.open("wb") as log:
        process = subprocess.Popen([program, str(settings)], stdout=log, stderr=log, preexec_fn=die_with_parent, **user)
    bouncer = PgBouncer(folder, process)
    atexit.register(bouncer.stop)
    end = time.monotonic() + 30
    while not (folder / ".s.PGSQL.6432").exists():
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < end, f"PgBouncer did not start: {said.read_text()}"
        time.sleep(0.02)
    return bouncer
