"""`vocloop ledger`: rebuild what is derived, verify what is kept, export what to anchor elsewhere, copy it whole."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

import settings
from activities.ports import Crm
from domain.outlets import CrmBatch
from ledger import crm_refusals
from ledger.copying import CannotCopy, Copied
from ledger.copying import copy as copy_ledger
from ledger.database import LedgerUnavailable, connect, is_ready, reach
from ledger.rebuilding import Rebuilt
from ledger.rebuilding import rebuild as rebuild_ledger
from ledger.search_filling import refill
from ledger.verifying import Fault, Head
from ledger.verifying import heads as heads_of
from ledger.verifying import verify as verify_ledger
from starter.stopping import CannotGoOn, run

app = typer.Typer(help="Rebuild, verify and anchor the ledger.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Anchors = Annotated[Path | None, typer.Option(help="A file that `ledger heads --json` wrote earlier.")]
ChainOnly = Annotated[bool, typer.Option("--chain-only", help="Do not compare the projections: much faster.")]


class HeadsFile(BaseModel):
    """What `heads --json` writes and `verify --anchors` reads."""

    heads: tuple[Head, ...]


@app.command()
def rebuild(*, as_json: Json = False) -> None:
    """Make all projections and the search's index again; exit 1 and name every complaint that cannot be folded."""
    rebuilt = run(_rebuild())
    if as_json:
        typer.echo(json.dumps({"complaints": rebuilt.complaints, "broken": rebuilt.broken}))
    else:
        typer.echo(f"{rebuilt.complaints} complaints rebuilt from their events.")
        for ticket_no in rebuilt.broken:
            typer.echo(f"{ticket_no}: its events do not fold; run `vocloop ledger verify`. Its projection was left.")
    if rebuilt.broken:
        raise typer.Exit(1)


@app.command()
def verify(*, anchors: Anchors = None, chain_only: ChainOnly = False, as_json: Json = False) -> None:
    """Find every changed, missing or reordered row, and every projected one that differs; exit 1 and name each."""
    faults = run(_verify(anchors, chain_only=chain_only))
    if as_json:
        typer.echo(json.dumps({"faults": [fault._asdict() for fault in faults]}))
    else:
        for fault in faults:
            typer.echo(fault.sentence)
        typer.echo(f"{len(faults)} faults." if faults else "The ledger is whole.")
    if faults:
        raise typer.Exit(1)


@app.command()
def heads(*, as_json: Json = False) -> None:
    """Export where each complaint's chain ends; keep it outside the database, for `verify --anchors`."""
    found = run(_heads())
    if as_json:
        typer.echo(HeadsFile(heads=found).model_dump_json())
        return
    for head in found:
        typer.echo(f"{head.ticket_no}\t{head.seq}\t{head.hash}")


@app.command(name="send-again")
def send_again(tickets: Annotated[list[str] | None, typer.Argument(help="None: all.")] = None) -> None:
    """Send the CRM what it refused for good before; exit 1 and name each ticket that it still refuses."""
    before, still = run(_send_again(tuple(tickets) if tickets else None))
    typer.echo(f"{len(before) - len(still)} of {len(before)} complaints: the CRM has their states now.")
    for ticket_no in still:
        typer.echo(f"{ticket_no}: still refused; create the ticket in the CRM first.")
    if still:
        raise typer.Exit(1)


@app.command()
def copy(
    *,
    to: Annotated[str, typer.Option("--to", help="URL of a ledger that was migrated and holds nothing.")],
    source: Annotated[str, typer.Option("--from", help="URL of the ledger to copy; none: this home's own.")] = "",
    as_json: Json = False,
) -> None:
    """Copy a whole ledger to another database and verify it; exit 1 when the copy is not whole, 2 when there is none.

    Stop the worker and the API first. A copy that was cut off leaves nothing behind: run it again. Where it was
    only being proven, make the database and its tables anew first.
    """
    copied = run(_copy(source or settings.load().ledger_url, to))
    if as_json:
        typer.echo(json.dumps(copied._asdict() | {"faults": [fault._asdict() for fault in copied.faults]}))
    else:
        _tell(copied)
    if not copied.is_whole:
        raise typer.Exit(1)


