"""How a command stops when it cannot go on: one sentence that says what to do, and exit code 2."""

import asyncio
import gc
from collections.abc import Coroutine
from typing import TypeVar

import typer

from ledger.database import LedgerUnavailable

T = TypeVar("T")

_LETTING_GO_S = 0.1


class CannotGoOn(Exception):  # noqa: N818 - a stop with its reason, not a fault
    """Its text is one sentence for a person and says what to do."""

    exit_code = 2


def run(work: Coroutine[object, object, T]) -> T:
    """Run a command's work to its end; what stops it is said on standard error. Raises typer.Exit."""
    try:
        return asyncio.run(_to_its_end(work))
    except (CannotGoOn, LedgerUnavailable) as stop:
        typer.echo(str(stop), err=True)
        raise typer.Exit(CannotGoOn.exit_code) from None
    finally:
        gc.collect()


async def _to_its_end(work: Coroutine[object, object, T]) -> T:
    """The work, and after it time for Temporal's native threads to let go of Python.

    The thread that brings the last answer wakes this loop before it has dropped the answer's future, for which it needs
    the interpreter's lock once more. An interpreter that is already shutting down aborts the whole process then, exit
    code 134 (temporalio/sdk-python#300); the client has no close() that would wait for it. Collecting first makes
    clients that hang in a cycle go while there is still a loop; sleeping gives the lock away.
    """
    try:
        return await work
    finally:
        gc.collect()
        await asyncio.sleep(_LETTING_GO_S)
