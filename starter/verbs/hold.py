"""`vocloop hold`: legal holds, under which nothing of a complaint is erased or restricted."""

import getpass
import json
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import holds, tickets
from ledger.holds import Hold
from settings import utc_now
from starter.stopping import CannotGoOn
from starter.verbs.asking import in_ledger

app = typer.Typer(help="Place, lift and list legal holds.", no_args_is_help=True)

Ticket = Annotated[str, typer.Argument(metavar="TICKET")]


class NoSuchHold(CannotGoOn):
    """There is nothing to hold, or to lift."""

    exit_code = 1


@app.command()
def place(ticket: Ticket, *, why: Annotated[str, typer.Option(help="The dispute or authority; no customer.")]) -> None:
    """Keep everything of a complaint until the hold is lifted. Exit codes: 0 it stands, 1 no such complaint."""

    async def work(engine: AsyncEngine) -> Hold:
        if await tickets.get(engine, ticket) is None:
            raise NoSuchHold(f"The ledger has no complaint {ticket}: check its number.")
        return await holds.place(engine, ticket, why=why.strip(), at=utc_now(), by=getpass.getuser())

    hold = in_ledger(work)
    typer.echo(f"{ticket} is under legal hold since {hold.placed_at:%Y-%m-%d} ({hold.why}).")


@app.command()
def lift(ticket: Ticket) -> None:
    """Let retention and erasure go on. Exit codes: 0 lifted, 1 none stood."""
    if not in_ledger(lambda engine: holds.lift(engine, ticket, at=utc_now(), by=getpass.getuser())):
        typer.echo(f"No legal hold stands on {ticket}: `vocloop hold list` shows those that do.", err=True)
        raise typer.Exit(1)
    typer.echo(f"The legal hold on {ticket} is lifted.")


@app.command(name="list")
def list_holds(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that were lifted, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False,
) -> None:
    """Show the holds that stand."""
    found = in_ledger(lambda engine: holds.every(engine, also_lifted=every))
    if as_json:
        typer.echo(json.dumps([hold._asdict() for hold in found], ensure_ascii=False, default=str))
        return
    for hold in found:
        lifted = f", lifted {hold.lifted_at:%Y-%m-%d} by {hold.lifted_by}" if hold.lifted_at else ""
        typer.echo(f"{hold.ticket_no}\t{hold.placed_at:%Y-%m-%d} by {hold.placed_by}{lifted}\t{hold.why}")
