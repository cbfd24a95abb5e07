"""`vocloop restricted`: personal data that is only kept, for ops and whom they answer to."""

import getpass
import json
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.commands import Role
from ledger import disclosures, restricting
from settings import utc_now
from starter.stopping import CannotGoOn
from starter.verbs.asking import in_ledger


class NotRestricted(CannotGoOn):
    """There is nothing that was put away."""

    exit_code = 1


def restricted(
    ticket: Annotated[str, typer.Argument(metavar="TICKET")],
    *,
    why: Annotated[str, typer.Option(help="Written down with your name before anything is shown.")],
) -> None:
    """Show a restricted complaint's personal data as JSON. Exit codes: 0 shown, 1 nothing was put away."""

    async def work(engine: AsyncEngine) -> dict[str, Any]:
        papers = await restricting.papers(engine, ticket)
        if papers is None:
            raise NotRestricted(f"Nothing of {ticket} was put away: it is whole, erased, or no complaint of ours.")
        me = getpass.getuser()
        said: dict[str, Any] = {
            "name": {"zh": me, "en": me},
            "role": Role.OPS,
            "department": "",
            "what": "restricted",
            "why": why,
        }
        await disclosures.record(engine, at=utc_now(), person_id=me, ticket_no=ticket, **said)
        return {**papers._asdict(), "ticket": papers.ticket.model_dump(mode="json")}

    typer.echo(json.dumps(in_ledger(work), ensure_ascii=False))
