"""`vocloop key`: the keys with which systems ask the API."""

import json
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import settings as environment
from domain.access import Permission
from domain.commands import Role
from ledger import keys
from ledger.keys import KeyRow
from policy.faults import PolicyError
from policy.reading import load
from settings import utc_now
from starter.http.keys import make
from starter.stopping import CannotGoOn
from starter.verbs.asking import in_ledger, said, told

app = typer.Typer(help="Make, list and revoke the keys of systems.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]


class KeyRefused(CannotGoOn):
    """What was asked for cannot be."""

    exit_code = 1


@app.command()
def create(
    *,
    name: Annotated[str, typer.Option(help="Whose key it is, for people to tell it by.")],
    scope: Annotated[list[str], typer.Option(help="What it may, by commas or given again; see policy/access.toml.")],
    department: Annotated[str, typer.Option(help="It speaks for this department alone.")] = "",
    role: Annotated[Role | None, typer.Option(help="It speaks as this role alone.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="It ends after so many; else never.")] = None,
    as_json: Json = False,
) -> None:
    """Make a key and show it, this once. Exit codes: 0 made, 1 refused with the reason, 2 the ledger is away."""
    scopes = told(lambda: _scopes(",".join(scope)))
    told(lambda: _check(name, department, role))
    at = utc_now()
    made = in_ledger(
        lambda engine: make(
            engine,
            name=name.strip(),
            scopes=scopes,
            at=at,
            role=role,
            department=department,
            expires_at=at + timedelta(days=days) if days else None,
        )
    )
    if as_json:
        typer.echo(json.dumps({"id": made.key_id, "key": made.key}))
        return
    typer.echo(made.key)
    typer.echo("Keep it where only that system reads it: it is not shown again.", err=True)


@app.command(name="list")
def list_keys(*, as_json: Json = False) -> None:
    """Show every key, also those that are over; no secret is kept, so none is shown."""
    rows = in_ledger(keys.all_keys)
    if as_json:
        typer.echo(json.dumps([_plain(row) for row in rows], ensure_ascii=False))
        return
    table = Table("Id", "Name", "Scopes", "Speaks as", "State", "Last used")
    for row in rows:
        speaks = " of ".join(part for part in (row.role or "", row.department) if part)
        table.add_row(
            row.key_id, row.name, ", ".join(row.scopes), speaks, _state(row), str(row.last_used_on or "never")
        )
    Console().print(table)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `vocloop key list` shows it.")]) -> None:
    """End a key for good. Exit codes: 0 ended, 1 there is none of this id that still works."""
    if not in_ledger(lambda engine: keys.revoke(engine, key_id, at=utc_now())):
        raise said(KeyRefused(f"No key {key_id} is in force; `vocloop key list` shows those that are."))
    typer.echo(f"Key {key_id} is revoked.")


def _scopes(given: str) -> frozenset[Permission]:
    words = [word.strip() for word in given.split(",") if word.strip()]
    unknown = [word for word in words if word not in list(Permission)]
    if unknown or not words:
        raise KeyRefused(f"{', '.join(unknown) or 'Nothing'} is no scope; choose from {', '.join(Permission)}.")
    return frozenset(Permission(word) for word in words)


def _check(name: str, department: str, role: Role | None) -> None:
    if not 0 < len(name.strip()) <= 64:
        raise KeyRefused("A key needs a name of up to 64 characters: say whose it is with --name.")
    try:
        files = load(environment.load().policy)
    except PolicyError as error:
        raise KeyRefused(f"The policy cannot be read; run `vocloop policy check`: {error.faults[0]}") from None
    if department and files.department(department) is None:
        known = ", ".join(each.id for each in files.departments)
        raise KeyRefused(f"There is no department {department}; choose from {known}.")
    if role is Role.CUSTOMER and department:
        raise KeyRefused("Customers are of no department: leave --department out.")


def _state(row: KeyRow) -> str:
    if row.revoked_at:
        return f"revoked {row.revoked_at:%Y-%m-%d}"
    if row.is_valid(at=utc_now()):
        return f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "in force"
    return "expired"


def _plain(row: KeyRow) -> dict[str, Any]:
    shown = {name: value for name, value in row._asdict().items() if name != "secret_hash"}
    return {**json.loads(json.dumps(shown, default=str)), "is_valid": row.is_valid(at=utc_now())}
