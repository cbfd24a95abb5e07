"""`vocloop crm`: check the connection, read the CRM's tickets, compare its states with ours."""

import contextlib
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import typer

import settings
from starter.stopping import CannotGoOn, run

app = typer.Typer(help="Check the CRM's connection, read its tickets, compare its states.", no_args_is_help=True)


@app.command()
def check() -> None:
    """Ask the CRM once and say what it offers; exit 2 when it is away or does not let us in."""
    for line in run(_check()):
        typer.echo(line)


@app.command()
def poll(
    since: Annotated[str, typer.Option(help="An instant with its offset: begin there, not where we were.")] = "",
) -> None:
    """Take the CRM's tickets that changed since we last asked. The API starts their complaints."""
    typer.echo(run(_poll(_instant(since) if since else None)))


@app.command()
def reconcile(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look: write nothing, keep nothing.")] = False,
) -> None:
    """Compare each complaint's state with the CRM's and write again where they differ; exit 1 when some still do."""
    done = run(_reconcile(is_dry=dry_run))
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
    else:
        for became, differences in (("healed", done.healed), ("stands", done.standing)):
            for each in differences:
                typer.echo(f"{each.ticket_no}\t{became}\t{each.what}\t{json.dumps(each.fields, ensure_ascii=False)}")
        typer.echo(f"{done.sentence}.")
    if done.standing:
        raise typer.Exit(1)


def _instant(since: str) -> datetime:
    with contextlib.suppress(ValueError):
        at = datetime.fromisoformat(since)
        if at.tzinfo:
            return at
    raise typer.BadParameter("Give an instant with its offset, as 2026-03-02T09:00:00+08:00.", param_hint="--since")


async def _check() -> tuple[str, ...]:
    async with _desk() as desk:
        said: tuple[str, ...] = await desk.check()
        return said


async def _poll(since: datetime | None) -> str:
    async with _desk() as desk:
        return f"{(await desk.poll(since=since)).sentence}."


async def _reconcile(*, is_dry: bool) -> Any:
    async with _desk() as desk:
        return await desk.reconcile(is_dry=is_dry)


@contextlib.asynccontextmanager
async def _desk() -> AsyncIterator[Any]:
    """The CRM's desk, as the worker has it. Raises CannotGoOn, also for what the CRM does not do."""
    import worker  # the outlets' libraries are many: imported when they are needed

    async with worker.outlets(settings.load()) as outlets:
        if outlets.crm_desk is None:
            raise CannotGoOn("No CRM is connected: set VOCLOOP_CRM_URL, as the worker has it, and try again.")
        try:
            yield outlets.crm_desk
        except (worker.CrmAway, worker.CrmCannot) as failure:
            raise CannotGoOn(f"The CRM did not do it ({failure}): see that it runs, its address and token.") from None
