"""However many watch, the ledger is read once a tick, and not at all when nobody does."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

from ledger.database import LedgerUnavailable
from ledger.wall import Tick
from starter.web.board_feed import BoardFeed
from tests.builders import SECOND, T0

SOON = timedelta(milliseconds=5)


class Ledger:
    """Counts how often it is read; every tick is a second later."""

    def __init__(self, *, away: int = 0, broken: int = 0) -> None:
        self.reads, self._away, self._broken = 0, away, broken

    async def read(self) -> Tick:
        self.reads += 1
        if self.reads <= self._away:
            raise LedgerUnavailable("The ledger is away.")
        if self.reads <= self._broken:
            raise RuntimeError("nobody foresaw this")
        return Tick(at=T0 + self.reads * SECOND, standing=(), reds=(), oldest=())


async def first(watching: AsyncGenerator[Tick | None], count: int) -> list[Tick | None]:
    return [await anext(watching) for _ in range(count)]


async def test_many_watchers_cost_one_reading_a_tick() -> None:
    ledger = Ledger()
    feed = BoardFeed(ledger.read, every=SOON)
    watching = [feed.watch() for _ in range(50)]
    shown = await asyncio.gather(*(first(each, 4) for each in watching))
    assert all(len({tick.at for tick in each if tick}) == 4 for each in shown)
    assert ledger.reads <= 3 * 4  # fifty who read for themselves would need two hundred
    await asyncio.gather(*(each.aclose() for each in watching))


async def test_nobody_watches_and_nothing_is_read() -> None:
    ledger = Ledger()
    feed = BoardFeed(ledger.read, every=SOON)
    watching = feed.watch()
    await first(watching, 2)
    await watching.aclose()
    so_far = ledger.reads
    await asyncio.sleep(10 * SOON.total_seconds())
    assert (feed.watchers, ledger.reads) == (0, so_far)


async def test_who_comes_back_sees_the_present_not_the_past() -> None:
    ledger = Ledger()
    feed = BoardFeed(ledger.read, every=SOON)
    before = feed.watch()
    (old,) = await first(before, 1)
    await before.aclose()
    after = feed.watch()
    (new,) = await first(after, 1)
    await after.aclose()
    assert old is not None
    assert new is not None
    assert new.at > old.at


async def test_a_slow_watcher_misses_ticks_and_sees_the_newest() -> None:
    ledger = Ledger()
    feed = BoardFeed(ledger.read, every=SOON)
    slow = feed.watch()
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
        feed = BoardFeed(ledger.read, every=SOON)
        watching = feed.watch()
        shown = await first(watching, 1)
        while shown[-1] is None:
            shown += await first(watching, 1)
        assert shown[0] is None
        await watching.aclose()
