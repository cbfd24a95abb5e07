"""`vocloop session`: who is signed in, and signing people out who may not wait for the end of the day."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ledger import sessions
from settings import utc_now
from starter.verbs.asking import in_ledger

app = typer.Typer(help="List who is signed in, and sign people out.", no_args_is_help=True)


@app.command(name="list")
def list_sessions(
    *, as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False
) -> None:
    """Show the sessions that are open, the newest first."""
    rows = in_ledger(lambda engine: sessions.open_ones(engine, at=utc_now()))
    if as_json:
        shown = [{name: value for name, value in row._asdict().items() if name != "id_hash"} for row in rows]
        typer.echo(json.dumps(shown, ensure_ascii=False, default=str))
        return
    table = Table("Person", "Name", "Role", "Department", "Since (UTC)")
    for row in rows:
        table.add_row(row.person_id, row.name["zh"], row.role, row.department, f"{row.begun_at:%Y-%m-%d %H:%M}")
    Console().print(table)


@app.command()
def end(person: Annotated[str, typer.Argument(metavar="PERSON", help="As `vocloop session list` shows them.")]) -> None:
    """Sign a person out everywhere. Exit codes: 0 done, 1 there was no session to end."""
    ended = in_ledger(lambda engine: sessions.end_of(engine, person, at=utc_now()))
    typer.echo(f"{ended} of {person}'s sessions ended.", err=not ended)
    if not ended:
        raise typer.Exit(1)
