"""`make chaos`: complaints played on real time against real processes, while a seeded monkey breaks them.

.venv/bin/python -m tests.chaos.run [--seed 7] [--complaints 200] [--faults 30] [--database postgresql]
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from domain.events import Event
from settings import utc_now
from starter.embedded.parts import api_address, crm_address
from starter.home import local_key
from tests.chaos.actors import Book, Cast, Doors
from tests.chaos.collecting import IN_FLIGHT, collected
from tests.chaos.household import POSTGRESQL, SQLITE, Household, a_household
from tests.chaos.judging import judged
from tests.chaos.monkey import Monkey, Survived

_SAYS_S = 15.0


Beside = Callable[[Book], Coroutine[Any, Any, None]]


class Asked(NamedTuple):
    """How a run is to be. `pace_s` is between two faults, `pause_s` between two acts of a cast, on average;
    `at_once` is how many complaints are played at the same time, `play_s` how long all of it may take.
    """

    seed: int = 7
    complaints: int = 200
    faults: int = 30
    horizon_s: float = 60.0
    pace_s: float = 4.0
    pause_s: float = 2.0
    patience_s: float = 300.0
    at_once: int = 24
    play_s: float = 1800.0


class Outcome(NamedTuple):
    """`broken` is what is wrong by promise; `seconds` is how long all of it took."""

    survived: Sequence[Survived]
    broken: dict[str, tuple[str, ...]]
    complaints: int
    answered: int
    tries: int
    events: int
    deadlines: int
    seconds: float

    @property
    def is_whole(self) -> bool:
        return not any(self.broken.values()) and all(row.times == row.survived for row in self.survived)


async def run(asked: Asked, household: Household, *, beside: Beside | None = None) -> Outcome:
    """Play, break, wait until all is quiet, and judge. What goes on `beside` the play is over before it."""
    begun = time.monotonic()
    book, over = Book(), asyncio.Event()
    monkey = Monkey(household, seed=asked.seed, pace_s=asked.pace_s)
    headers = {"Authorization": f"Bearer {local_key(household.settings.home)}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False, timeout=20) as http,
        asyncio.TaskGroup() as group,
    ):
        doors = Doors(http, api=api_address(household.settings), crm=crm_address(household.ports), book=book)
        telling = group.create_task(_tell(book, monkey, asked.complaints))
        raging = group.create_task(monkey.rage(at_least=asked.faults, until=over)) if asked.faults else None
        doing = group.create_task(beside(book)) if beside else None
        unanswered = await _play(asked, doors)
        over.set()
        if raging:
            await raging
        if doing:
            await doing
        telling.cancel()
    await asyncio.sleep(asked.horizon_s + IN_FLIGHT.total_seconds())  # the last deadline has fallen due by then
    after = await collected(household, book, at=utc_now(), patience_s=asked.patience_s)
    events = sum(len(record.events) for record in after.records)
    fired = sum(has_fired_by_itself(record.events, event) for record in after.records for event in record.events)
    counts = len(book.created), len(book.answered), book.tries, events, fired
    broken = {"everybody got an answer": unanswered, **judged(after)}
    return Outcome(monkey.table(), broken, *counts, time.monotonic() - begun)


def has_fired_by_itself(events: Sequence[Event], event: Event) -> bool:
    """Whether it is a deadline that fell due after the complaint was opened, while it was played."""
    return event.kind in ("clock_warned", "clock_breached", "escalation_raised") and event.at > events[0].noticed_at


async def _play(asked: Asked, doors: Doors) -> tuple[str, ...]:
    """The complaints whose people still waited when it had taken too long."""
    gate = asyncio.Semaphore(asked.at_once)
    dice = random.Random(f"play:{asked.seed}")
    begins = [dice.uniform(0, asked.faults * asked.pace_s) for _ in range(asked.complaints)]  # beside the faults

    async def one(number: int) -> None:
        await asyncio.sleep(begins[number - 1])
        async with gate:
            cast = Cast(doors, number, seed=asked.seed, horizon_s=asked.horizon_s, pause_s=asked.pause_s)
            await cast.live()

    plays = [asyncio.create_task(one(number), name=f"CHAOS-{number}") for number in range(1, asked.complaints + 1)]
    try:
        await asyncio.wait(plays, timeout=asked.play_s, return_when=asyncio.FIRST_EXCEPTION)
        waiting = [play.get_name() for play in plays if not play.done()]
        failed = [play for play in plays if play.done() and play.exception()]
    finally:
        for play in plays:
            play.cancel()
    for play in failed:
        play.result()  # raises what it raised
    return tuple(f"{ticket_no}: somebody still waits for an answer" for ticket_no in waiting)


async def _tell(book: Book, monkey: Monkey, complaints: int) -> None:
    while True:
        await asyncio.sleep(_SAYS_S)
        done = f"{len(book.created)} of {complaints} tickets, {len(book.answered)} answers, {monkey.faults} faults"
        print(f"  {done} …", file=sys.stderr, flush=True)


def table(outcome: Outcome) -> str:
    """Fault × count × survived, then the promises."""
    lines = [f"{'fault':<12}{'on':<12}{'count':>6}{'survived':>10}"]
    lines += [f"{row.kind:<12}{row.target:<12}{row.times:>6}{row.survived:>10}" for row in outcome.survived]
    total = sum(row.times for row in outcome.survived)
    lines += [f"{'all':<24}{total:>6}{sum(row.survived for row in outcome.survived):>10}", ""]
    return "\n".join([*lines, kept(outcome)])


def kept(outcome: Outcome) -> str:
    """Each promise and whether it was kept, and how much was played."""
    lines: list[str] = []
    for promise, faults in outcome.broken.items():
        lines.append(f"{promise:<36}{'kept' if not faults else f'BROKEN {len(faults)} times'}")
        lines += [f"    {fault}" for fault in faults[:10]]
    counts = f"{outcome.complaints} complaints, {outcome.answered} answers to {outcome.tries} requests"
    counts += f", {outcome.events} events, "
    return "\n".join(
        [*lines, "", f"{counts}{outcome.deadlines} deadlines that fell due meanwhile, {outcome.seconds:.0f} s."]
    )


async def _main(asked: Asked, home: Path, *, database: str) -> int:
    async with a_household(home, database=database) as household:
        outcome = await run(asked, household)
    print(table(outcome))
    if outcome.is_whole:
        shutil.rmtree(home)
        return 0
    again = f"--seed {asked.seed} --complaints {asked.complaints} --faults {asked.faults} --database {database}"
    print(f'\nTo play it again: make chaos ARGS="{again}"; the logs are in {home / "logs"}.')
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--complaints", type=int, default=200)
    parser.add_argument("--faults", type=int, default=30, help="at least so many; 0 leaves everything alone")
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    given = parser.parse_args(arguments)
    print(f"Seed {given.seed}: {given.complaints} complaints, at least {given.faults} faults.", flush=True)
    asked = Asked(seed=given.seed, complaints=given.complaints, faults=given.faults)
    return asyncio.run(_main(asked, Path(tempfile.mkdtemp(prefix="vocloop-chaos-")), database=given.database))


if __name__ == "__main__":
    sys.exit(main())
