"""How a command stops when it cannot go on: one sentence that says what to do, and exit code 2."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import typer

from ledger.database import LedgerUnavailable

T = TypeVar("T")


class CannotGoOn(Exception):  # noqa: N818 - a stop with its reason, not a fault
    """Its text is one sentence for a person and says what to do."""

    exit_code = 2


def run(work: Coroutine[object, object, T]) -> T:
    """Run a command's work to its end; what stops it is said on standard error. Raises typer.Exit."""
    try:
        return asyncio.run(work)
    except (CannotGoOn, LedgerUnavailable) as stop:
        typer.echo(str(stop), err=True)
        raise typer.Exit(CannotGoOn.exit_code) from None
