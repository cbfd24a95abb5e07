"""What is done with personal data for many complaints at once: erasing it everywhere we keep it, and in its time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.retention import Keeping, Step
from ledger import erasing, restricting
from ledger.erasing import Erased
from ledger.retention import Due, due
from ledger.scrubbing import scrub
from policy.retention import load_retention
from settings import Settings
from starter.evidence.opening import open_store
from starter.evidence.store import EvidenceStore

MOST_AT_ONCE = 2_000  # complaints a day; the rest on the days after
BY = "retention"


class Kept(NamedTuple):
    """What was due, and what was done: held ones were left."""

    due: tuple[Due, ...]
    restricted: int
    erased: int
    held: int

    @property
    def told(self) -> str:
        return f"{self.erased} erased, {self.restricted} restricted, {self.held} under legal hold left"


async def erase_all(
    engine: AsyncEngine,
    store: EvidenceStore,
    ticket_nos: Iterable[str],
    *,
    at: datetime,
    by: str,
    why: str,
    is_forced: bool = False,
    dry: bool = False,
) -> tuple[Erased, ...]:
    """Erase each that may be, its files, and what the database's own files still have of it.

    Safe to repeat: what was broken off is done by doing it again. Raises LedgerUnavailable, StoreUnavailable.
    """
    done = []
    for ticket_no in ticket_nos:
        each = await erasing.erase(engine, ticket_no, at=at, by=by, why=why, is_forced=is_forced, dry=dry)
        done.append(each)
        for sha256 in () if each.refused or dry else each.files:
            await store.erase(sha256)
    if not dry and any(each.refused is None for each in done):
        await scrub(engine)
    return tuple(done)


async def keep_in_time(
    engine: AsyncEngine, store: EvidenceStore, keepings: Sequence[Keeping], *, at: datetime, dry: bool = False
) -> Kept:
    """Restrict and erase what is due by `at`. Safe to repeat. Raises LedgerUnavailable, StoreUnavailable."""
    found = await due(engine, keepings, at=at, limit=MOST_AT_ONCE)
    free = [each for each in found if not each.is_held]
    to_restrict = [each for each in free if each.step is Step.RESTRICT]
    to_erase = [each.ticket_no for each in free if each.step is Step.ERASE]
    if not dry:
        for each in to_restrict:
            await restricting.restrict(engine, each.ticket_no, at=at, by=BY, why=each.record)
        await erase_all(engine, store, to_erase, at=at, by=BY, why="the policy's time is over")
        if to_restrict and not to_erase:
            await scrub(engine)
    return Kept(found, len(to_restrict), len(to_erase), len(found) - len(free))


async def duty(due_at: datetime, *, engine: AsyncEngine, settings: Settings) -> str:
    """Once a day. Raises PolicyError, LedgerUnavailable, StoreUnavailable, to be repeated."""
    kept = await keep_in_time(engine, open_store(settings), load_retention(settings.policy), at=due_at)
    return kept.told
