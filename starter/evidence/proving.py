"""The files of evidence read whole, a part of them each day: one that was lost is known before it is asked for."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from ledger import evidence_checks, evidence_named
from ledger.evidence_named import Named
from settings import Settings
from starter.evidence.opening import open_store
from starter.evidence.store import EvidenceStore
from starter.evidence.verifying import faults_of

ROUND_DAYS = 30  # each file once in so many performances
LASTING = timedelta(minutes=5)  # a performance may take ten
_KEPT_AT_ONCE = 20  # files, then it is written down what was found
_NEVER = datetime.min.replace(tzinfo=UTC)

_log = logging.getLogger("vocloop.evidence")


class Proven(NamedTuple):
    """`files` of `all_files` were read, `faults` of them not whole."""

    files: int
    all_files: int
    faults: int

    @property
    def told(self) -> str:
        return f"{self.files} of {self.all_files} files read, {self.faults} faults"


async def prove(
    engine: AsyncEngine, store: EvidenceStore, *, at: datetime, clock: Callable[[], float], lasting: timedelta = LASTING
) -> Proven:
    """Read the day's share: those that were faulty, then those never read, then those read longest ago.

    What was found is written down every few files, so that whoever is cut off goes on where it was. It stops `lasting`
    after its begin, by `clock` in seconds. Raises LedgerUnavailable, StoreUnavailable.
    """
    due, all_files = await _due(engine, at=at)
    end, files, faults = clock() + lasting.total_seconds(), 0, 0
    for begin in range(0, len(due), _KEPT_AT_ONCE):
        some = due[begin : begin + _KEPT_AT_ONCE]
        found = await faults_of(engine, store, some)
        await evidence_checks.keep(engine, {each.sha256: found.get(each.sha256, "") for each in some}, at=at)
        files, faults = files + len(some), faults + len(found)
        if clock() >= end:
            break
    return Proven(files, all_files, faults)


async def duty(due_at: datetime, *, engine: AsyncEngine, settings: Settings) -> str:
    """Once a day. Raises LedgerUnavailable, StoreUnavailable, to be repeated."""
    clock = asyncio.get_running_loop().time
    proven = await prove(engine, open_store(settings), at=due_at, clock=clock)
    if proven.faults:
        _log.warning("%s: `vocloop doctor` names them", proven.told)
    return proven.told


async def _due(engine: AsyncEngine, *, at: datetime) -> tuple[list[Named], int]:
    """The day's share, without those that were read at `at` already; and how many files there are."""
    named = await evidence_named.every(engine)
    before = {each.sha256: each for each in await evidence_checks.every(engine)}

    def urgency(each: Named) -> tuple[bool, datetime]:
        check = before.get(each.sha256)
        return (check is None or not check.fault, check.checked_at if check else _NEVER)

    done = {check.sha256 for check in before.values() if check.checked_at >= at}
    share = max(-(-len(named) // ROUND_DAYS) - len(done), 0)
    again = sum(1 for check in before.values() if check.fault and check.sha256 not in done)
    due = [each for each in sorted(named, key=urgency) if each.sha256 not in done]
    return due[: share + again], len(named)
