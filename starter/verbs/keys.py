"""`vocloop keys`: the keys that seal payloads, for VOCLOOP_PAYLOAD_KEYS."""

from typing import Annotated

import typer

import settings as environment
from ledger.keyring import KeyRing, new_key, written
from settings import utc_now
from starter.stopping import CannotGoOn
from starter.verbs.asking import told

app = typer.Typer(help="Make keys that seal what Temporal keeps.", no_args_is_help=True)


@app.command()
def make(key_id: Annotated[str, typer.Argument(metavar="[ID]", help="Else today's date.")] = "") -> None:
    """Show the value VOCLOOP_PAYLOAD_KEYS is to have: a new key first, and behind it those that are set now."""
    before = environment.load().payload_keys
    value = ",".join(filter(None, (f"{key_id or f'k{utc_now():%Y%m%d}'}:{written(new_key())}", before)))
    told(lambda: _check(value))
    typer.echo(value)


@app.command(name="list")
def list_keys() -> None:
    """Show the ids of the keys that are set, the one that seals first."""
    ring = told(lambda: _check(environment.load().payload_keys))
    typer.echo("\n".join(ring.ids) if ring else "No keys are set: payloads stand in Temporal in clear.")


def _check(value: str) -> KeyRing | None:
    try:
        return KeyRing.read(value, setting="VOCLOOP_PAYLOAD_KEYS")
    except ValueError as fault:
        raise CannotGoOn(str(fault)) from None
