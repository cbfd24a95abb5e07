"""What the verbs that ask the ledger alone have in common."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

import settings as environment
from ledger import database
from starter.stopping import CannotGoOn

T = TypeVar("T")


def in_ledger(ask: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """What the ledger of this environment answers. A ledger that is away is told, and ends the command with 2."""

    async def asked() -> T:
        engine = database.connect(environment.load().ledger_url)
        try:
            return await ask(engine)
        except database.LedgerUnavailable as away:
            raise CannotGoOn(str(away)) from None
        finally:
            await engine.dispose()

    return told(lambda: asyncio.run(asked()))


def told(work: Callable[[], T]) -> T:
    """The work's result; what it cannot do is said in its sentence, and ends the command."""
    try:
        return work()
    except CannotGoOn as stop:
        raise said(stop) from None


def said(stop: CannotGoOn) -> typer.Exit:
    typer.echo(str(stop), err=True)
    return typer.Exit(stop.exit_code)
