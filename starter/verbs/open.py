"""`vocloop open` and `vocloop show`: a ticket into the loop, and a complaint before your eyes."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import settings as environment
from domain.messages import MAX_MESSAGE_BYTES
from policy.faults import PolicyError
from policy.reading import load
from starter.api_client import ApiClient, base_url, language, say_and_exit
from starter.stopping import CannotGoOn
from starter.telling.complaints import in_rich
from starter.telling.events import Names

Api = Annotated[str, typer.Option("--api", help="The API's address; by default that of `vocloop up`.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def open_ticket(
    ticket: Annotated[str, typer.Argument(metavar="TICKET.json", help="A ticket's JSON; - reads standard input.")],
    api: Api = "",
    as_json: Json = False,
) -> None:
    """Open a complaint. Exit codes: 0 taken, 1 refused with the reason, 2 the API or the file cannot be reached."""
    try:
        body = _read(ticket)
        with _client(api) as client:
            receipt = client.post("/tickets", body)
    except CannotGoOn as stop:
        raise say_and_exit(stop) from None
    if as_json:
        typer.echo(json.dumps(receipt, ensure_ascii=False))
    else:
        typer.echo(f"{receipt['ticket_no']}: {receipt['sentence'][language()]}\n{receipt['address']}")


def show(
    ticket_no: Annotated[str, typer.Argument(metavar="TICKET")],
    api: Api = "",
    as_json: Json = False,
) -> None:
    """Show a complaint's owner, light, clocks, hops and timeline, on the policy's wall clock; --json is in UTC.

    Exit codes: 0, 1 unknown, 2 the API is away.
    """
    try:
        names = None if as_json else _names()
        with _client(api) as client:
            found = client.get(f"/complaints/{_in_path(ticket_no)}")
            if found["complaint"]:
                found |= {
                    part: client.get(f"/complaints/{ticket_no}/{part}") for part in ("clocks", "risk", "timeline")
                }
    except CannotGoOn as stop:
        raise say_and_exit(stop) from None
    if names is None:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        Console().print(in_rich(found, names=names, language=language()))


def _client(api: str) -> ApiClient:
    settings = environment.load()
    return ApiClient(base_url(api, settings), language=language(), settings=settings)


def _names() -> Names:
    try:
        return Names(load(environment.load().policy))
    except PolicyError as error:
        raise CannotGoOn(f"{error}\nThe policy here cannot be read: mend it, or ask with --json.") from None


def _read(source: str) -> bytes:
    try:
        body = sys.stdin.buffer.read(MAX_MESSAGE_BYTES + 1) if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise CannotGoOn(f"{source} cannot be read ({error.strerror}): name a readable file, or - for input.") from None
    return body


def _in_path(ticket_no: str) -> str:
    """A number that no address could mean otherwise; any other is unknown by its form."""
    if not ticket_no or not all(sign.isascii() and (sign.isalnum() or sign in "._-") for sign in ticket_no):
        raise CannotGoOn("A ticket number is made of letters, digits, dots, dashes and underscores: check it.")
    return ticket_no
