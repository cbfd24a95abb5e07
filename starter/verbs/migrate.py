"""`vocloop migrate`: the ledger's tables, for a database that `vocloop up` does not look after."""

import typer

import settings as environment
from ledger.database import migrate as bring_up_to_date
from starter.stopping import run


def migrate() -> None:
    """Bring the ledger's tables up to this release. Exit codes: 0 done, 2 the database does not answer."""
    run(bring_up_to_date(environment.load().ledger_url, typer.echo))
    typer.echo("The ledger is up to date.")
