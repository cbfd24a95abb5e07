"""`vocloop audit`: is what is recorded what the rules decide?"""

import json
import sys
from typing import Annotated

import typer

import settings
from domain import audit as auditing
from domain.events import Opened
from ledger import policies
from ledger.database import connect
from ledger.events import events_of
from ledger.messages import messages
from starter.stopping import CannotGoOn, run


def audit(
    ticket_no: Annotated[str, typer.Argument(metavar="TICKET")],
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Feed the complaint's recorded messages to the core again; exit 1 when other events come out."""
    events, taken, found = run(_audited(ticket_no))
    if as_json:
        said = {"ticket_no": ticket_no, "events": events, "messages": taken, "differences": list(found)}
        sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    elif found:
        typer.echo("\n".join(f"{ticket_no}: {fault}" for fault in found))
    else:
        typer.echo(f"{ticket_no}: {taken} messages, fed again, give exactly the {events} recorded events.")
    if found:
        raise typer.Exit(1)


async def _audited(ticket_no: str) -> tuple[int, int, tuple[str, ...]]:
    engine = connect(settings.load().ledger_url)
    try:
        events = await events_of(engine, ticket_no)
        if not events or not isinstance(events[0], Opened):
            raise CannotGoOn(f"The ledger has no complaint {ticket_no}: check the number with `vocloop show`.")
        recorded = [each.message for each in await messages(engine, ticket_no)]
        policy = await policies.get(engine, events[0].policy_version)
        return len(events), len(recorded), auditing.differences(events, recorded, policy=policy)
    finally:
        await engine.dispose()
