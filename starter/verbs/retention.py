"""`vocloop retention`: what the policy's table of keeping asks for today."""

import json
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

import settings as environment
from policy.faults import PolicyError
from policy.retention import load_retention
from settings import utc_now
from starter.evidence.opening import open_store
from starter.evidence.store import StoreUnavailable
from starter.retaining import Kept, keep_in_time
from starter.stopping import CannotGoOn
from starter.verbs.asking import in_ledger


def retention(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is due, and do nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Restrict and erase what has been kept for as long as policy/retention.toml says; the worker does so daily."""

    async def work(engine: AsyncEngine) -> Kept:
        here = environment.load()
        try:
            keepings = load_retention(here.policy)
            return await keep_in_time(engine, open_store(here), keepings, at=utc_now(), dry=dry_run)
        except (PolicyError, StoreUnavailable) as fault:
            raise CannotGoOn(str(fault)) from None

    kept = in_ledger(work)
    if as_json:
        rows = [{**each._asdict(), "closed_at": each.closed_at.isoformat()} for each in kept.due]
        done = {"restricted": kept.restricted, "erased": kept.erased, "held": kept.held}
        typer.echo(json.dumps({"dry_run": dry_run, **done, "due": rows}))
        return
    for each in kept.due:
        held = " (under legal hold: left)" if each.is_held else ""
        typer.echo(f"{each.ticket_no}\t{each.step}\t{each.record}, closed {each.closed_at:%Y-%m-%d}{held}")
    typer.echo(f"{'Due: ' if dry_run else ''}{kept.told}.")
