"""`vocloop notices`: what was written about a complaint, to whom, whole. It reads the ledger of this machine."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

import settings
from ledger import notices as centre
from ledger.database import connect
from ledger.notices import PostedNotice
from starter.stopping import run


def notices(
    ticket_no: Annotated[str, typer.Argument(metavar="TICKET")],
    audience: Annotated[str, typer.Option(help="Only these, for instance: customer, responders, vp.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show the notices of a complaint as they were written, the customer's survey link among them.

    Whoever may read the ledger may read these; the API masks the link, which speaks for the customer.
    """
    found = [each for each in run(_posted(ticket_no)) if audience in ("", each.audience)]
    if as_json:
        rows = [each._asdict() for each in found]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, default=str) + "\n")
        return
    console = Console(highlight=False, soft_wrap=True)
    for each in found:
        console.rule(f"{each.kind} → {each.audience} {each.department}", align="left")
        console.print(f"{each.address or 'notice centre'} · {each.created_at:%Y-%m-%d %H:%M:%S} UTC\n", style="dim")
        console.print(f"{each.subject}\n\n{each.body}", markup=False)
    if not found:
        console.print(f"No notice about {ticket_no} was written.")


async def _posted(ticket_no: str) -> tuple[PostedNotice, ...]:
    engine = connect(settings.load().ledger_url)
    try:
        return await centre.of_ticket(engine, ticket_no)
    finally:
        await engine.dispose()
