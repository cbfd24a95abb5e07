"""`vocloop demo`: plays, tells, and exits 0 only when everything that must hold held."""

import contextlib
import json
import logging
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ledger import queries
from ledger.events import events_of
from policy.reading import load
from settings import utc_now
from starter.demo.play import Casting, cast, play, tickets_for
from starter.demo.proving import faults_of, lateness
from starter.demo.report import show_departments, show_totals, tell_story
from starter.demo.theatre import World, world
from starter.importing.reading import Format
from starter.stopping import run


def demo(
    source: Annotated[
        Path | None, typer.Option("--from", help="Complaints to play; the bundled sample if none.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="The file's format.")] = Format.CN_COMPLAINTS,
    map_path: Annotated[Path | None, typer.Option("--map", help="For --format csv: which column is what.")] = None,
    complaints: Annotated[int, typer.Option(min=1, help="How many.")] = 40,
    seed: Annotated[int, typer.Option(help="The same seed casts the same play.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the ledger and say where it is.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON object on the last line.")] = False,
) -> None:
    """Play complaints through the whole loop on a throw-away Temporal server with skipped time, then prove it."""
    castings = run(_cast(source, format_, map_path, count=complaints, seed=seed))
    home = Path(tempfile.mkdtemp(prefix="vocloop-demo-"))
    try:
        broken = run(_perform(home, castings, seed=seed, as_json=as_json))
    finally:
        if keep:
            typer.echo(f"The ledger is kept in {home / 'ledger.db'}", err=True)
        else:
            shutil.rmtree(home, ignore_errors=True)
    if broken:
        raise typer.Exit(1)


async def _cast(
    source: Path | None, format_: Format, map_path: Path | None, *, count: int, seed: int
) -> tuple[Casting, ...]:
    """Raises CannotGoOn, which `run` says."""
    files = load()
    tickets = tickets_for(files, source=source, format_=format_, count=count, map_path=map_path)
    return cast(tickets, files.policy_at(utc_now()), seed=seed)


async def _perform(home: Path, castings: tuple[Casting, ...], *, seed: int, as_json: bool) -> tuple[str, ...]:
    console = Console(stderr=as_json)
    numbers = tuple(ticket.ticket_no for ticket, _ in castings)
    async with _quiet(), world(home) as stage:
        with _progress(console) as progress:
            playing = progress.add_task("playing", total=len(numbers))
            spoilt = await play(stage, castings, seed=seed, on_done=lambda _: progress.advance(playing))
            progress.update(playing, description="played")
        with console.status("Checking that ledger, projections, workflows and CRM agree"):
            broken = (*spoilt, *await faults_of(stage, numbers))
        await _tell(stage, console, numbers, broken, as_json=as_json)
    return broken


async def _tell(
    stage: World, console: Console, numbers: tuple[str, ...], broken: tuple[str, ...], *, as_json: bool
) -> None:
    histories = {number: await events_of(stage.engine, number) for number in numbers}
    eventful = max(numbers, key=lambda number: len(histories[number]))
    totals = await queries.totals(stage.engine)
    tell_story(console, eventful, histories[eventful], stage.files)
    show_departments(console, await queries.department_table(stage.engine), stage.files)
    late = lateness([event for events in histories.values() for event in events])
    show_totals(console, totals, late=late, broken=broken)
    if as_json:
        said = totals.model_dump(exclude={"closings"}) | {"invariants_broken": list(broken)}
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")


@contextlib.asynccontextmanager
async def _quiet() -> AsyncIterator[None]:
    """The CRM's absence is part of the play: its hundreds of failed attempts are not for the audience."""
    loggers = [logging.getLogger(name) for name in ("temporalio.activity", "vocloop.worker")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
