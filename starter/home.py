"""The folder where the embedded stack lives: its databases, its logs, its lock, and where it listens."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from starter.stopping import CannotGoOn


class Stack(BaseModel):
    """Where a running `vocloop up` listens. `temporal` is host:port; the others are URLs, "" where there is none."""

    model_config = ConfigDict(frozen=True)

    temporal: str
    temporal_ui: str = ""
    api: str = ""
    crm: str = ""


def prepare(home: Path) -> None:
    """Make the folder and its logs. Raises CannotGoOn when it cannot be written to."""
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        probe = home / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotGoOn(
            f"The folder {home} cannot be written to ({error.strerror}): choose another with --home."
        ) from None


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the folder for one `vocloop up`. The lock goes with the process, however that ends."""
    with (home / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise CannotGoOn(
                f"`vocloop up` already runs on {home} (process {holder}): stop it first, or choose another --home."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def remember(home: Path, stack: Stack) -> None:
    """Write down where the stack listens, so that other commands on this machine find it."""
    draft = home / "up.json.new"
    draft.write_text(stack.model_dump_json(indent=2), encoding="utf-8")
    draft.replace(home / "up.json")  # whole or not at all


def recall(home: Path) -> Stack | None:
    """Where the stack on this folder listens, or listened last; None when none ever did."""
    try:
        return Stack.model_validate_json((home / "up.json").read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None


def secret(home: Path) -> str:
    """The key this home signs with; made at first use, readable by its owner alone, the same for all processes."""
    path = home / "secret.key"
    draft = home / f"secret.key.{os.getpid()}"
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
        with suppress(FileExistsError):
            os.link(draft, path)  # unlike a rename it lets the first of two processes win
        draft.unlink()
    return path.read_text(encoding="ascii")


def local_key(home: Path) -> str:
    """The API key of this home, which `vocloop up` made; "" when there is none, or it is another user's."""
    try:
        return (home / "api.key").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def keep_local_key(home: Path, key: str) -> None:
    """Whole or not at all, readable by its owner alone."""
    draft = home / f"api.key.{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(key, encoding="ascii")
    draft.replace(home / "api.key")
