"""However many watch, the ledger is read once a tick, and not at all when nobody does; who may no more is let go."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

from ledger.database import LedgerUnavailable
from ledger.wall import Tick
from starter.web.live_feed import LiveFeed, Watcher
from tests.builders import SECOND, T0

SOON = timedelta(milliseconds=5)
SOMEBODY = Watcher("session-1", "T-1")


class Ledger:
    """Counts how often it is read; every tick is a second later."""

    def __init__(self, *, away: int = 0, broken: int = 0) -> None:
        self.reads, self._away, self._broken = 0, away, broken
        self.subjects: list[frozenset[str]] = []
        self.asked: list[frozenset[str]] = []
        self.over: set[str] = set()

    async def admitted(self, held: frozenset[str]) -> frozenset[str]:
        self.asked.append(held)
        return held - self.over

    async def read(self, subjects: frozenset[str]) -> Tick:
        self.reads += 1
        self.subjects.append(subjects)
        if self.reads <= self._away:
            raise LedgerUnavailable("The ledger is away.")
        if self.reads <= self._broken:
            raise RuntimeError("nobody foresaw this")
        return Tick(at=T0 + self.reads * SECOND, standing=(), reds=(), oldest=())


async def first(watching: AsyncGenerator[Tick | None], count: int) -> list[Tick | None]:
    return [await anext(watching) for _ in range(count)]


async def test_many_watchers_cost_one_reading_a_tick() -> None:
    ledger = Ledger()
    feed = LiveFeed(ledger.read, ledger.admitted, every=SOON)
    watching = [feed.watch(Watcher(f"session-{n}", f"T-{n % 3}")) for n in range(50)]
    shown = await asyncio.gather(*(first(each, 4) for each in watching))
    assert all(len({tick.at for tick in each if tick}) == 4 for each in shown)
    assert ledger.reads <= 3 * 4  # fifty who read for themselves would need two hundred
    assert ledger.subjects[-1] == {"T-0", "T-1", "T-2"}
    assert len(ledger.asked[-1]) == 50
    assert len(ledger.asked) <= 3 * 4
    await asyncio.gather(*(each.aclose() for each in watching))


async def test_nobody_watches_and_nothing_is_read() -> None:
    ledger = Ledger()
    feed = LiveFeed(ledger.read, ledger.admitted, every=SOON)
    watching = feed.watch(SOMEBODY)
    await first(watching, 2)
    await watching.aclose()
    so_far = ledger.reads
    await asyncio.sleep(10 * SOON.total_seconds())
    assert (feed.watchers, ledger.reads) == (0, so_far)


async def test_who_comes_back_sees_the_present_not_the_past() -> None:
    ledger = Ledger()
    feed = LiveFeed(ledger.read, ledger.admitted, every=SOON)
    before = feed.watch(SOMEBODY)
    (old,) = await first(before, 1)
    await before.aclose()
    after = feed.watch(SOMEBODY)
    (new,) = await first(after, 1)
    await after.aclose()
    assert old is not None
    assert new is not None
    assert new.at > old.at


async def test_a_slow_watcher_misses_ticks_and_sees_the_newest() -> None:
    ledger = Ledger()
    feed = LiveFeed(ledger.read, ledger.admitted, every=SOON)
    slow = feed.watch(SOMEBODY)
    await first(slow, 1)
    await asyncio.sleep(20 * SOON.total_seconds())
    newest = T0 + ledger.reads * SECOND
    (tick,) = await first(slow, 1)
    assert tick is not None
    assert newest > T0 + 2 * SECOND
    assert tick.at >= newest
    await slow.aclose()


async def test_a_ledger_that_is_away_is_said_so_and_read_again() -> None:
    for ledger in (Ledger(away=2), Ledger(broken=2)):
        feed = LiveFeed(ledger.read, ledger.admitted, every=SOON)
        watching = feed.watch(SOMEBODY)
        shown = await first(watching, 1)
        while shown[-1] is None:
            shown += await first(watching, 1)
        assert shown[0] is None
        await watching.aclose()


async def test_who_may_watch_no_longer_is_let_go_and_the_others_go_on() -> None:
    ledger = Ledger()
    feed = LiveFeed(ledger.read, ledger.admitted, every=SOON)
    leaving, staying = feed.watch(Watcher("ended")), feed.watch(Watcher("good"))
    await asyncio.gather(first(leaving, 1), first(staying, 1))
    ledger.over.add("ended")
    async with asyncio.timeout(5):
        assert len([tick async for tick in leaving]) <= 2  # those that were made before it was asked again
    assert len(await first(staying, 2)) == 2
    assert feed.watchers == 1
    await staying.aclose()
