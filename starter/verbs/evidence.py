"""`vocloop evidence`: the store behind the ledger, checked, verified, copied and swept."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import httpx2
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine

import settings as environment
from ledger.database import is_ready
from settings import utc_now
from starter.evidence.checking import check as check_store
from starter.evidence.copying import Copied
from starter.evidence.copying import copy as copy_store
from starter.evidence.opening import open_store, store_at
from starter.evidence.store import EvidenceStore, StoreUnavailable
from starter.evidence.sweeping import Swept, TooManyOrphans
from starter.evidence.sweeping import sweep as sweep_store
from starter.evidence.verifying import Verified
from starter.evidence.verifying import verify as verify_store
from starter.stopping import CannotGoOn, run
from starter.verbs.asking import in_ledger

T = TypeVar("T")

app = typer.Typer(help="Check, verify, copy and sweep the files of evidence.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


@app.command()
def check() -> None:
    """Prove with a file of no content that the store does what evidence asks of it; exit 2 and say what it does not."""
    run(_check())
    typer.echo("The store is fit for evidence.")


@app.command()
def verify(*, as_json: Json = False) -> None:
    """Read every file that the ledger names; exit 1 and name each that is missing, damaged, or was to be erased."""

    async def work(engine: AsyncEngine, store: EvidenceStore) -> Verified:
        with _progress("Verifying") as on_progress:
            return await verify_store(engine, store, on_progress)

    verified = _with_store(work)
    if as_json:
        faults = [each._asdict() for each in verified.faults]
        typer.echo(json.dumps(verified._asdict() | {"faults": faults}))
    else:
        for fault in verified.faults:
            typer.echo(fault.sentence)
        erased = f", {verified.erased} of them erased" if verified.erased else ""
        typer.echo(f"{len(verified.faults) or 'No'} faults in {verified.files} files{erased}.")
    if verified.faults:
        raise typer.Exit(1)


@app.command()
def sweep(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also when there are more orphans than is usual.")] = False,
    as_json: Json = False,
) -> None:
    """Delete files that no complaint names and that are older than a day; the worker does so daily."""

    async def work(engine: AsyncEngine, store: EvidenceStore) -> Swept:
        return await sweep_store(engine, store, at=utc_now(), dry=dry_run, is_forced=force)

    try:
        swept = _with_store(work)
    except TooManyOrphans as stop:
        typer.echo(str(stop), err=True)
        raise typer.Exit(1) from None
    if as_json:
        orphans = [{"sha256": e.sha256, "size": e.size, "kept_at": e.kept_at.isoformat()} for e in swept.orphans]
        typer.echo(json.dumps({"dry_run": dry_run, "orphans": orphans, "drafts": swept.drafts}))
        return
    for each in swept.orphans:
        typer.echo(f"{each.sha256}\t{each.size} bytes\t{each.kept_at:%Y-%m-%d}")
    typer.echo(f"{'Would sweep' if dry_run else 'Swept'} {swept.told}.")


@app.command()
def copy(
    *,
    to: Annotated[str, typer.Option("--to", help="Where to: s3://bucket/prefix or file:///folder.")],
    source: Annotated[str, typer.Option("--from", help="Where from; none: the folder under this home.")] = "",
    as_json: Json = False,
) -> None:
    """Copy all files to another store and read each back; exit 1 and name the damaged; run it again to go on."""
    copied = run(_copy(source, to))
    if as_json:
        typer.echo(json.dumps(copied._asdict()))
    else:
        for sha256 in copied.damaged:
            typer.echo(f"{sha256} is not what its hash says: restore it from a backup.")
        typer.echo(f"{copied.new} files copied, {copied.there} were there, {len(copied.damaged)} damaged.")
    if copied.damaged:
        raise typer.Exit(1)


async def _check() -> None:
    async with httpx2.AsyncClient() as http:
        async for line in check_store(open_store(environment.load()), http):
            typer.echo(line)


async def _copy(source: str, target: str) -> Copied:
    here = environment.load()
    try:
        with _progress("Copying") as on_progress:
            return await copy_store(store_at(source, here), store_at(target, here), on_progress)
    except StoreUnavailable as away:
        raise CannotGoOn(f"{away} What was copied stays: run the same again.") from None


def _with_store(work: Callable[[AsyncEngine, EvidenceStore], Awaitable[T]]) -> T:
    async def asked(engine: AsyncEngine) -> T:
        if not await is_ready(engine):
            raise CannotGoOn("There is no ledger of this release here: start `vocloop up` once, which makes it.")
        try:
            return await work(engine, open_store(environment.load()))
        except StoreUnavailable as away:
            raise CannotGoOn(str(away)) from None

    return in_ledger(asked)


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, so that standard output stays for the result."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
