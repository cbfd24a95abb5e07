"""Filled ledgers to ask: SQLite's are kept under build/bench/ledgers for the next run, PostgreSQL's live one run."""

import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.filling import fill
from ledger.database import connect, migrate
from settings import Settings, utc_now
from starter.http.keys import make_local
from tests.postgres import postgres_or_skip
from tests.starter.processes import free_port

DATABASES = ("sqlite", "postgresql")
_SHAPE = 1  # of what `filling` writes: a ledger of another is filled anew
_STALE = timedelta(days=1)  # then the complaints of today are of yesterday, and the board has other work


@asynccontextmanager
async def filled(database: str, complaints: int, *, to: Path) -> AsyncIterator[Settings]:
    """Settings of a home whose ledger holds so many complaints and the key of this machine; Temporal is away."""
    home = to / "ledgers" / f"{database}-{complaints}"
    if database == "sqlite":
        settings = _settings(home)
        if not _is_kept(home):
            shutil.rmtree(home, ignore_errors=True)
            await _fill(settings, complaints, says=f"SQLite, {complaints:,} complaints")
        yield settings
        return
    server = postgres_or_skip()
    name = await server.create()
    shutil.rmtree(home, ignore_errors=True)
    try:
        settings = _settings(home, database_url=server.url(name))
        await _fill(settings, complaints, says=f"PostgreSQL, {complaints:,} complaints")
        await server.ask("VACUUM (ANALYZE)", database=name)  # as autovacuum would within minutes
        yield settings
    finally:
        await server.drop(name)


def events_in(home: Path) -> int:
    return int(_kept(home)["events"])


def _settings(home: Path, *, database_url: str = "") -> Settings:
    home.mkdir(parents=True, exist_ok=True)
    nobody = f"127.0.0.1:{free_port()}"
    return Settings(
        home=home,
        temporal_address=nobody,
        api_port=free_port(),
        secret_key="bench" * 8,
        database_url=database_url,
    )


async def _fill(settings: Settings, complaints: int, *, says: str) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    await migrate(settings.ledger_url)
    engine, now = connect(settings.ledger_url), utc_now()
    try:
        with _progress(f"Filling {says}") as on_progress:
            made = await fill(engine, complaints, now=now, on_progress=on_progress)
        await make_local(engine, settings.home, at=now)
    finally:
        await engine.dispose()
    kept = {"shape": _SHAPE, "filled_at": now.isoformat(), "complaints": made.complaints, "events": made.events}
    (settings.home / "filled.json").write_text(json.dumps(kept), encoding="utf-8")


def _is_kept(home: Path) -> bool:
    kept = _kept(home)
    if kept.get("shape") != _SHAPE:
        return False
    return utc_now() - datetime.fromisoformat(str(kept["filled_at"])) < _STALE


def _kept(home: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((home / "filled.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
