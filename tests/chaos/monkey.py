"""A seeded monkey: what it breaks, where, when and for how long comes from its dice alone."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from tests.chaos.household import Household

KILL, STOP, FULL, DROP, DELAY, DEAF = "kill", "stop", "disk full", "drop", "delay", "refuse"
_FULL_BYTES = 4096  # no file of a starved process grows beyond it: every database and every log is full


class Fault(NamedTuple):
    """`after_s` the one before, something is done to `target`, for `lasts_s` where it lasts."""

    after_s: float
    kind: str
    target: str
    lasts_s: float


class Survived(NamedTuple):
    """One row of the table: how often a fault was done to a target, and how often the target was there again."""

    kind: str
    target: str
    times: int
    survived: int


def pranks(seed: int, *, parts: tuple[str, ...], proxies: tuple[str, ...], pace_s: float) -> Iterator[Fault]:
    """Without end. Each kind of fault meets each target once before any of them comes again."""
    dice = random.Random(f"monkey:{seed}")
    starved = [name for name in ("worker", "api") if name in parts]
    every = [(kind, name) for kind in (KILL, STOP) for name in parts]
    every += [(FULL, name) for name in starved]
    every += [(kind, name) for kind in (DROP, DELAY, DEAF) for name in proxies]
    while True:
        for kind, target in dice.sample(every, len(every)):
            yield Fault(dice.uniform(0.5, 1.5) * pace_s, kind, target, dice.uniform(1, 6))


class Monkey:
    """Breaks one thing after another in a household and sees whether each comes back."""

    def __init__(self, household: Household, *, seed: int, pace_s: float) -> None:
        self._household = household
        names = tuple(household.members), tuple(household.proxies)
        self._pranks = pranks(seed, parts=names[0], proxies=names[1], pace_s=pace_s)
        self._done: Counter[tuple[str, str]] = Counter()
        self._survived: Counter[tuple[str, str]] = Counter()

    @property
    def faults(self) -> int:
        return sum(self._done.values())

    async def rage(self, *, at_least: int, until: asyncio.Event) -> None:
        """Until the event is set, and then until so many faults were done."""
        while not (until.is_set() and self.faults >= at_least):
            fault = next(self._pranks)
            await asyncio.sleep(fault.after_s)
            await self._do(fault)

    async def _do(self, fault: Fault) -> None:
        key = fault.kind, fault.target
        self._done[key] += 1
        if fault.target in self._household.proxies and fault.kind in (DROP, DELAY, DEAF):
            await self._on_the_line(fault)
        else:
            await self._to_the_process(fault)
        try:
            for member in self._household.members.values():
                await member.ready()
        except TimeoutError:
            return
        self._survived[key] += 1

    async def _on_the_line(self, fault: Fault) -> None:
        proxy = self._household.proxies[fault.target]
        if fault.kind == DROP:
            proxy.drop()
        elif fault.kind == DELAY:
            proxy.delay_s = fault.lasts_s / 10
            await asyncio.sleep(fault.lasts_s)
            proxy.delay_s = 0.0
        else:
            proxy.refuse(is_deaf=True)
            await asyncio.sleep(fault.lasts_s)
            proxy.refuse(is_deaf=False)

    async def _to_the_process(self, fault: Fault) -> None:
        member = self._household.members[fault.target]
        if fault.kind == KILL:
            member.signal(signal.SIGKILL)
        elif fault.kind == STOP:
            member.signal(signal.SIGSTOP)
            await asyncio.sleep(fault.lasts_s)
            member.signal(signal.SIGCONT)
        else:
            member.limit_files(_FULL_BYTES)
            await asyncio.sleep(fault.lasts_s)
            member.limit_files(-1)

    def table(self) -> list[Survived]:
        return [Survived(*key, count, self._survived[key]) for key, count in sorted(self._done.items())]
