"""`vocloop keys`: the keys that seal payloads, for VOCLOOP_PAYLOAD_KEYS."""

from itertools import chain, count
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
    name = key_id or _todays(before)
    value = ",".join(filter(None, (f"{name}:{written(new_key())}", before)))
    told(lambda: _check(value))
    typer.echo(value)


@app.command(name="list")
def list_keys() -> None:
    """Show the ids of the keys that are set, the one that seals first."""
    ring = told(lambda: _check(environment.load().payload_keys))
    typer.echo("\n".join(ring.ids) if ring else "No keys are set: payloads stand in Temporal in clear.")


def _todays(before: str) -> str:
    """An id that none of those has: k20261123, and k20261123.2 for the second of a day."""
    ring = told(lambda: _check(before))
    today = f"k{utc_now():%Y%m%d}"
    later = (f"{today}.{number}" for number in count(2))
    return next(name for name in chain([today], later) if not ring or name not in ring.ids)


def _check(value: str) -> KeyRing | None:
    try:
        return KeyRing.read(value, setting="VOCLOOP_PAYLOAD_KEYS")
    except ValueError as fault:
        raise CannotGoOn(str(fault)) from None
