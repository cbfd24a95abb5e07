"""`vocloop erase`: forget one person's data, wherever we keep it."""

import getpass
import json
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

import settings as environment
from ledger import personal, tickets
from ledger.database import is_ready
from ledger.erasing import Erased
from ledger.scrubbing import scrub
from settings import utc_now
from starter.evidence.opening import open_store
from starter.evidence.store import StoreUnavailable
from starter.retaining import erase_all
from starter.stopping import CannotGoOn
from starter.verbs.asking import in_ledger, told

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def erase(
    *,
    ticket: Annotated[list[str] | None, typer.Option(help="The complaint's number; again for another.")] = None,
    customer: Annotated[str, typer.Option(help="A whole phone, e-mail or VIN; - reads it from standard input.")] = "",
    why: Annotated[str, typer.Option(help="The ground, kept for good; name no customer.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Also while the complaint is open.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be forgotten, and forget nothing.")
    ] = False,
    again: Annotated[
        Path | None, typer.Option(help="A file of --log: erase all it names, on a restored backup.")
    ] = None,
    log: Annotated[
        bool, typer.Option("--log", help="Write what was ever erased as JSON; keep it with backups.")
    ] = False,
    only_scrub: Annotated[bool, typer.Option("--scrub", help="Finish what a busy ledger put off.")] = False,
    as_json: Json = False,
) -> None:
    """Erase a customer's personal data. Exit codes: 0 done, 1 refused with the reason, 2 could not begin."""
    if only_scrub or log:
        in_ledger(scrub if only_scrub else _write_log)
        return
    if [bool(ticket), bool(customer), bool(again)].count(True) != 1:
        raise _misused("Say whose data: one of --ticket, --customer or --again.")
    if not (why.strip() or dry_run or again):
        raise _misused("Say on which ground with --why; it is kept, so name no customer.")

    named = told(lambda: _named_in(again)) if again else ticket or []
    how: dict[str, Any] = {"why": why.strip() or "again, after a restore", "is_forced": force or bool(again)}
    done = in_ledger(partial(_erased, named=named, customer=customer, dry=dry_run, **how))
    _tell(done, dry=dry_run, as_json=as_json)
    if not done or any(each.refused for each in done):
        raise typer.Exit(1)


async def _erased(engine: AsyncEngine, *, named: list[str], customer: str, **how: Any) -> tuple[Erased, ...]:
    if not await is_ready(engine):
        raise CannotGoOn("There is no ledger of this release here: start `vocloop up` once, which makes it.")
    store, numbers = open_store(environment.load()), await _meant(engine, named, customer)
    try:
        return await erase_all(engine, store, numbers, at=utc_now(), by=getpass.getuser(), **how)
    except StoreUnavailable as away:
        raise CannotGoOn(f"{away} The files stay until then: run the same again.") from None


async def _write_log(engine: AsyncEngine) -> None:
    done = [act._asdict() for act in await personal.acts(engine) if act.act is personal.Act.ERASED]
    typer.echo(json.dumps({"erased": done}, ensure_ascii=False, default=str))


async def _meant(engine: AsyncEngine, given: list[str], customer: str) -> tuple[str, ...]:
    if customer:
        return await tickets.of_customer(engine, sys.stdin.read() if customer == "-" else customer)
    return tuple(dict.fromkeys(given))


def _named_in(log: Path) -> list[str]:
    try:
        return [str(each["ticket_no"]) for each in json.loads(log.read_text(encoding="utf-8"))["erased"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise CannotGoOn(f"{log} cannot be read: give a file that `vocloop erase --log` wrote.") from None


def _tell(done: tuple[Erased, ...], *, dry: bool, as_json: bool) -> None:
    if as_json:
        rows = [{**each._asdict(), "counts": dict(each.counts)} for each in done]
        typer.echo(json.dumps({"dry_run": dry, "complaints": rows}, ensure_ascii=False))
        return
    for each in done:
        counted = ", ".join(f"{count} {kind}" for kind, count in each.counts.items() if count)
        typer.echo(each.sentence or f"{each.ticket_no}: {'would forget' if dry else 'forgot'} {counted}.")
    if not done:
        typer.echo("No complaint has that customer: check what you gave; it must be whole.", err=True)


def _misused(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(2)
