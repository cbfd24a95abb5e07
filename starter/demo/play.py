"""`vocloop demo`: tickets meet departments and customers on a real server whose time is skipped; then all is proved."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

from domain.policy import Policy
from domain.ticket import Ticket
from policy.reading import PolicyFiles
from settings import utc_now
from starter.demo.players import Player, PlaySpoiltError
from starter.demo.scripts import FINALE, MOVING, SCRIPTS, Script, swift
from starter.demo.theatre import World
from starter.importing import reading
from starter.importing.rows import Accepted, ImportFileError
from starter.stopping import CannotGoOn

# From the CRM to us. Also keeps deadlines counted from creation and from dispatch apart: the server may skip over a
# timer that is due within milliseconds.
_ON_ITS_WAY = timedelta(minutes=1)
WITH_FINALE = 20  # from this many complaints on, every behaviour is played
_AT_ONCE = 6  # complaints played at the same time; more only queue on two cores

Casting = tuple[Ticket, Script]


def tickets_for(
    files: PolicyFiles, *, source: Path | None, format_: str, count: int, map_path: Path | None = None
) -> tuple[Ticket, ...]:
    """`count` tickets from the file, or of the bundled sample, told again under new numbers when there are too few.

    All are created now: a demo of yesterday's tickets would begin red. Raises CannotGoOn.
    """
    now = utc_now()
    if source is None:
        found: Sequence[Ticket] = reading.sample(files, now)
    else:
        found = _read(files, source, format_=format_, map_path=map_path, rows=count * 2, at=now)
    if not found:
        raise CannotGoOn("The file holds no ticket that can be played: try `vocloop import FILE --dry-run`.")
    return tuple(
        ticket.model_copy(update={"ticket_no": f"{ticket.ticket_no}-{turn}" if turn else ticket.ticket_no})
        for turn, ticket in islice(_again(found), count)
    )


def _read(
    files: PolicyFiles, source: Path, *, format_: str, map_path: Path | None, rows: int, at: datetime
) -> list[Ticket]:
    """The tickets among the file's first `rows`. Raises CannotGoOn when it cannot be read as what it is said to be."""
    try:
        read = reading.read_tickets(source, format=format_, policy=files, received_at=at, map_path=map_path, limit=rows)
        return [row.ticket for row in read if isinstance(row, Accepted)]
    except ImportFileError as error:
        raise CannotGoOn(str(error)) from None


def cast(tickets: Sequence[Ticket], policy: Policy, *, seed: int) -> tuple[Casting, ...]:
    """Who plays what. Every script is cast in turn; those that move a complaint go to owners who may move it."""
    dice = random.Random(seed)
    shuffled = dice.sample(tickets, len(tickets))
    movable = [ticket for ticket in shuffled if _may_be_moved(ticket, policy)]
    others = [ticket for ticket in shuffled if ticket not in movable]
    castings: list[Casting] = []
    for script in islice(cycle(SCRIPTS), len(tickets)):
        wanted, second = (movable, others) if script in MOVING else (others, movable)
        is_playable = bool(movable) or script not in MOVING
        castings.append(((wanted or second).pop(), script if is_playable else swift))
    return tuple(castings)


async def play(
    world: World, castings: Sequence[Casting], *, seed: int, on_done: Callable[[str], None]
) -> tuple[str, ...]:
    """Open every ticket and play its script, a few at a time; returns what the product spoilt before the actors' eyes.

    `on_done` hears each ticket's number.
    """
    spoilt: list[str] = []
    departments = world.files.policy_at(utc_now()).matrix.departments()
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(ticket: Ticket, script: Script) -> None:
        async with gate:
            await world.open(ticket.model_copy(update={"created_at": utc_now() - _ON_ITS_WAY}))
            player = Player(world, ticket.ticket_no, departments, seed=f"{seed}:{ticket.ticket_no}")
            await player.be_dispatched()
            try:
                await script(player)
            except PlaySpoiltError as error:
                spoilt.append(str(error))
            await world.settled(ticket.ticket_no)
            on_done(ticket.ticket_no)

    crowd = castings[:-1] if len(castings) >= WITH_FINALE else castings
    async with asyncio.TaskGroup() as group:
        for ticket, script in crowd:
            group.create_task(one(ticket, script))
    for ticket, _ in castings[len(crowd) :]:
        await one(ticket, FINALE)
    return tuple(spoilt)


def _may_be_moved(ticket: Ticket, policy: Policy) -> bool:
    ruling = policy.matrix.rule(ticket.tags)
    return ruling is not None and not ruling.is_grey


def _again(tickets: Sequence[Ticket]) -> "zip[tuple[int, Ticket]]":
    turns = (turn for turn in range(1_000_000) for _ in tickets)
    return zip(turns, cycle(tickets), strict=False)
