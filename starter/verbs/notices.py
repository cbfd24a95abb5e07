"""`vocloop notices`: what was written about a complaint, to whom, whole. It reads the ledger of this machine."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

import settings
from ledger import customer_links
from ledger import notices as centre
from ledger.database import connect
from ledger.links import LinkSigner
from ledger.notices import PostedNotice
from starter.home import secret
from starter.stopping import run
from starter.telling import ways


def notices(
    ticket_no: Annotated[str, typer.Argument(metavar="TICKET")],
    audience: Annotated[str, typer.Option(help="Only these, for instance: customer, responders, vp.")] = "",
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show the notices of a complaint as they were written, with the customer's link as it is now.

    The notice centre keeps no link, which speaks for the customer: the secret of this machine makes it again.
    """
    found = [each for each in run(_posted(ticket_no)) if audience in ("", each.audience)]
    if as_json:
        rows = [each._asdict() for each in found]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, default=str) + "\n")
        return
    console = Console(highlight=False, soft_wrap=True)
    for each in found:
        console.rule(f"{each.kind} → {each.audience} {each.department}", align="left")
        console.print(f"{each.address or 'notice centre'} · {each.created_at:%Y-%m-%d %H:%M:%S} UTC", style="dim")
        console.print(f"{_fate(each)}\n", style="dim", markup=False)
        console.print(f"{each.subject}\n\n{each.body}", markup=False)
    if not found:
        console.print(f"No notice about {ticket_no} was written.")


def _fate(notice: PostedNotice) -> str:
    """What became of it, in a line."""
    if notice.sent_at:
        return f"sent by {ways.said(notice.sent_by)[1]} at {notice.sent_at:%Y-%m-%d %H:%M:%S} UTC"
    if notice.failed_reason:
        return f"not sent, attempts: {notice.attempts}, the last: {notice.failed_reason}"
    return "stands in the notice centre"


async def _posted(ticket_no: str) -> tuple[PostedNotice, ...]:
    here = settings.load()
    engine = connect(here.ledger_url)
    try:
        signer = LinkSigner(here.secret_key or secret(here.home), base_url=here.base_url)
        token = await customer_links.standing(engine, signer, ticket_no=ticket_no)
        found = await centre.of_ticket(engine, ticket_no)
    finally:
        await engine.dispose()
    return tuple(each._replace(body=each.body.replace("/c/***", f"/c/{token}")) if token else each for each in found)