def _tell(copied: Copied) -> None:
    typer.echo(f"{copied.rows} rows of {copied.complaints} complaints copied.")
    for name in copied.differing:
        typer.echo(f"{name} does not hold the same rows on both sides.")
    if copied.heads_differ:
        typer.echo("The chains of events do not end where they ended.")
    for fault in copied.faults:
        typer.echo(fault.sentence)
    typer.echo(
        "The copy is whole." if copied.is_whole else "Do not use this copy: empty it, see to the above, copy again."
    )


async def _copy(source: str, target: str) -> Copied:
    there, here = connect(source, is_hurried=False), connect(target, is_hurried=False)
    try:
        with _progress("Copying") as on_progress, _progress("Verifying") as on_verify:
            return await copy_ledger(there, here, on_progress=on_progress, on_verify=on_verify)
    except CannotCopy as stop:
        raise CannotGoOn(str(stop)) from None
    finally:
        await there.dispose()
        await here.dispose()


async def _send_again(tickets: tuple[str, ...] | None) -> tuple[list[str], list[str]]:
    """Whose states the CRM lacked, and whose it still lacks."""
    import worker  # the outlets' libraries are many: imported when they are needed

    configured = settings.load()
    if not configured.crm_url:
        raise CannotGoOn("No CRM is connected: set VOCLOOP_CRM_URL, as the worker has it, and send again.")
    async with _ledger() as engine, worker.outlets(configured) as outlets:
        owed = await crm_refusals.owed(engine, tickets)
        with _progress("Sending") as on_progress:
            lacking = list(dict.fromkeys(each.write.ticket_no for each in owed))
            for done, ticket_no in enumerate(lacking, start=1):
                writes = tuple(each.write for each in owed if each.write.ticket_no == ticket_no)
                await _send(outlets.crm, CrmBatch(ticket_no=ticket_no, writes=writes))
                on_progress(done, len(lacking))
        still = {each.write.ticket_no for each in await crm_refusals.owed(engine, lacking)}
    return lacking, sorted(still)


async def _send(crm: Crm, batch: CrmBatch) -> None:
    try:
        await crm.write_back(batch)
    except ApplicationError as error:
        if error.type != "CrmRefused":  # what it refuses is told in the end, together
            raise CannotGoOn(f"The CRM is away ({error.message}): send again when it answers.") from error


async def _rebuild() -> Rebuilt:
    async with _ledger() as engine:
        with _progress("Rebuilding") as on_progress:
            rebuilt = await rebuild_ledger(engine, on_progress)
        with _progress("Indexing") as on_progress:
            await refill(engine, on_progress)
        return rebuilt


async def _verify(anchors: Path | None, *, chain_only: bool) -> tuple[Fault, ...]:
    anchored = _read(anchors) if anchors else ()
    async with _ledger() as engine:
        with _progress("Verifying") as on_progress:
            return await verify_ledger(engine, on_progress, anchored=anchored, chain_only=chain_only)


async def _heads() -> tuple[Head, ...]:
    async with _ledger() as engine:
        return await heads_of(engine)


def _read(anchors: Path) -> tuple[Head, ...]:
    try:
        return HeadsFile.model_validate_json(anchors.read_bytes()).heads
    except (OSError, ValidationError):
        raise CannotGoOn(f"{anchors} cannot be read: give a file that `vocloop ledger heads --json` wrote.") from None


@asynccontextmanager
async def _ledger() -> AsyncIterator[AsyncEngine]:
    engine = connect(settings.load().ledger_url)
    try:
        await reach(engine)
        if not await is_ready(engine):
            raise LedgerUnavailable(
                "There is no ledger of this release here: start `vocloop up` once, or `vocloop migrate`."
            )
        yield engine
    finally:
        await engine.dispose()


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, so that standard output stays for the result."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
