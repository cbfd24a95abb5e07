"""`vocloop red-line`: drills, and what a decision-maker orders through whoever operates the system."""

import asyncio
import getpass
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

import settings as environment
from domain.commands import Actor, Role
from domain.red_line import DRILL, Act, Containment, Order, RedLine, Review
from ledger import notes, red_lines
from settings import utc_now
from starter.connecting import client_plugin, connect
from starter.red_lines import order
from starter.stopping import CannotGoOn
from starter.verbs.asking import in_ledger, told

app = typer.Typer(help="Drill red lines, list them, and acknowledge, decide and close.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The ticket's number, or a drill's id.")]
As = Annotated[str, typer.Option("--as", help='The post that orders it: "leadership" or one like "quality.vp".')]
T = TypeVar("T")


class NotTaken(CannotGoOn):
    """There is no such red line, or it does not take this."""

    exit_code = 1


@app.command()
def drill() -> None:
    """Begin a drill: the decision-makers are called as in earnest, each letter says DRILL, no customer is told."""
    id_ = f"{DRILL}{utc_now():%Y%m%d}-{secrets.token_hex(3)}"
    in_ledger(lambda engine: red_lines.begin_drill(engine, id_, at=utc_now(), by=getpass.getuser()))
    typer.echo(f"{id_} begins as soon as a worker sees it: `vocloop red-line show {id_}`.")


@app.command(name="list")
def list_red_lines() -> None:
    """Show the latest red lines, and how each stands."""
    for row in in_ledger(red_lines.every):
        matters = ", ".join(row.matters) or row.source.value
        typer.echo(f"{row.red_line_id}\t{row.told_at:%Y-%m-%d %H:%M}Z\t{_standing(row.state)}\t{matters}")


@app.command()
def show(
    id_: Id, *, as_json: Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")] = False
) -> None:
    """Show who was called when, and what was decided. Exit codes: 0 shown, 1 no such red line."""
    row = in_ledger(lambda engine: red_lines.get(engine, id_))
    if row is None:
        typer.echo(f"There is no red line {id_}: `vocloop red-line list` shows those that are.", err=True)
        raise typer.Exit(1)
    happened = in_ledger(lambda engine: red_lines.happened(engine, id_))
    if as_json:
        typer.echo(json.dumps([each.model_dump(mode="json") for each in happened], ensure_ascii=False))
        return
    typer.echo(f"{id_}: {_standing(row.state)}")
    for each in happened:
        said = (", ".join(each.posts), each.post, each.by, each.containment or "", each.review or "", each.note_id)
        typer.echo(f"{each.at:%Y-%m-%d %H:%M:%S}Z\t{each.what}\t{' '.join(filter(None, said))}")


@app.command()
def acknowledge(id_: Id, *, post: As) -> None:
    """Say that a decision-maker has it: the calling ends. Exit codes: 0 taken, 1 not, 2 Temporal away."""
    _order(id_, post, Act.ACKNOWLEDGE)


@app.command()
def decide(
    id_: Id,
    containment: Annotated[Containment, typer.Argument()],
    *,
    post: As,
    why: Annotated[str, typer.Option(help="The reason; kept with the complaint's notes.")] = "",
) -> None:
    """Record what was decided. `stop_drive` tells the customer at once. Exit codes: 0 taken, 1 not, 2 Temporal away."""
    _order(id_, post, Act.DECIDE, containment=containment, why=why)


@app.command()
def close(
    id_: Id,
    review: Annotated[Review, typer.Argument(help="What came of the defect review.")],
    *,
    post: As,
    why: Annotated[str, typer.Option(help="The reason; kept with the complaint's notes.")],
) -> None:
    """End it. Exit codes: 0 taken, 1 not, 2 Temporal away."""
    _order(id_, post, Act.CLOSE, review=review, why=why)


def _order(
    id_: str,
    post: str,
    act: Act,
    *,
    containment: Containment | None = None,
    review: Review | None = None,
    why: str = "",
) -> None:
    me = getpass.getuser()

    async def note(engine: AsyncEngine) -> str:
        if await red_lines.get(engine, id_) is None:
            raise NotTaken(f"There is no red line {id_}: `vocloop red-line list` shows those that are.")
        if not why.strip():
            return ""
        return await notes.keep(engine, ticket_no=id_, text=why.strip(), author=me, at=utc_now())

    note_id = in_ledger(note)
    given = Order(
        command_id=secrets.token_hex(8),
        act=act,
        actor=_actor(post, me),
        containment=containment,
        review=review,
        note_id=note_id,
    )
    _in_temporal(lambda client: _sent(client, id_, given))
    typer.echo(f"{id_}: {act.value} is recorded, for {post}.")


async def _sent(client: Client, id_: str, given: Order) -> None:
    receipt = await order(client, id_, given)
    if receipt.refused:
        raise NotTaken(f"{id_} does not take it: {receipt.refused.replace('_', ' ')}.")


def _actor(post: str, me: str) -> Actor:
    """Raises typer.BadParameter for what is no post."""
    department, _, role = post.rpartition(".")
    try:
        return Actor(role=Role(role), department=department, id=f"cli-{me}"[:64])
    except ValueError:
        raise typer.BadParameter(f'{post} is no post; name one like "quality.vp", or "leadership".') from None


def _in_temporal(ask: Callable[[Client], Awaitable[T]]) -> T:
    async def asked() -> T:
        client = await connect(environment.load(), plugins=[client_plugin()])
        try:
            return await ask(client)
        except (RPCError, TimeoutError, RuntimeError):
            raise CannotGoOn("Temporal does not take it now, or the red line is closed: look with `show`.") from None

    return told(lambda: asyncio.run(asked()))


def _standing(state: RedLine | None) -> str:
    if state is None:
        return "not begun"
    if state.closed_at:
        return f"closed: {state.review}"
    if state.acknowledged_at:
        return f"acknowledged by {state.acknowledged_by}, {len(state.decisions)} decisions"
    return f"called {state.calls} times"
